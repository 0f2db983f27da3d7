#include <algorithm>
#include <array>

#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::array kFormats{std::pair{std::string_view{"json"}, PayloadFormat::Json},
                              std::pair{std::string_view{"text"}, PayloadFormat::Text},
                              std::pair{std::string_view{"raw"}, PayloadFormat::Raw}};

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

/// Names stand before the colon of `from`, in metrics and in hashes of event ids.
bool isName(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax &&
           std::all_of(text.begin(), text.end(), isNameCharacter);
}

void checkName(Reading& reading, const yaml::Node& name) {
    if (!isName(name.text()))
        reading.error(name.span(), "input-name",
                      "the name of an input has letters, digits, `_`, `-` and `.` only, at most 64",
                      "rename it here and in the mappings");
    else if (name.text() == "http")
        reading.error(name.span(), "input-name",
                      "the input 'http' is there already: POST /publish feeds it",
                      "give this input another name");
}

std::string inQuotes(std::string_view text) {
    return "'" + std::string{text} + "'";
}

/// The tree below a key of an input: the plugin asks for what it needs.
Setting settingOf(Reading& reading, const yaml::Node& node, std::string_view what) {
    Setting setting;
    setting.mark = reading.markOf(node);
    switch (node.kind()) {
        case yaml::Kind::Null:
            scalarOf(reading, node, what);  // says that there is no value
            setting.kind = Setting::Kind::Scalar;
            break;
        case yaml::Kind::Scalar:
            setting.kind = Setting::Kind::Scalar;
            setting.text = Scalar{reading, node}.text();
            break;
        case yaml::Kind::Sequence:
            setting.kind = Setting::Kind::List;
            for (const yaml::Node& item : node.items())
                setting.items.push_back(
                    settingOf(reading, item, "an item of " + std::string{what}));
            break;
        case yaml::Kind::Mapping:
            setting.kind = Setting::Kind::Map;
            for (const yaml::Entry& entry : node.entries()) {
                setting.keys.emplace_back(entry.key.text());
                setting.items.push_back(
                    settingOf(reading, entry.value, inQuotes(entry.key.text())));
            }
            break;
    }
    return setting;
}

void readSeparator(Section& section, std::optional<char>& out) {
    const auto separator = section.scalar("separator", Form::pattern("[!-z|~]"));
    if (!separator) return;
    const std::string& text = separator->text();
    const bool isGood =
        text.size() == 1 && text[0] > ' ' && text[0] < 0x7f && text[0] != '{' && text[0] != '}';
    if (isGood)
        out = text[0];
    else
        separator->error("separator", "a separator is one character, no brace and no space",
                         "write it in quotes, such as \".\"");
}

void readPlugin(Section& section, std::string& out) {
    const auto plugin = section.required("plugin", "write plugin: kafka, or that of your broker",
                                         Form::pattern("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}"));
    if (!plugin) return;
    if (isName(plugin->text()) && plugin->text().front() != '.')
        out = plugin->text();
    else
        plugin->error("plugin-name", "a plugin's name has letters, digits, `_` and `-` only",
                      "write its name, not its file: kafka for kafka.so");
}

InputOptions readInput(Reading& reading, const yaml::Node& name, const yaml::Node& value) {
    InputOptions options;
    checkName(reading, name);
    options.name = name.text();
    options.mark = reading.markOf(name);
    options.settings.mark = options.mark;
    const std::string what = "the input '" + options.name + "'";
    const yaml::Node* const mapping = mappingOf(reading, value, what);
    if (!mapping && value.kind() == yaml::Kind::Null)
        reading.error(name.span(), "missing-key", what + " has no plugin",
                      "write plugin: kafka below it, or that of your broker");
    Section section{reading, mapping, "inputs.*"};
    readPlugin(section, options.plugin);
    section.duration("rewind", options.rewind, 0ms, 24h * 365);
    readSeparator(section, options.separator);
    section.choice<PayloadFormat>("format", options.format, kFormats);
    for (const yaml::Entry* const entry : section.rest()) {
        options.settings.keys.emplace_back(entry->key.text());
        options.settings.items.push_back(
            settingOf(reading, entry->value, inQuotes(entry->key.text())));
    }
    return options;
}

}  // namespace

void readInputs(Section& top, std::vector<InputOptions>& inputs) {
    const auto read = [&](const yaml::Node& name, const yaml::Node& value) {
        inputs.push_back(readInput(top.reading(), name, value));
    };
    top.entries("inputs", read, "^(?!http$)[A-Za-z0-9_.-]{1,64}$");
}

}  // namespace sluice
