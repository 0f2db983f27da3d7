#include "cli/OptionsHelp.h"

#include <algorithm>

namespace sluice::cli {
namespace {

constexpr int kDepthMax = 8;  // of objects in each other, and of references

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

std::string valueText(const Json& value) {
    return value.is(Json::Kind::Array) || value.is(Json::Kind::Object) ? value.compact()
                                                                       : value.text();
}

/// Reads a schema that may refer to its own "#/definitions/NAME".
class SchemaReader {
  public:
    explicit SchemaReader(const Json& root) : root_{root} {}

    void properties(const Json& object, const std::string& prefix, int depth) {
        if (depth > kDepthMax) return;
        const Json* const named = object.find("properties");
        for (std::size_t i = 0; named && i < named->items().size(); ++i)
            property(object, prefix + named->keys()[i], named->keys()[i], named->items()[i], depth);
        const Json* const others = object.find("additionalProperties");
        if (others && others->is(Json::Kind::Object))
            property(object, prefix + "*", "", *others, depth);
    }

    std::vector<OptionHelp> options;

  private:
    const Json& resolved(const Json& schema, int depth = 0) const {
        constexpr std::string_view kLocal = "#/definitions/";
        const std::string_view reference = schema.textAt("$ref");
        const Json* const all = root_.find("definitions");
        if (!reference.starts_with(kLocal) || !all || depth > kDepthMax) return schema;
        const Json* const found = all->find(reference.substr(kLocal.size()));
        return found ? resolved(*found, depth + 1) : schema;
    }

    void property(const Json& owner, const std::string& path, const std::string& key,
                  const Json& given, int depth) {
        const Json& schema = resolved(given);
        OptionHelp option;
        option.name = path;
        option.type = typeOf(schema, 0);
        if (const Json* const value = schema.find("default")) option.standard = valueText(*value);
        option.description = schema.textAt("description");
        const Json* const required = owner.find("required");
        option.required = required && !key.empty() &&
                          std::any_of(required->items().begin(), required->items().end(),
                                      [&](const Json& name) { return name.text() == key; });
        options.push_back(std::move(option));
        properties(schema, path + ".", depth + 1);
        for (const Json& one : alternatives(schema))
            properties(resolved(one), path + ".", depth + 1);
    }

    static std::vector<Json> alternatives(const Json& schema) {
        for (const char* key : {"oneOf", "anyOf"})
            if (const Json* const found = schema.find(key)) return found->items();
        return {};
    }

    std::string typeOf(const Json& given, int depth) const {
        const Json& schema = resolved(given);
        if (depth > kDepthMax) return "any";
        if (const Json* const only = schema.find("const")) return valueText(*only);
        if (const Json* const values = schema.find("enum")) {
            std::vector<std::string> texts;
            for (const Json& value : values->items()) texts.push_back(valueText(value));
            return joined(texts, " | ");
        }
        std::vector<std::string> words;
        for (const Json& one : alternatives(schema)) words.push_back(typeOf(one, depth + 1));
        if (const Json* const type = schema.find("type")) {
            if (type->is(Json::Kind::String)) words.push_back(wordOf(type->text(), schema, depth));
            for (const Json& one : type->items())
                words.push_back(wordOf(one.text(), schema, depth));
        }
        return words.empty() ? "any" : joined(words, " or ");
    }

    std::string wordOf(const std::string& type, const Json& schema, int depth) const {
        if (type == "string") return "text";
        if (type == "boolean") return "true | false";
        if (type == "integer") return "whole number" + rangeOf(schema);
        if (type == "number") return "number" + rangeOf(schema);
        if (type == "object") return "map";
        if (type != "array") return type;
        const Json* const items = schema.find("items");
        return items ? "list of " + typeOf(*items, depth + 1) : "list";
    }

    static std::string rangeOf(const Json& schema) {
        const Json* const least = schema.find("minimum");
        const Json* const most = schema.find("maximum");
        if (least && most) return " " + least->text() + " to " + most->text();
        if (least) return " from " + least->text();
        return most ? " to " + most->text() : "";
    }

    const Json& root_;
};

}  // namespace

std::vector<OptionHelp> optionsOf(const Json& schema) {
    SchemaReader reader{schema};
    reader.properties(schema, "", 0);
    return std::move(reader.options);
}

}  // namespace sluice::cli
