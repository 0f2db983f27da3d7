#include "input/InputOptions.h"

#include <charconv>

namespace sluice {
namespace {

/// One reference token of a pointer: ~1 is `/`, ~0 is `~`.
std::string unescaped(std::string_view token) {
    std::string text;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
            text += token[++i] == '0' ? '~' : '/';
        else
            text += token[i];
    }
    return text;
}

const Setting* child(const Setting& node, const std::string& token) {
    if (node.kind == Setting::Kind::Map) {
        for (std::size_t i = 0; i < node.keys.size(); ++i)
            if (node.keys[i] == token) return &node.items[i];
        return nullptr;
    }
    std::size_t index = 0;
    const char* const end = token.data() + token.size();
    const auto [read, error] = std::from_chars(token.data(), end, index);
    if (error != std::errc{} || read != end || index >= node.items.size()) return nullptr;
    return &node.items[index];
}

/// The variables that messages of the plugins that come with Sluice never have with these settings;
/// docs/mappings.md has the same as a table.
std::vector<std::string> absentFrom(const InputOptions& input) {
    using Names = std::vector<std::string>;
    const auto isWritten = [&](std::string_view pointer) {
        return input.settings.find(pointer) != nullptr;
    };
    if (input.plugin == "zeromq") return {"key", "headers", "time", "partition", "offset"};
    if (input.plugin == "mqtt") {
        Names names{"key", "time", "partition", "offset"};
        // These came with version 5.
        if (input.settings.textAt("/version") == "3.1.1")
            names.insert(names.end(), {"headers", "content_type", "response_topic"});
        return names;
    }
    if (input.plugin == "redis") {
        if (!isWritten("/streams")) return {"key", "headers", "time", "partition", "offset", "id"};
        Names names{"key"};
        if (!isWritten("/payload_field")) names.emplace_back("headers");
        // What a group shares out has no place in the lanes of this node.
        if (isWritten("/group")) names.insert(names.end(), {"partition", "offset"});
        return names;
    }
    if (input.plugin != "ticker") return {};
    return input.settings.textAt("/replayable") == "true" ? Names{"headers"}
                                                          : Names{"headers", "partition", "offset"};
}

}  // namespace

const Setting* Setting::find(std::string_view pointer) const {
    if (pointer.empty()) return this;
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const Setting* const next = child(*this, unescaped(pointer.substr(1, end - 1)));
    return next ? next->find(pointer.substr(end)) : nullptr;
}

Setting& Setting::set(std::string key, std::string value) {
    Setting scalar;
    scalar.kind = Kind::Scalar;
    scalar.text = std::move(value);
    scalar.mark = mark;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i] == key) return items[i] = std::move(scalar);
    keys.push_back(std::move(key));
    return items.emplace_back(std::move(scalar));
}

std::string Setting::textAt(std::string_view pointer) const {
    const Setting* const found = find(pointer);
    return found ? found->text : std::string{};
}

bool Setting::isSameAs(const Setting& other) const {
    if (kind != other.kind || text != other.text || items.size() != other.items.size())
        return false;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Setting* const twin = kind == Kind::Map ? child(other, keys[i]) : &other.items[i];
        if (!twin || !items[i].isSameAs(*twin)) return false;
    }
    return true;
}

MappingInput mappingInputOf(const InputOptions& input, char separator) {
    return {input.name, input.separator.value_or(separator), input.format,
            variablesOfPlugin(input.plugin), absentFrom(input)};
}

bool InputOptions::isSameAs(const InputOptions& other) const {
    return name == other.name && isSameButForName(other);
}

bool InputOptions::isSameButForName(const InputOptions& other) const {
    return plugin == other.plugin && rewind == other.rewind && separator == other.separator &&
           settings.isSameAs(other.settings);
}

}  // namespace sluice
