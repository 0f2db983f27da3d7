#include "console/TapHandler.h"

#include <charconv>
#include <utility>

#include "base/JsonText.h"
#include "console/MessageJson.h"
#include "mapping/ExplainReport.h"

namespace sluice {
namespace {

struct Question {
    LiveTap::Look look;
    std::uint64_t after = 0;
};

std::optional<Question> questionOf(const HttpRequest& request) {
    const auto parameters = parseParameters(request.query());
    if (!parameters) return std::nullopt;
    Question question;
    for (const auto& [name, value] : *parameters) {
        if (name == "channel") question.look.channel = value;
        if (name == "input") question.look.input = value;
        if (name != "after") continue;
        const char* const end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, question.after);
        if (error != std::errc{} || stop != end) return std::nullopt;
    }
    return question;
}

/// Whether some mapping of the topic hides a part of its payloads; those parts are then written as
/// null, and a payload that is no JSON is not shown at all.
bool hide(const MappingTable& table, WrittenMessage& message) {
    bool hides = false;
    for (const CompiledRule& rule : table.rules()) {
        if (rule.input != message.input || !rule.redaction || !rule.from.matches(message.topic))
            continue;
        hides = true;
        if (!message.payload) continue;
        std::string shown;
        if (isJson(*message.payload))
            rule.redaction->whole.write(*message.payload, shown);
        else
            shown = "null";
        message.payload = std::move(shown);
    }
    return hides;
}

/// What is explained is the message as it came; values that `when` looked at may be hidden ones.
ExplainReport shownReport(const std::shared_ptr<const MappingTable>& table,
                          const WrittenMessage& message) {
    ExplainReport report = explained(table, message);
    for (RuleAccount& account : report.accounts)
        if (account.rule->redaction) account.when.reset();
    return report;
}

}  // namespace

TapHandler::TapHandler(LiveTap& tap, Mappings mappings, const Clock& clock)
    : tap_{tap}, mappings_{std::move(mappings)}, clock_{clock} {}

std::optional<HttpResponse> TapHandler::handle(const HttpRequest& request, HttpConnection&) {
    const std::optional<Question> question = questionOf(request);
    if (!question)
        return errorResponse(400, {"bad-request", "query", "the question cannot be read",
                                   "write /tap?channel=orders/eu&after=0, with the `next` of the "
                                   "last answer as `after`"});
    const auto answer = tap_.take(question->look, question->after, clock_.wallMs());
    if (!answer)
        return errorResponse(503, {"too-many-looks", "", "too many others look already",
                                   "at most " + std::to_string(LiveTap::kLooksMax) +
                                       " at a time; one ends 10 s after its last question"})
            .with("Retry-After", "10");
    const std::shared_ptr<const MappingTable> table = mappings_();
    Json json = Json::object();
    json.set("next", Json::number(static_cast<std::int64_t>(answer->next)));
    json.set("passedOver", Json::number(static_cast<std::int64_t>(answer->passedOver)));
    Json& messages = json.set("messages", Json::array());
    for (const LiveTap::Taken& taken : answer->messages) {
        Json& one = messages.add(Json::object());
        one.set("number", Json::number(static_cast<std::int64_t>(taken.number)));
        one.set("explained", shownReport(table, taken.message).json());
        WrittenMessage shown = taken.message;
        if (hide(*table, shown)) one.set("redacted", Json::boolean(true));
        one.set("message", messageJson(shown));
    }
    return jsonResponse(json.compact() + '\n').with("Cache-Control", "no-store");
}

}  // namespace sluice
