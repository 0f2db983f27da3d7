#include "http/StreamQuery.h"

#include <algorithm>

#include "base/Pattern.h"
#include "event/EventBatch.h"
#include "event/EventId.h"
#include "http/Since.h"
#include "http/WholeNumber.h"

namespace sluice {
namespace {

void sortUnique(std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

HttpResponse responseOf(const FilterRefusal& refusal) {
    using Reason = FilterRefusal::Reason;
    const auto error = [&](int status, std::string_view code) {
        return errorResponse(status, {code, "filter", refusal.message, refusal.hint, refusal.column,
                                      refusal.excerpt});
    };
    switch (refusal.reason) {
        case Reason::NotAllowed:
            return error(403, "filter-not-allowed");
        case Reason::BadExpression:
            return error(400, "bad-filter");
        case Reason::TooCostly:
            return error(400, "filter-too-costly");
        case Reason::TooMany:
            return error(503, "too-many-filters").with("Retry-After", "30");
    }
    return error(400, "bad-filter");
}

class Reader {
  public:
    Reader(const HttpRequest& request, const StreamQueryContext& context, StreamQuery& query)
        : request_{request}, context_{context}, query_{query} {}

    std::optional<HttpResponse> read() {
        const auto parameters = parseParameters(request_.query());
        if (!parameters)
            refuse("query", "the query is not valid: a % must be followed by two hex digits", "");
        readPath();
        if (parameters)
            for (const auto& [name, value] : *parameters) parameter(name, value);
        finish();
        return std::move(error_);
    }

  private:
    void refuse(std::string_view field, std::string_view message, std::string_view hint) {
        if (!error_) error_ = errorResponse(400, {"bad-request", field, message, hint});
    }

    void readPath() {
        const std::string_view path = request_.path();
        const std::string_view rest = path.substr(std::min(context_.path.size() + 1, path.size()));
        if (rest.empty()) return;
        const auto channel = percentDecode(rest, false);
        if (!channel) return refuse("path", "a % must be followed by two hex digits", "");
        addChannel(*channel, "path");
    }

    void parameter(const std::string& name, const std::string& value) {
        if (name == "channels") return eachOf(value, [&](auto one) { addChannel(one, name); });
        if (name == "types") return eachOf(value, [&](auto one) { addType(one); });
        if (name == "last_event_id" || name == "lastEventId") return queryId(name, value);
        if (name == "from") return from(value);
        if (name == "since") return since(value);
        if (name == "limit") return limit(value);
        if (name == "filter") return filter(value);
        if (name == "envelope") return envelope(value);
        if (name == "control") return control(value);
    }

    template <typename Take>
    static void eachOf(std::string_view list, Take take) {
        while (!list.empty()) {
            const std::size_t comma = list.find(',');
            if (comma != 0) take(list.substr(0, comma));
            list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        }
    }

    void addChannel(std::string_view text, std::string_view field) {
        Pattern::Error error;
        if (!mayNameChannels(text))
            return refuse(field, "this is no channel name",
                          "1 to 255 bytes of UTF-8 without control characters, comma, ? and #, not "
                          "beginning with sluice.");
        if (!Pattern::parse(text, '/', &error)) return refuse(field, error.message, error.hint);
        auto& channels = query_.spec.channels;
        if (std::find(channels.begin(), channels.end(), text) != channels.end()) return;
        if (channels.size() == context_.channelsMax)
            return refuse(
                field,
                "a stream takes at most " + std::to_string(context_.channelsMax) + " channels",
                "use a pattern such as orders/{region}, or several streams");
        channels.emplace_back(text);
    }

    void addType(std::string_view type) {
        if (!isEventType(type))
            return refuse("types", "this is no event type",
                          "at most 255 bytes of UTF-8 without line ends");
        if (query_.spec.types.size() == kParametersMax)
            return refuse("types", "too many types", "leave types out to get all events");
        query_.spec.types.emplace_back(type);
    }

    void queryId(const std::string& name, const std::string& value) {
        if (value.empty() || hasHeaderId()) return;
        if (!parseEventId(value))
            return refuse(name, "this is no event id",
                          "send the id of the last event that was received, whole");
        query_.resume.idText = value;
    }

    bool hasHeaderId() const { return !request_.header("last-event-id").value_or("").empty(); }

    void from(std::string_view value) {
        Start& start = query_.resume.start;
        begins_.push_back("from");
        std::int64_t count = 0;
        if (value == "live") {
            start.kind = Start::Kind::Live;
        } else if (value == "earliest") {
            start.kind = Start::Kind::Earliest;
        } else if (value == "snapshot") {
            start.kind = Start::Kind::Snapshot;
        } else if (readWhole(value, count) && count < 0 && count >= -std::int64_t{UINT32_MAX}) {
            start.kind = Start::Kind::Last;
            start.count = static_cast<std::uint32_t>(-count);
        } else {
            refuse("from", "from cannot be \"" + std::string{value} + "\"",
                   "write from=live, from=earliest, from=snapshot, or from=-10 for the last ten "
                   "events");
        }
    }

    void since(std::string_view value) {
        begins_.push_back("since");
        const auto ms = parseSince(value, context_.nowMs);
        if (!ms)
            return refuse("since", "since is no point in time",
                          "write since=2026-11-24T10:00:00Z, milliseconds since 1970, or -15min");
        query_.resume.start = {Start::Kind::Since, 0, *ms};
    }

    void limit(std::string_view value) {
        std::uint64_t count = 0;
        if (!readWhole(value, count) || count == 0)
            return refuse("limit", "limit is no number from 1", "write limit=10");
        query_.resume.limit = count;
    }

    void filter(const std::string& value) {
        if (filter_) return refuse("filter", "there is more than one filter", "join them by &&");
        filter_ = value;
    }

    /// REQUIRES: all channels are known.
    void obtainFilter() {
        if (!filter_ || error_) return;
        if (context_.filters == nullptr)
            return refuse("filter", "filters are not taken here", "leave it out");
        auto made = context_.filters->obtain(*filter_, query_.spec.channels);
        if (auto* const filter = std::get_if<EventFilterPtr>(&made))
            query_.spec.filter = std::move(*filter);
        else
            error_ = responseOf(std::get<FilterRefusal>(made));
    }

    void envelope(std::string_view value) {
        if (value != "json")
            return refuse("envelope", "this envelope is not known", "write envelope=json");
        query_.spec.envelope = true;
    }

    void control(std::string_view value) {
        if (value != "comments" && value != "events")
            return refuse("control", "this is no way to show control blocks",
                          "write control=comments, or leave it out");
        query_.spec.control = value == "comments" ? Control::Comments : Control::Events;
    }

    void finish() {
        if (begins_.size() > 1 && !error_)
            refuse(begins_.back(), "where to begin is said more than once",
                   "write one of from= and since=, once");
        const std::string prefix{context_.path};
        if (query_.spec.channels.empty())
            refuse("channels", "no channel is named",
                   "ask for " + prefix + "/NAME or " + prefix + "?channels=A,B");
        sortUnique(query_.spec.channels);
        sortUnique(query_.spec.types);
        obtainFilter();
        query_.spec.framing = request_.isHttp10() ? Framing::Close : Framing::Chunked;
        if (hasHeaderId()) query_.resume.idText = std::string{*request_.header("last-event-id")};
    }

    const HttpRequest& request_;
    const StreamQueryContext& context_;
    StreamQuery& query_;
    std::vector<std::string_view> begins_;
    std::optional<std::string> filter_;
    std::optional<HttpResponse> error_;  // the first one
};

}  // namespace

std::optional<HttpResponse> readStreamQuery(const HttpRequest& request,
                                            const StreamQueryContext& context, StreamQuery& query) {
    query = StreamQuery{};
    return Reader{request, context, query}.read();
}

}  // namespace sluice
