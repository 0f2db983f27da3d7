#include "mapping/ExplainReport.h"

#include <algorithm>

#include "mapping/Mapper.h"
#include "mapping/ReportText.h"

namespace sluice {
namespace {

using Fate = RuleAccount::Fate;

std::string fateOf(const MapOutcome& outcome) {
    if (outcome.mapped > 0) return "mapped";
    if (outcome.filtered > 0) return "filtered";
    if (outcome.unmatched > 0) return "unmatched";
    for (std::size_t i = 0; i < kRejections; ++i)
        if (outcome.rejected[i] > 0)
            return "rejected{" + std::string{nameOf(static_cast<Rejection>(i))} + "}";
    return {};
}

/// Writes what one rule did.
class AccountText {
  public:
    AccountText(const RuleAccount& account, std::string& out) : account_{account}, out_{out} {}

    void write() {
        out_ += '\n' + headingOf(*account_.rule) + '\n';
        captures();
        if (account_.when) when(*account_.when);
        if (account_.leftOut > 0)
            line("left out of data: " + counted(account_.leftOut, "field") +
                 ", the first: " + account_.firstLeftOut);
        fate();
        for (const MadeEvent& event : account_.events) sent(event);
        if (account_.letter)
            line("a dead letter to the file " + account_.letter->file + ": " +
                 account_.letter->line);
    }

  private:
    void line(const std::string& text) { out_ += "  " + text + '\n'; }

    void captures() {
        std::string text = "takes the topic";
        for (const auto& [name, value] : account_.captures)
            text += (&name == &account_.captures.front().first ? ": " : ", ") + name + " = '" +
                    value + "'";
        line(text);
    }

    void when(const Reasoning& reasoning) {
        line("when: " + account_.rule->when->text());
        line("  is " + reasoning.value);
        for (const Reasoning::Part& part : reasoning.deciding) because("because", part);
        for (const Reasoning::Part& part : reasoning.absorbed) because("though", part);
        if (reasoning.isError && account_.fate == Fate::Mapped)
            line("  a tombstone passes all the same: it has no payload to look into");
    }

    void because(const std::string& word, const Reasoning::Part& part) {
        const bool isWhole = part.text == account_.rule->when->text();
        if (!isWhole) line("  " + word + " " + part.text + " is " + part.value);
        for (const auto& [name, value] : part.variables) line("    " + name + " = " + value);
    }

    void fate() {
        const std::string why =
            account_.reason ? "{" + std::string{nameOf(*account_.reason)} + "}: " + account_.why
                            : "";
        switch (account_.fate) {
            case Fate::Mapped:
                return;
            case Fate::Filtered:
                return line("=> filtered");
            case Fate::Passed:
                return line("=> failed" + why + "; on_error lets the payload pass");
            case Fate::Rejected:
                return line("=> rejected" + why);
        }
    }

    /// The block as a subscriber gets it.
    void sent(const MadeEvent& event) {
        const bool isLetter = account_.fate == Fate::Rejected;
        std::string head = isLetter ? "=> a dead letter on channel '" : "=> an event on channel '";
        head += event.channel + "'";
        if (!event.key.empty()) head += ", key '" + event.key + "'";
        line(head + ":");
        std::string_view left = event.lines;
        while (!left.empty()) {
            const std::size_t end = left.find('\n');
            out_ += "     ";
            out_ += left.substr(0, end + 1);
            left.remove_prefix(end + 1);
        }
        line(
            "   (then `id: ...`, which depends on where it stands in the logs, and an empty line)");
    }

    const RuleAccount& account_;
    std::string& out_;
};

Json jsonOf(const std::vector<std::pair<std::string, std::string>>& pairs) {
    Json json = Json::object();
    for (const auto& [name, value] : pairs) json.set(name, value);
    return json;
}

Json jsonOf(const std::vector<Reasoning::Part>& parts) {
    Json list = Json::array();
    for (const Reasoning::Part& part : parts) {
        Json& json = list.add(Json::object());
        json.set("text", part.text);
        json.set("value", part.value);
        json.set("variables", jsonOf(part.variables));
    }
    return list;
}

Json jsonOf(const MadeEvent& event) {
    Json json = Json::object();
    json.set("channel", event.channel);
    json.set("event", event.event);
    json.set("key", event.key);
    json.set("data", event.data);
    json.set("lines", event.lines);
    return json;
}

const char* wordFor(Fate fate) {
    constexpr const char* kWords[] = {"mapped", "filtered", "passed", "rejected"};
    return kWords[static_cast<std::size_t>(fate)];
}

Json jsonOf(const RuleAccount& account) {
    const CompiledRule& rule = *account.rule;
    Json json = Json::object();
    json.set("mapping", Json::number(rule.index + 1));
    if (rule.mark.line != 0) json.set("place", placeOf(rule.mark));
    json.set("from", fromOf(rule));
    json.set("captures", jsonOf(account.captures));
    if (account.when) {
        Json& when = json.set("when", Json::object());
        when.set("text", rule.when->text());
        when.set("value", account.when->value);
        when.set("deciding", jsonOf(account.when->deciding));
        when.set("absorbed", jsonOf(account.when->absorbed));
    }
    json.set("fate", wordFor(account.fate));
    if (account.reason) {
        json.set("reason", nameOf(*account.reason));
        json.set("why", account.why);
    }
    if (account.leftOut > 0) {
        json.set("leftOut", Json::number(static_cast<std::int64_t>(account.leftOut)));
        json.set("firstLeftOut", account.firstLeftOut);
    }
    const bool isLetter = account.fate == Fate::Rejected;
    for (const MadeEvent& event : account.events)
        json.set(isLetter ? "deadLetter" : "event", jsonOf(event));
    if (account.letter) json.set("deadLetterFile", account.letter->file);
    return json;
}

}  // namespace

ExplainReport explained(const std::shared_ptr<const MappingTable>& table, WrittenMessage message) {
    ExplainReport report;
    report.message = std::move(message);
    const LentMessage lent{report.message};
    Mapper mapper{table, report.message.input};
    EventBatch batch;
    MapOutcome outcome;
    mapper.map(lent.message(), batch, outcome);
    report.fate = fateOf(outcome);
    if (outcome.unmatched > 0) report.nearest = outcome.notes.front();
    report.accounts = mapper.explain(lent.message());
    const auto ofInput =
        std::count_if(table->rules().begin(), table->rules().end(),
                      [&](const CompiledRule& rule) { return rule.input == report.message.input; });
    report.others = static_cast<std::size_t>(ofInput) - report.accounts.size();
    return report;
}

std::string ExplainReport::text() const {
    std::string out = "input " + message.input + ", topic '" + message.topic + "', ";
    out += message.payload ? "a payload of " + counted(message.payload->size(), "byte")
                           : "no payload (a tombstone)";
    out += '\n';
    for (const RuleAccount& account : accounts) AccountText{account, out}.write();
    if (!accounts.empty() && others > 0)
        out += "\n" + counted(others, "other mapping") + " of this input: another topic\n";
    if (!nearest.empty()) out += "\n" + nearest + '\n';
    return out + "\nThe message counts as " + fate + ".\n";
}

Json ExplainReport::json() const {
    Json json = Json::object();
    json.set("input", message.input);
    json.set("topic", message.topic);
    json.set("fate", fate);
    Json& mappings = json.set("mappings", Json::array());
    for (const RuleAccount& account : accounts) mappings.add(jsonOf(account));
    json.set("others", Json::number(static_cast<std::int64_t>(others)));
    if (!nearest.empty()) json.set("nearest", nearest);
    return json;
}

}  // namespace sluice
