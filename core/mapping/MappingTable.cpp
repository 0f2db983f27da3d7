#include "mapping/MappingTable.h"

#include <algorithm>
#include <atomic>

#include "base/Nearest.h"
#include "event/EventId.h"
#include "mapping/MessageValues.h"
#include "mapping/RuleCompiler.h"

namespace sluice {
namespace {

using RefKind = MessageReference::Kind;

void addCounted(std::string& text, std::string_view field) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
}

void addData(std::string& text, const DataText& data) {
    constexpr std::string_view kKinds = "slm";
    text += kKinds[static_cast<std::size_t>(data.kind)];
    text += data.isPlain ? 'p' : 'q';
    addCounted(text, data.text);
    text += std::to_string(data.items.size());
    for (std::size_t i = 0; i < data.items.size(); ++i) {
        if (data.kind == DataText::Kind::Map) addCounted(text, data.keys[i]);
        addData(text, data.items[i]);
    }
}

/// What takes the rest in the middle of a shape takes the end of the pattern with it.
std::optional<Pattern> patternOf(const std::vector<Pattern::Part>& shape) {
    std::string text;
    for (const Pattern::Part& part : shape) {
        if (part.takesRest) {
            text += "{rest**}";
            break;
        }
        if (part.isCapture) text += "{x" + std::to_string(text.size()) + "}";
        for (const char c : part.text) text.append(c == '{' || c == '}' ? 2 : 1, c);
    }
    return Pattern::parse(text, '/', nullptr);
}

/// Everything that decides what a message yields by a rule; counted, so that no two rules have the
/// same text. Where no dead letter is an event, it does not matter where it goes.
std::string normalisedText(const MappingRule& rule, const Pattern& from, PayloadFormat format) {
    std::string text;
    addCounted(text, rule.input);
    text += from.separator();
    addCounted(text, from.text());
    addCounted(text, rule.channel);
    addCounted(text, rule.event);
    addCounted(text, rule.key);
    if (format != PayloadFormat::Json) text += format == PayloadFormat::Text ? "f:text" : "f:raw";
    if (rule.when) addCounted(text += 'w', *rule.when);
    if (rule.data) addData(text += 'd', *rule.data);
    for (const std::string& path : rule.redact) addCounted(text += 'r', path);
    if (rule.onError.kind == OnError::Kind::Pass) text += 'p';
    if (rule.onError.kind == OnError::Kind::ToChannel) addCounted(text += 'l', rule.onError.target);
    return text += '\n';
}

std::size_t commonPrefix(std::string_view a, std::string_view b) {
    const auto [end, unused] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

std::shared_ptr<const MappingTable> MappingTable::compile(const MappingOptions& options,
                                                          std::span<const MappingInput> inputs,
                                                          std::vector<MappingError>& errors) {
    static std::atomic<std::uint64_t> lastSerial{0};
    bool failed = options.rules.size() > kRulesMax;
    std::shared_ptr<MappingTable> table{new MappingTable};
    if (failed)
        errors.push_back({kRulesMax, "from", 0, "too-many", "there are more than 10000 mappings",
                          "let patterns do the work of several", options.rules[kRulesMax].mark, 0,
                          0, false});
    for (std::size_t i = 0; i < std::min(options.rules.size(), kRulesMax); ++i) {
        RuleCompiler compiler{options.rules[i], i, errors};
        const MappingInput* const input = compiler.findInput(inputs);
        failed = !input || !table->add(options.rules[i], *input, compiler) || failed;
    }
    if (failed) return nullptr;
    table->payloadBytesMax_ = options.payloadBytesMax;
    for (const CompiledRule& rule : table->rules_) table->normalised_ += rule.normalised;
    table->deadLetterBytesMax_ = options.deadLetterBytesMax;
    table->generation_ = mappingGeneration(table->normalised_);
    table->serial_ = ++lastSerial;
    return table;
}

bool MappingTable::add(const MappingRule& text, const MappingInput& input, RuleCompiler& compiler) {
    OfInput& ofInput = inputs_[input.name];
    ofInput.format = input.format;
    std::optional<CompiledRule> rule = compiler.compile(input, ofInput.paths);
    if (!rule) return false;
    rule->normalised = normalisedText(text, rule->from, input.format);
    ofInput.index.add(rule->from, rule->index);
    rules_.push_back(std::move(*rule));
    return true;
}

const MappingTable::OfInput* MappingTable::ofInput(std::string_view input) const {
    const auto found = inputs_.find(input);
    return found == inputs_.end() ? nullptr : &found->second;
}

bool MappingTable::mayFeed(std::string_view input, std::string_view topic,
                           const Pattern& channels) const {
    const OfInput* const rules = ofInput(input);
    if (!rules) return false;
    Message message;
    message.topic = topic;
    Pattern::Captures captures;
    MessageValues values;
    const PathTree nothing;
    values.begin(message, rules->format, nothing);
    for (const std::uint32_t number : rules->index.candidates(topic)) {
        const CompiledRule& rule = rules_[number];
        if (!rule.from.match(topic, captures)) continue;
        values.enter(rule.references, captures);
        if (rule.mayFeed(&values, channels)) return true;
    }
    return false;
}

bool MappingTable::mayFeed(std::string_view input, const Pattern& channels,
                           std::span<const Pattern> except) const {
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input) continue;
        const auto coversRule = [&](const Pattern& pattern) { return pattern.covers(rule.from); };
        if (std::any_of(except.begin(), except.end(), coversRule)) continue;
        const bool feeds = rule.from.isLiteral()
                               ? mayFeed(input, rule.from.literalPrefix(), channels)
                               : rule.mayFeed(nullptr, channels);
        if (feeds) return true;
    }
    return false;
}

bool CompiledRule::mayFeed(const MessageValues* values, const Pattern& channels) const {
    return channels.overlapsShape(channel.shape(values)) ||
           (deadLetters && channels.overlapsShape(deadLetters->shape(values)));
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

std::vector<Pattern> MappingTable::channelsOf(std::string_view input) const {
    std::vector<Pattern> patterns;
    for (const CompiledRule& rule : rules_) {
        if (rule.input != input) continue;
        std::optional<Pattern> pattern = patternOf(rule.channel.shape(nullptr));
        if (pattern && std::find(patterns.begin(), patterns.end(), *pattern) == patterns.end())
            patterns.push_back(std::move(*pattern));
    }
    return patterns;
}

bool MappingTable::readsHeaders(std::string_view input) const {
    return std::any_of(rules_.begin(), rules_.end(), [input](const CompiledRule& rule) {
        return rule.input == input && std::any_of(rule.references.begin(), rule.references.end(),
                                                  [](const MessageReference& reference) {
                                                      return reference.kind == RefKind::Header ||
                                                             reference.kind == RefKind::Headers;
                                                  });
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
