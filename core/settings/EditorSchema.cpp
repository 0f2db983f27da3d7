#include "settings/EditorSchema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "settings/Form.h"
#include "settings/Ranges.h"

namespace sluice {
namespace {

constexpr std::string_view kLocal = "#/definitions/";
constexpr std::array<std::string_view, 5> kNotes{"title", "description", "default", "examples",
                                                 "writeOnly"};
/// What bounds values of one type only, by that type.
struct Bound {
    std::string_view type, keyword;
};
constexpr std::array kBounds{Bound{"string", "minLength"},
                             Bound{"string", "maxLength"},
                             Bound{"string", "pattern"},
                             Bound{"number", "minimum"},
                             Bound{"number", "maximum"},
                             Bound{"number", "exclusiveMinimum"},
                             Bound{"number", "exclusiveMaximum"},
                             Bound{"number", "multipleOf"},
                             Bound{"array", "minItems"},
                             Bound{"array", "maxItems"},
                             Bound{"array", "uniqueItems"},
                             Bound{"array", "items"},
                             Bound{"object", "minProperties"},
                             Bound{"object", "maxProperties"},
                             Bound{"object", "required"},
                             Bound{"object", "dependencies"},
                             Bound{"object", "propertyNames"},
                             Bound{"object", "properties"},
                             Bound{"object", "additionalProperties"}};

std::string_view familyOf(std::string_view type) {
    return type == "integer" ? "number" : type;
}

/// Which bounds a type has.
std::vector<std::string_view> boundsOf(std::string_view type) {
    std::vector<std::string_view> keywords;
    for (const Bound& bound : kBounds)
        if (bound.type == familyOf(type)) keywords.push_back(bound.keyword);
    return keywords;
}

std::vector<std::string> typesOf(const Json& schema) {
    std::vector<std::string> types;
    const Json* const type = schema.find("type");
    if (!type) return types;
    if (type->is(Json::Kind::String)) types.push_back(type->text());
    for (const Json& one : type->items()) types.push_back(one.text());
    return types;
}

class Rewriter {
  public:
    explicit Rewriter(const std::string& prefix) : prefix_{prefix} {}

    Json rewritten(const Json& schema) const {
        if (!schema.is(Json::Kind::Object)) return schema;
        if (const std::string_view name = schema.textAt("$ref"); name.starts_with(kLocal))
            return referenceTo(prefix_ + std::string{name.substr(kLocal.size())});
        if (schema.find("enum") || schema.find("const")) return values(schema);
        const std::vector<std::string> types = typesOf(schema);
        Json out = notesOf(schema);
        if (types.size() == 1 && isStructure(types[0])) {
            addTyped(out, schema, types[0]);
        } else if (!types.empty()) {
            std::vector<Json> choices;
            for (const std::string& type : types) addChoices(choices, schema, type);
            setChoices(out, std::move(choices));
        }
        addRest(out, schema, types);
        return out;
    }

  private:
    static bool isStructure(const std::string& type) { return type == "object" || type == "array"; }

    static Json referenceTo(const std::string& name) {
        Json schema = Json::object();
        schema.set("$ref", std::string{kLocal} + name);
        return schema;
    }

    static Json typed(const char* type) {
        Json schema = Json::object();
        schema.set("type", type);
        return schema;
    }

    static Json notesOf(const Json& schema) {
        Json out = Json::object();
        for (const std::string_view note : kNotes)
            if (const Json* const value = schema.find(note)) out.set(note, *value);
        return out;
    }

    /// The values that are allowed, also as texts.
    static Json values(const Json& schema) {
        std::vector<Json> all;
        if (const Json* const one = schema.find("const")) all.push_back(*one);
        if (const Json* const several = schema.find("enum")) all = several->items();
        Json names = Json::array();
        const auto add = [&](Json value) {
            const auto& known = names.items();
            if (std::find(known.begin(), known.end(), value) == known.end())
                names.add(std::move(value));
        };
        for (const Json& value : all) add(value);
        for (const Json& value : all) add(Json::string(value.text()));
        Json allowed = Json::object();
        allowed.set("enum", std::move(names));
        Json out = notesOf(schema);
        setChoices(out, {std::move(allowed)});
        return out;
    }

