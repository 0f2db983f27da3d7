#include <algorithm>

#include "base/Nearest.h"
#include "settings/ReadOptions.h"

namespace sluice {
namespace {

constexpr std::string_view kLaterKeys[] = {"when", "data", "allow"};

/// A rule with the values that it came from, so that what is wrong inside can be pointed to.
struct RuleText {
    MappingRule rule;
    std::optional<Scalar> from, channel, event, key;
    std::size_t patternAt = 0;  // in `from`, behind the colon

    const std::optional<Scalar>& field(std::string_view name) const {
        if (name == "from") return from;
        if (name == "channel") return channel;
        return name == "event" ? event : key;
    }
};

/// Splits `from` at its colon.
bool readFrom(RuleText& text, const std::vector<InputOptions>& inputs) {
    const std::string& from = text.from->text();
    const std::size_t colon = from.find(':');
    if (colon == std::string::npos || colon == 0) {
        const std::string input = inputs.empty() ? "INPUT" : inputs.front().name;
        text.from->error("from", "'from' names no input",
                         "write INPUT:PATTERN, such as " + input + ":" +
                             (from.empty() || colon == 0 ? "orders.{region}" : from));
        return false;
    }
    text.rule.input = from.substr(0, colon);
    text.rule.from = from.substr(colon + 1);
    text.patternAt = colon + 1;
    return true;
}

/// Nothing where the rule lacks what it needs; all that is wrong is reported.
std::optional<RuleText> readRule(Reading& reading, const yaml::Node& node,
                                 const std::vector<InputOptions>& inputs) {
    const yaml::Node* const mapping = mappingOf(reading, node, "a mapping");
    if (!mapping) return std::nullopt;
    Section section{reading, mapping, "mappings.*"};
    RuleText text;
    text.rule.mark = reading.markOf(node);
    text.from = section.required("from", "write from: INPUT:PATTERN");
    text.channel = section.required("channel", "write channel: \"{topic}\" for the topic's name");
    text.event = section.scalar("event");
    text.key = section.scalar("key");
    section.finish(kLaterKeys);
    const bool hasFrom = text.from && readFrom(text, inputs);
    if (!hasFrom || !text.channel) return std::nullopt;
    text.rule.channel = text.channel->text();
    if (text.event) text.rule.event = text.event->text();
    if (text.key) text.rule.key = text.key->text();
    return text;
}

void report(Reading& reading, const RuleText& text, MappingError error) {
    const std::optional<Scalar>& field = text.field(error.field);
    if (!field) {
        reading.error(text.from->span(), std::move(error.code), std::move(error.message),
                      std::move(error.hint));
    } else if (error.code == "unknown-input") {
        field->errorAt(0, std::move(error.code), std::move(error.message), std::move(error.hint));
    } else {
        const std::size_t before = error.field == "from" ? text.patternAt : 0;
        field->errorAt(before + error.offset, std::move(error.code), std::move(error.message),
                       std::move(error.hint));
    }
}

std::vector<MappingInput> namesOf(const std::vector<InputOptions>& inputs,
                                  const SeparatorOf& separatorOf) {
    std::vector<MappingInput> names;
    for (const InputOptions& input : inputs) {
        const std::optional<char> ofPlugin = separatorOf(input.plugin);
        names.push_back({input.name, input.separator.value_or(ofPlugin.value_or('/'))});
    }
    return names;
}

void warnOfIdleInputs(Reading& reading, const Section& top, const Settings& settings) {
    const yaml::Node* const inputs = top.node() ? top.node()->find("inputs") : nullptr;
    if (!inputs) return;
    for (const yaml::Entry& entry : inputs->entries()) {
        const auto& rules = settings.mappings.rules;
        const bool isRead = std::any_of(rules.begin(), rules.end(), [&](const MappingRule& rule) {
            return rule.input == entry.key.text();
        });
        const std::string name{entry.key.text()};
        if (!isRead)
            reading.warning(entry.key.span(), "idle-input",
                            "no mapping takes messages from the input '" + name + "'",
                            "add a mapping with from: " + name + ":PATTERN");
    }
}

}  // namespace

void readMappings(Section& top, Settings& settings, const SeparatorOf& separatorOf) {
    Reading& reading = top.reading();
    const yaml::Node* const list = top.node("mappings");
    const bool isList = list && list->kind() == yaml::Kind::Sequence;
    if (list && !isList && list->kind() != yaml::Kind::Null)
        reading.error({list->span().begin, list->span().begin}, "kind", "'mappings' must be a list",
                      "begin each mapping with `- from: INPUT:PATTERN`");
    std::vector<RuleText> texts;
    for (const yaml::Node& item : isList ? list->items() : std::span<const yaml::Node>{}) {
        std::optional<RuleText> text = readRule(reading, item, settings.inputs);
        if (!text) continue;
        settings.mappings.rules.push_back(text->rule);
        texts.push_back(std::move(*text));
    }
    std::vector<MappingError> errors;
    MappingTable::compile(settings.mappings, namesOf(settings.inputs, separatorOf), errors);
    for (MappingError& error : errors) report(reading, texts[error.rule], std::move(error));
    // A mistake elsewhere may be why nobody reads an input.
    if (!reading.hasErrors()) warnOfIdleInputs(reading, top, settings);
}

}  // namespace sluice
