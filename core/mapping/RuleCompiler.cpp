#include "mapping/RuleCompiler.h"

#include <algorithm>

#include "base/Nearest.h"
#include "event/EventBatch.h"
#include "mapping/TemplateParser.h"

namespace sluice {
namespace {

using RefKind = MessageReference::Kind;

/// Whether the text is in braces, as everywhere else but in `when`.
bool isInBraces(std::string_view text) {
    while (text.ends_with(' ') || text.ends_with('\n')) text.remove_suffix(1);
    return text.starts_with('{') && closingBrace(text, 0) == text.size() - 1;
}

/// What holds for all references of an expression.
template <typename Holds>
bool every(const cel::Expression& expression, const RuleScope& scope, Holds holds) {
    const std::vector<std::uint32_t>& used = expression.references();
    return std::all_of(used.begin(), used.end(),
                       [&](std::uint32_t id) { return holds(scope.references()[id]); });
}

}  // namespace

const MappingInput* RuleCompiler::findInput(std::span<const MappingInput> inputs) {
    std::vector<std::string> names;
    for (const MappingInput& input : inputs) {
        if (input.name == rule_.input) return &input;
        names.push_back(input.name);
    }
    fail("from", 0, "unknown-input",
         "there is no input '" + rule_.input + "'" + didYouMean(rule_.input, names),
         "write INPUT:PATTERN with the name of an entry of 'inputs'");
    return nullptr;
}

std::optional<CompiledRule> RuleCompiler::compile(const MappingInput& input, Paths& paths) {
    std::optional<Pattern> from = readFrom(input);
    if (!from) return std::nullopt;
    const RuleScope scope{*from, input, paths};
    auto channel = readTemplate("channel", rule_.channel, scope, Template::Use::Channel);
    auto event = readTemplate("event", rule_.event, scope, Template::Use::Text);
    auto key = readTemplate("key", rule_.key, scope, Template::Use::Text);
    if (event) checkEvent(*event);
    CompiledRule compiled{*from};
    compiled.index = static_cast<std::uint32_t>(index_);
    compiled.input = rule_.input;
    compiled.mark = rule_.mark;
    if (channel) compiled.channel = std::move(*channel);
    if (event) compiled.event = std::move(*event);
    if (!rule_.key.empty()) compiled.key = std::move(key);
    readWhen(scope, compiled);
    readData(scope, compiled);
    readRedact(scope, compiled);
    readOnError(scope, compiled);
    finish(scope, paths, compiled);
    if (failed_) return std::nullopt;
    return compiled;
}

std::optional<Pattern> RuleCompiler::readFrom(const MappingInput& input) {
    Pattern::Error error;
    std::optional<Pattern> from = Pattern::parse(rule_.from, input.separator, &error);
    if (!from) fail("from", error.offset, "pattern", error.message, error.hint);
    if (!from) return from;
    std::vector<std::string> hidden = messageVariables();
    if (input.variables)
        hidden.insert(hidden.end(), input.variables->begin(), input.variables->end());
    for (const std::string& name : from->names()) {
        if (std::find(hidden.begin(), hidden.end(), name) == hidden.end()) continue;
        // {topic**} alone is the topic: it hides nothing.
        if (name == "topic" && from->parts().size() == 1) continue;
        fail("from", rule_.from.find("{" + name) + 1, "hidden-variable",
             "the capture {" + name + "} hides the variable " + name,
             "give the capture another name");
        return std::nullopt;
    }
    return from;
}

std::optional<Template> RuleCompiler::readTemplate(const char* field, const std::string& text,
                                                   const RuleScope& scope, Template::Use use) {
    std::vector<cel::Problem> problems;
    std::optional<Template> made = Template::parse(text, scope, use, problems);
    for (cel::Problem& problem : problems) tell(field, 0, std::move(problem));
    return made;
}

void RuleCompiler::checkEvent(const Template& event) {
    if (!event.literal() || isEventType(*event.literal())) return;
    fail("event", 0, "event-name", "no event can have a name like this",
         "names have no line breaks, at most 255 bytes, and do not begin with 'sluice.'");
}

void RuleCompiler::readWhen(const RuleScope& scope, CompiledRule& compiled) {
    if (!rule_.when) return;
    if (isInBraces(*rule_.when))
        return fail("when", 0, "brace", "'when' is an expression, which has no braces around it",
                    "write it without them");
    std::vector<cel::Problem> problems;
    compiled.when = cel::Expression::compile(*rule_.when, scope, problems);
    for (cel::Problem& problem : problems) tell("when", 0, std::move(problem));
    if (!compiled.when) return;
    const cel::Type type = compiled.when->type();
    if (!type.mayBe(cel::Kind::Bool))
        return tell("when", 0,
                    {0, rule_.when->size(), "type",
                     "'when' must be true or false, and this is " + nameOf(type),
                     "compare it with something, such as `... != 0` or `... != ''`", false});
    const auto literal = compiled.when->literal();
    if (literal && literal->isFalse())
        tell("when", 0,
             {0, rule_.when->size(), "never", "this mapping never applies",
              "remove it, or write what decides", true});
    compiled.whenIsOfTopic =
        every(*compiled.when, scope, [](const MessageReference& one) { return one.isOfTopic(); });
    if (compiled.whenIsOfTopic) checkOnlyTopic(scope, compiled);
    compiled.whenLooksInside = !every(*compiled.when, scope, [](const MessageReference& one) {
        return one.kind != RefKind::Payload;
    });
}

/// Where `from` takes one topic only, what `when` says of the topic is known.
void RuleCompiler::checkOnlyTopic(const RuleScope& scope, const CompiledRule& compiled) {
    if (!scope.from().isLiteral() || compiled.when->literal()) return;
    Message message;
    message.topic = scope.from().literalPrefix();
    MessageValues values;
    const PathTree nothing;
    const Pattern::Captures captures;
    cel::Arena arena;
    values.begin(message, scope.input().format, nothing);
    values.enter(scope.references(), captures);
    const cel::Value answer = compiled.when->evaluate(values, arena);
    if (answer.isTrue()) return;
    tell("when", 0,
         {0, rule_.when->size(), "never",
          std::string{"this mapping never applies: for the topic '"} + std::string{message.topic} +
              (answer.isFalse() ? "' this is false" : "' this fails"),
          "remove it, or let 'from' take other topics", true});
}

void RuleCompiler::readData(const RuleScope& scope, CompiledRule& compiled) {
    if (!rule_.data) return;
    std::vector<LeafProblem> problems;
    compiled.data = Data::compile(*rule_.data, scope, problems);
    for (LeafProblem& problem : problems) tell("data", problem.leaf, std::move(problem.problem));
}

void RuleCompiler::readRedact(const RuleScope& scope, CompiledRule& compiled) {
    if (rule_.redact.empty()) return;
    RuleRedaction redaction;
    for (std::size_t i = 0; i < rule_.redact.size(); ++i) {
        Redaction::Error error;
        if (!redaction.whole.add(rule_.redact[i], error))
            tell("redact", i, {error.offset, 1, "path", error.message, error.hint, false});
    }
    if (scope.input().format != PayloadFormat::Json)
        tell("redact", 0,
             {0, 0, "format", "only JSON has paths, and this input gives no JSON",
              "write format: json at the input, or remove redact", false});
    compiled.redaction = std::move(redaction);
}

void RuleCompiler::readOnError(const RuleScope& scope, CompiledRule& compiled) {
    compiled.onError = rule_.onError.kind;
    if (rule_.onError.kind == OnError::Kind::ToFile) compiled.deadLetterFile = rule_.onError.target;
    if (rule_.onError.kind != OnError::Kind::ToChannel) return;
    compiled.deadLetters =
        readTemplate("on_error", rule_.onError.target, scope, Template::Use::Channel);
    if (compiled.deadLetters && !compiled.deadLetters->fixedByTopic())
        tell("on_error", 0,
             {0, rule_.onError.target.size(), "template",
              "the channel of dead letters cannot depend on what may be what is wrong",
              "use text, {topic} and captures of 'from' only", false});
}

/// Gathers what all expressions refer to; whatever is hidden needs the whole payload at hand.
void RuleCompiler::finish(const RuleScope& scope, Paths& paths, CompiledRule& compiled) {
    compiled.references = scope.references();
    for (const MessageReference& reference : compiled.references)
        if (reference.kind == RefKind::Payload) compiled.slots.push_back(reference.index);
    if (compiled.redaction) {
        compiled.slots.push_back(paths.add({}));
        for (const MessageReference& reference : compiled.references)
            compiled.redaction->byReference.push_back(
                reference.kind == RefKind::Payload && reference.index != kNoSlot
                    ? compiled.redaction->whole.below(paths.path(reference.index))
                    : Redaction{});
    }
    if (paths.size() >= kPathsMax)
        fail("from", 0, "too-many", "the mappings of this input read too many paths",
             "let mappings share paths into the payload");
}

void RuleCompiler::tell(const char* field, std::size_t leaf, cel::Problem problem) {
    failed_ = failed_ || !problem.isWarning;
    errors_.push_back({index_, field, problem.offset, std::move(problem.code),
                       std::move(problem.message), std::move(problem.hint), rule_.mark, leaf,
                       problem.length, problem.isWarning});
}

void RuleCompiler::fail(const char* field, std::size_t offset, const char* code,
                        std::string message, std::string hint) {
    tell(field, 0, {offset, 0, code, std::move(message), std::move(hint), false});
}

}  // namespace sluice
