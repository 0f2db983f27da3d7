#include <algorithm>

#include "settings/ReadOptions.h"
#include "settings/RuleText.h"

namespace sluice {
namespace {

std::vector<MappingInput> namesOf(const std::vector<InputOptions>& inputs,
                                  const SeparatorOf& separatorOf) {
    std::vector<MappingInput> names;
    for (const InputOptions& input : inputs)
        names.push_back(mappingInputOf(input, separatorOf(input.plugin).value_or('/')));
    names.push_back(httpMappingInput());
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
    for (MappingError& error : errors) texts[error.rule].report(std::move(error));
    // A mistake elsewhere may be why nobody reads an input.
    if (!reading.hasErrors()) warnOfIdleInputs(reading, top, settings);
}

}  // namespace sluice