    static void setChoices(Json& out, std::vector<Json> choices) {
        // A text may hold variables anyway.
        const Json text = referenceTo("text");
        if (std::find(choices.begin(), choices.end(), text) == choices.end())
            choices.push_back(referenceTo("variable"));
        Json& any = out.set("anyOf", Json::array());
        for (Json& choice : choices) any.add(std::move(choice));
    }

    /// One type with its bounds.
    void addTyped(Json& out, const Json& schema, const std::string& type) const {
        out.set("type", type);
        for (const std::string_view keyword : boundsOf(type))
            if (const Json* const bound = schema.find(keyword))
                out.set(keyword, below(keyword, *bound));
    }

    void addChoices(std::vector<Json>& choices, const Json& schema, const std::string& type) const {
        Json& own = choices.emplace_back(Json::object());
        addTyped(own, schema, type);
        if (type == "string" && own.keys().size() == 1) {
            own = referenceTo("text");
        } else if (type == "string") {
            own.set("not", Form::withoutVariables());
            if (!schema.find("pattern")) choices.push_back(typed("number"));
        } else if (familyOf(type) == "number") {
            choices.push_back(numberText(schema, type));
        } else if (type == "boolean") {
            Json& quoted = choices.emplace_back(Json::object()).set("enum", Json::array());
            quoted.add(Json::string("true"));
            quoted.add(Json::string("false"));
        }
    }

    /// A number in quotes.
    static Json numberText(const Json& schema, const std::string& type) {
        Json text = typed("string");
        const auto least = boundOf(schema, "minimum"), most = boundOf(schema, "maximum");
        if (type == "integer")
            text.set("pattern",
                     "^" + (least && most ? integerPattern(*least, *most) : "-?[0-9]+") + "$");
        else
            text.set("pattern", R"(^-?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?$)");
        return text;
    }

    static std::optional<std::uint64_t> boundOf(const Json& schema, std::string_view keyword) {
        const Json* const bound = schema.find(keyword);
        if (!bound) return std::nullopt;
        const char* const end = bound->text().data() + bound->text().size();
        std::uint64_t value = 0;
        const auto [last, error] = std::from_chars(bound->text().data(), end, value);
        return error == std::errc{} && last == end ? std::optional{value} : std::nullopt;
    }

    Json below(std::string_view keyword, const Json& value) const {
        if (keyword == "items" || keyword == "additionalProperties") return rewritten(value);
        if (keyword != "properties") return value;
        Json out = Json::object();
        for (std::size_t i = 0; i < value.keys().size(); ++i)
            out.set(value.keys()[i], rewritten(value.items()[i]));
        return out;
    }

    /// What bounds no type: combinations, and all where no type is named.
    void addRest(Json& out, const Json& schema, const std::vector<std::string>& types) const {
        for (std::size_t i = 0; i < schema.keys().size(); ++i) {
            const std::string& keyword = schema.keys()[i];
            const Json& value = schema.items()[i];
            if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
                // Of ways to write a value several fit a variable.
                const bool isLoose = keyword == "oneOf" && haveTypes(value.items());
                Json& list = combination(out, isLoose ? "anyOf" : keyword);
                for (const Json& one : value.items()) list.add(rewritten(one));
            } else if (keyword == "not" || (types.empty() && isBound(keyword))) {
                out.set(keyword, below(keyword, value));
            }
        }
    }

    static bool haveTypes(const std::vector<Json>& schemas) {
        return std::any_of(schemas.begin(), schemas.end(), [](const Json& schema) {
            return schema.find("type") || schema.find("enum") || schema.find("const") ||
                   schema.find("$ref");
        });
    }

    /// `anyOf` may be taken by what a value can look like.
    static Json& combination(Json& out, const std::string& keyword) {
        if (!out.find(keyword)) return out.set(keyword, Json::array());
        return out.set("allOf", Json::array()).add(Json::object()).set(keyword, Json::array());
    }

    static bool isBound(const std::string& keyword) {
        return std::any_of(kBounds.begin(), kBounds.end(),
                           [&](const Bound& bound) { return bound.keyword == keyword; });
    }

    const std::string& prefix_;
};

}  // namespace

Json editorSchema(const Json& schema, const std::string& prefix, Json& definitions) {
    const Rewriter rewriter{prefix};
    if (const Json* const own = schema.find("definitions"))
        for (std::size_t i = 0; i < own->keys().size(); ++i)
            definitions.set(prefix + own->keys()[i], rewriter.rewritten(own->items()[i]));
    return rewriter.rewritten(schema);
}

}  // namespace sluice
