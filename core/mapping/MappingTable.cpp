#include "mapping/MappingTable.h"

#include <algorithm>
#include <atomic>

#include "base/Nearest.h"
#include "event/EventBatch.h"
#include "event/EventId.h"

namespace sluice {
namespace {

/// Names that a capture would hide.
const std::vector<std::string> kVariables{"topic",     "key",    "headers", "time",
                                          "partition", "offset", "payload"};

/// Everything that decides what a message yields by a rule; counted, so that no two rules have the
/// same text.
std::string normalisedText(const CompiledRule& rule) {
    std::string text;
    const auto add = [&text](std::string_view field) {
        text += std::to_string(field.size());
        text += ':';
        text += field;
    };
    add(rule.input);
    text += rule.from.separator();
    add(rule.from.text());
    add(rule.channel.text());
    add(rule.event.text());
    add(rule.key ? rule.key->text() : std::string{});
    return text += '\n';
}

/// Compiles one rule; its errors go to the list.
class RuleCompiler {
  public:
    RuleCompiler(const MappingRule& rule, std::size_t index, std::vector<MappingError>& errors)
        : rule_{rule}, index_{index}, errors_{errors} {}

    std::optional<CompiledRule> compile(std::span<const MappingInput> inputs) {
        const MappingInput* const input = findInput(inputs);
        if (!input) return std::nullopt;
        std::optional<Pattern> from = readFrom(input->separator);
        if (!from) return std::nullopt;
        auto channel = readTemplate("channel", rule_.channel, *from, Template::Use::Channel);
        auto event = readTemplate("event", rule_.event, *from, Template::Use::Text);
        auto key = readTemplate("key", rule_.key, *from, Template::Use::Text);
        if (!channel || !event || !key || !checkEvent(*event)) return std::nullopt;
        CompiledRule compiled{static_cast<std::uint32_t>(index_),
                              rule_.input,
                              std::move(*from),
                              std::move(*channel),
                              std::move(*event),
                              std::nullopt,
                              rule_.mark,
                              {}};
        if (!rule_.key.empty()) compiled.key = std::move(key);
        compiled.normalised = normalisedText(compiled);
        return compiled;
    }

  private:
    const MappingInput* findInput(std::span<const MappingInput> inputs) {
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

    std::optional<Pattern> readFrom(char separator) {
        Pattern::Error error;
        std::optional<Pattern> from = Pattern::parse(rule_.from, separator, &error);
        if (!from) fail("from", error.offset, "pattern", error.message, error.hint);
        if (!from) return from;
        for (const std::string& name : from->names()) {
            if (std::find(kVariables.begin(), kVariables.end(), name) == kVariables.end()) continue;
            // {topic**} alone is the topic: it hides nothing.
            if (name == "topic" && from->parts().size() == 1) continue;
            fail("from", rule_.from.find("{" + name) + 1, "hidden-variable",
                 "the capture {" + name + "} hides the variable " + name,
                 "give the capture another name");
            return std::nullopt;
        }
        return from;
    }

    std::optional<Template> readTemplate(const char* field, const std::string& text,
                                         const Pattern& from, Template::Use use) {
        Template::Error error;
        std::optional<Template> made = Template::parse(text, from, use, &error);
        if (!made) fail(field, error.offset, "template", error.message, error.hint);
        return made;
    }

    bool checkEvent(const Template& event) {
        if (!event.literal() || isEventType(*event.literal())) return true;
        fail("event", 0, "event-name", "no event can have a name like this",
             "names have no line breaks, at most 255 bytes, and do not begin with 'sluice.'");
        return false;
    }

    void fail(const char* field, std::size_t offset, const char* code, std::string message,
              std::string hint) {
        errors_.push_back(
            {index_, field, offset, code, std::move(message), std::move(hint), rule_.mark});
    }

    const MappingRule& rule_;
    std::size_t index_;
    std::vector<MappingError>& errors_;
};

std::size_t commonPrefix(std::string_view a, std::string_view b) {
    const auto [end, unused] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

std::shared_ptr<const MappingTable> MappingTable::compile(const MappingOptions& options,
                                                          std::span<const MappingInput> inputs,
                                                          std::vector<MappingError>& errors) {
    static std::atomic<std::uint64_t> lastSerial{0};
    const std::size_t errorsBefore = errors.size();
    std::shared_ptr<MappingTable> table{new MappingTable};
    if (options.rules.size() > kRulesMax)
        errors.push_back({kRulesMax, "from", 0, "too-many", "there are more than 10000 mappings",
                          "let patterns do the work of several", options.rules[kRulesMax].mark});
    for (std::size_t i = 0; i < std::min(options.rules.size(), kRulesMax); ++i) {
        auto rule = RuleCompiler{options.rules[i], i, errors}.compile(inputs);
        if (rule) table->rules_.push_back(std::move(*rule));
    }
    if (errors.size() > errorsBefore) return nullptr;
    table->payloadBytesMax_ = options.payloadBytesMax;
    for (const CompiledRule& rule : table->rules_) table->normalised_ += rule.normalised;
    table->generation_ = mappingGeneration(table->normalised_);
    table->serial_ = ++lastSerial;
    return table;
}

bool MappingTable::mayFeed(std::string_view input, std::string_view topic,
                           const Pattern& channels) const {
    Pattern::Captures captures;
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input || !rule.from.match(topic, captures)) continue;
        if (channels.overlapsShape(rule.channel.shape(topic, &captures))) return true;
    }
    return false;
}

bool MappingTable::mayFeed(std::string_view input, const Pattern& channels,
                           std::span<const Pattern> except) const {
    const Pattern::Captures none;
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input) continue;
        const auto coversRule = [&](const Pattern& pattern) { return pattern.covers(rule.from); };
        if (std::any_of(except.begin(), except.end(), coversRule)) continue;
        const bool topicKnown = rule.from.isLiteral();
        const auto shape = rule.channel.shape(topicKnown ? rule.from.literalPrefix() : "",
                                              topicKnown ? &none : nullptr);
        if (channels.overlapsShape(shape)) return true;
    }
    return false;
}

std::vector<Pattern> MappingTable::patternsOf(std::string_view input) const {
    std::vector<Pattern> patterns;
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input) continue;
        if (std::find(patterns.begin(), patterns.end(), rule.from) == patterns.end())
            patterns.push_back(rule.from);
    }
    return patterns;
}

bool MappingTable::readsHeaders(std::string_view input) const {
    return std::any_of(rules_.begin(), rules_.end(), [input](const CompiledRule& rule) {
        return rule.input == input && (rule.channel.readsHeaders() || rule.event.readsHeaders() ||
                                       (rule.key && rule.key->readsHeaders()));
    });
}

const CompiledRule* MappingTable::nearestRule(std::string_view input,
                                              std::string_view topic) const {
    const CompiledRule* best = nullptr;
    std::size_t bestPrefix = 0, bestDistance = 0;
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input) continue;
        const std::size_t prefix = commonPrefix(rule.from.text(), topic);
        const std::size_t distance = editDistance(rule.from.text(), topic);
        if (best && (prefix < bestPrefix || (prefix == bestPrefix && distance >= bestDistance)))
            continue;
        best = &rule;
        bestPrefix = prefix;
        bestDistance = distance;
    }
    return best;
}

std::string placeOf(const SourceMark& mark) {
    if (mark.line == 0) return {};
    return mark.file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

}  // namespace sluice
