#include <algorithm>

#include "expression/Json.h"
#include "mapping/Mapper.h"
#include "mapping/RuleAccount.h"

// The same steps as `map`, one rule at a time, and what they saw on the way.
namespace sluice {
namespace {

std::string shown(const cel::ExplainedPart& part) {
    constexpr std::size_t kShownMax = 200;
    const cel::Value& value = part.value;
    if (value.isError() && part.isVariable && value.failure() == cel::Failure::NoValue)
        return "missing";
    std::string text;
    if (value.isError())
        text = "an error: " + std::string{value.asError().message};
    else if (!cel::appendCel(text, value))
        text = "...";
    if (text.size() > kShownMax) (text.resize(kShownMax), text += "...");
    return text;
}

/// Makes a Reasoning of an explanation.
class Reasoner {
  public:
    Reasoner(std::string_view text, const cel::Explanation& explanation)
        : text_{text}, explanation_{explanation} {}

    Reasoning reasoning() const {
        Reasoning made;
        cel::ExplainedPart whole;
        whole.value = explanation_.value;
        made.value = shown(whole);
        made.isError = explanation_.value.isError();
        for (const std::size_t index : explanation_.deciding)
            made.deciding.push_back(partOf(index));
        if (made.isError) return made;
        for (std::size_t i = 0; i < explanation_.parts.size(); ++i)
            if (isAbsorbed(i)) made.absorbed.push_back(partOf(i));
        return made;
    }

  private:
    const cel::ExplainedPart& at(std::size_t index) const { return explanation_.parts[index]; }

    Reasoning::Part partOf(std::size_t index) const {
        Reasoning::Part part{textOf(index), shown(at(index)), {}};
        for (const std::size_t variable : explanation_.variablesOf(index))
            if (variable != index)
                part.variables.emplace_back(textOf(variable), shown(at(variable)));
        return part;
    }

    std::string textOf(std::size_t index) const {
        return std::string{text_.substr(at(index).offset, at(index).length)};
    }

    /// The smallest part that had no value. Those within a part come right behind it.
    bool isAbsorbed(std::size_t index) const {
        const cel::ExplainedPart& part = at(index);
        if (!part.value.isError() || part.isInMacro) return false;
        for (std::size_t i = index + 1; i < explanation_.parts.size(); ++i) {
            if (at(i).depth <= part.depth) break;
            if (at(i).value.isError()) return false;
        }
        return true;
    }

    const std::string_view text_;
    const cel::Explanation& explanation_;
};

}  // namespace

std::vector<RuleAccount> Mapper::explain(const Message& message) {
    std::vector<RuleAccount> accounts;
    const Plan& plan = planFor(message.topic);
    if (!plan.isTaken) return accounts;
    arena_ = cel::Arena{};
    values_.begin(message, ofInput_->format, *plan.tree);
    for (const std::uint32_t number : ofInput_->index.candidates(message.topic)) {
        const CompiledRule& rule = table_->rules()[number];
        Pattern::Captures captures;
        if (rule.from.match(message.topic, captures))
            accounts.push_back(explain(rule, captures, plan, message));
    }
    return accounts;
}

RuleAccount Mapper::explain(const CompiledRule& rule, const Pattern::Captures& captures,
                            const Plan& plan, const Message& message) {
    RuleAccount account;
    account.rule = &rule;
    for (std::size_t i = 0; i < captures.size(); ++i)
        account.captures.emplace_back(rule.from.names()[i], captures[i]);
    const auto route = std::find_if(plan.routes.begin(), plan.routes.end(),
                                    [&](const Route& one) { return one.rule == &rule; });
    // A `when` that is false for the whole topic has no route.
    if (route != plan.routes.end()) explain(*route, message, account);
    if (!rule.when || account.reason == Rejection::TooLarge) return account;
    values_.enter(rule.references, captures);
    const cel::Explanation explanation = rule.when->explain(values_, arena_);
    if (!values_.payloadFailure())
        account.when = Reasoner{rule.when->text(), explanation}.reasoning();
    return account;
}

void Mapper::explain(const Route& route, const Message& message, RuleAccount& account) {
    EventBatch batch;
    batch.beginMessage(message.lane, message.position);
    MapOutcome outcome;
    notedLeftOut_[route.rule->index] = false;
    const Applied applied = apply(route, message, batch, outcome);
    if (applied == Applied::Event) account.fate = RuleAccount::Fate::Mapped;
    if (applied == Applied::Failed) {
        account.reason = failure_.reason;
        account.why = failure_.text();
        account.fate = recover(route, message, batch, outcome) ? RuleAccount::Fate::Passed
                                                               : RuleAccount::Fate::Rejected;
    }
    account.events = madeEvents(batch);
    if (!outcome.letters.empty()) account.letter = std::move(outcome.letters.front());
    // Of what is no JSON, all fields are missing.
    if (applied != Applied::Event) return;
    for (const std::uint64_t count : outcome.leftOut) account.leftOut += count;
    if (account.leftOut == 0 || outcome.notes.empty()) return;
    const std::string& note = outcome.notes.front();
    const std::string place = noteOf(*route.rule, message);
    account.firstLeftOut = note.substr(note.find(place) + place.size());
}

}  // namespace sluice
