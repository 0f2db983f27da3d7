#include "http/HistoryQuery.h"

#include <algorithm>

#include "base/Pattern.h"
#include "event/EventBatch.h"
#include "event/EventId.h"
#include "http/Since.h"
#include "http/WholeNumber.h"

namespace sluice {
namespace {

constexpr std::string_view kPath = "/history/";

class Reader {
  public:
    Reader(const HistoryOptions& options, std::int64_t nowMs, HistoryQuery& query)
        : options_{options}, nowMs_{nowMs}, query_{query} {}

    std::optional<HttpResponse> read(const HttpRequest& request) {
        query_.request.start.kind = Start::Kind::Earliest;
        query_.request.eventsMax = std::min(options_.eventsDefault, options_.eventsMax);
        query_.request.bytesMax = options_.bytesMax;
        channel(request.path());
        if (const auto parameters = parseParameters(request.query()))
            for (const auto& [name, value] : *parameters) parameter(name, value);
        else
            refuse("query", "the query is not valid: a % must be followed by two hex digits", "");
        query_.isFixed = hasFixedStart_ && !endMoves_;
        return std::move(error_);
    }

  private:
    void refuse(std::string_view field, std::string_view message, std::string_view hint) {
        if (!error_) error_ = errorResponse(400, {"bad-request", field, message, hint});
    }

    void channel(std::string_view path) {
        const auto name = percentDecode(path.substr(std::min(kPath.size(), path.size())), false);
        if (!name || !mayNameChannels(*name))
            return refuse("path", "this is no channel name", "ask for /history/NAME");
        const auto pattern = Pattern::parse(*name, '/', nullptr);
        if (!pattern || !pattern->isLiteral())
            return refuse("path", "history is of one channel, and this is a pattern",
                          "ask for each channel, or for a stream: /events/PATTERN?from=earliest");
        query_.request.channel = *name;
    }

    void parameter(const std::string& name, const std::string& value) {
        if (name == "after") return after(value);
        if (name == "since") return since(value);
        if (name == "from") return from(value);
        if (name == "until") return until(value);
        if (name == "limit") return limit(value);
        if (name == "filter" || name == "types" || name == "channels")
            refuse(name, "history does not take this",
                   "ask for a stream, or poll: /poll/CHANNEL?from=earliest");
    }

    void beginAt(std::string_view field) {
        if (hasStart_)
            refuse(field, "where to begin is said more than once",
                   "write one of after=, since= and from=, once");
        hasStart_ = true;
    }

    void after(const std::string& value) {
        beginAt("after");
        if (!parseEventId(value))
            return refuse("after", "this is no event id",
                          "send the id of the last event that was received, whole");
        query_.request.after = value;
        hasFixedStart_ = true;
    }

    void since(std::string_view value) {
        beginAt("since");
        const auto ms = parseSince(value, nowMs_);
        if (!ms) return refuse("since", "since is no point in time", kTimeHint);
        query_.request.start = {Start::Kind::Since, 0, *ms};
        hasFixedStart_ = !value.starts_with('-');
    }

    void from(std::string_view value) {
        beginAt("from");
        std::int64_t count = 0;
        if (value == "earliest") return;
        if (!readWhole(value, count) || count >= 0 || count < -std::int64_t{UINT32_MAX})
            return refuse("from", "from cannot be \"" + std::string{value} + "\"",
                          "write from=earliest, or from=-10 for the last ten events");
        query_.request.start = {Start::Kind::Last, static_cast<std::uint32_t>(-count), 0};
    }

    void until(const std::string& value) {
        const auto ms = parseSince(value, nowMs_);
        if (!ms) return refuse("until", "until is no point in time", kTimeHint);
        query_.request.untilMs = *ms;
        endMoves_ = value.starts_with('-');
        query_.rest += "&until=" + std::to_string(*ms);
    }

    void limit(std::string_view value) {
        std::uint64_t count = 0;
        if (!readWhole(value, count) || count == 0 || count > options_.eventsMax)
            return refuse("limit",
                          "limit is no number from 1 to " + std::to_string(options_.eventsMax),
                          "write limit=100, and follow the link in \"next\"");
        query_.request.eventsMax = count;
        query_.rest += "&limit=" + std::to_string(count);
    }

    static constexpr std::string_view kTimeHint =
        "write 2026-11-24T10:00:00Z, milliseconds since 1970, or -15min";

    const HistoryOptions& options_;
    const std::int64_t nowMs_;
    HistoryQuery& query_;
    bool hasStart_ = false, hasFixedStart_ = false, endMoves_ = false;
    std::optional<HttpResponse> error_;  // the first one
};

}  // namespace

std::optional<HttpResponse> readHistoryQuery(const HttpRequest& request,
                                             const HistoryOptions& options, std::int64_t nowMs,
                                             HistoryQuery& query) {
    query = HistoryQuery{};
    return Reader{options, nowMs, query}.read(request);
}

}  // namespace sluice
