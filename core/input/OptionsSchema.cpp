#include "input/OptionsSchema.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <re2/re2.h>

namespace sluice {
namespace {

using Kind = Setting::Kind;

constexpr int kDepthMax = 32;  // of schemas inside each other
constexpr std::size_t kErrorsMax = 20;

template <class Number>
std::optional<Number> parsed(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || last != end || text.empty()) return std::nullopt;
    return number;
}

std::optional<double> numberAt(const Json& schema, std::string_view key) {
    const Json* const value = schema.find(key);
    return value && value->is(Json::Kind::Number) ? parsed<double>(value->text()) : std::nullopt;
}

std::size_t codePoints(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string listed(const std::vector<Json>& values) {
    std::set<std::string> seen;
    std::string text;
    for (const Json& value : values)
        if (seen.insert(value.text()).second) text += (text.empty() ? "" : ", ") + value.text();
    return text;
}

std::string pointerTo(const std::string& pointer, std::string_view key) {
    std::string text = pointer + '/';
    for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
}

class SchemaCheck {
  public:
    explicit SchemaCheck(const Json& root) : root_{root} {}

    void check(const Json& given, const Setting& setting, const std::string& pointer, int depth) {
        if (depth > kDepthMax || errors.size() >= kErrorsMax) return;
        const Json& schema = resolved(given);
        if (!checkValues(schema, setting, pointer) || !checkType(schema, setting, pointer)) return;
        if (setting.kind == Kind::Scalar) checkScalar(schema, setting, pointer);
        if (setting.kind == Kind::List) checkList(schema, setting, pointer, depth);
        if (setting.kind == Kind::Map) checkMap(schema, setting, pointer, depth);
        checkCombinations(schema, setting, pointer, depth);
    }

    std::vector<SettingError> errors;

  private:
    const Json& resolved(const Json& schema) const {
        constexpr std::string_view kLocal = "#/definitions/";
        const Json* found = &schema;
        const Json* const all = root_.find("definitions");
        for (int i = 0; i < kDepthMax && all; ++i) {
            const std::string_view reference = found->textAt("$ref");
            if (!reference.starts_with(kLocal)) break;
            const Json* const next = all->find(reference.substr(kLocal.size()));
            if (!next) break;
            found = next;
        }
        return *found;
    }

    bool fits(const Json& schema, const Setting& setting, int depth) const {
        SchemaCheck attempt{root_};
        attempt.check(schema, setting, "", depth + 1);
        return attempt.errors.empty();
    }

    void fail(const Setting& setting, const std::string& pointer, const char* code,
              std::string text, std::string hint) {
        errors.push_back({pointer, code, std::move(text), std::move(hint), setting.mark});
    }

    // -- whether it is of the right kind

    bool checkValues(const Json& schema, const Setting& setting, const std::string& pointer) {
        std::vector<Json> values;
        if (const Json* const one = schema.find("const")) values.push_back(*one);
        if (const Json* const all = schema.find("enum")) values = all->items();
        if (values.empty()) return true;
        const bool isKnown = setting.kind == Kind::Scalar &&
                             std::any_of(values.begin(), values.end(), [&](const Json& value) {
                                 return value.text() == setting.text;
                             });
        if (!isKnown)
            fail(setting, pointer, "bad-value", "is none of the values that it can have",
                 "write one of: " + listed(values));
        return isKnown;
    }

    static bool isOfType(const std::string& type, const Setting& setting) {
        if (type == "object") return setting.kind == Kind::Map;
        if (type == "array") return setting.kind == Kind::List;
        if (setting.kind != Kind::Scalar) return false;
        if (type == "string") return true;
        if (type == "boolean") return setting.text == "true" || setting.text == "false";
        if (type == "integer") return parsed<std::int64_t>(setting.text).has_value();
        return type == "number" && parsed<double>(setting.text).has_value();
    }

    static std::string nameOf(const std::string& type) {
        if (type == "object") return "a map";
        if (type == "array") return "a list";
        if (type == "string") return "a text";
        if (type == "boolean") return "true or false";
        return type == "integer" ? "a whole number" : "a number";
    }

    bool checkType(const Json& schema, const Setting& setting, const std::string& pointer) {
        const Json* const type = schema.find("type");
        if (!type) return true;
        std::vector<std::string> types;
        if (type->is(Json::Kind::String)) types.push_back(type->text());
        for (const Json& one : type->items()) types.push_back(one.text());
        std::string names;
        for (const std::string& one : types) {
            if (isOfType(one, setting)) return true;
            names += (names.empty() ? "" : ", or ") + nameOf(one);
        }
        fail(setting, pointer, "bad-value", "is not " + names, "write " + names);
        return false;
    }

    // -- whether it keeps its bounds

    void checkScalar(const Json& schema, const Setting& setting, const std::string& pointer) {
        const auto number = parsed<double>(setting.text);
        const auto least = numberAt(schema, "minimum"), most = numberAt(schema, "maximum");
        if (number && ((least && *number < *least) || (most && *number > *most)))
            fail(setting, pointer, "bad-value", "is out of its range",
                 "write a number" + (least ? " from " + schema.find("minimum")->text() : "") +
                     (most ? " up to " + schema.find("maximum")->text() : ""));
        const double length = static_cast<double>(codePoints(setting.text));
        if (length < numberAt(schema, "minLength").value_or(0))
            fail(setting, pointer, "bad-value", "is too short", "write more");
        if (const auto longest = numberAt(schema, "maxLength"); longest && length > *longest)
            fail(setting, pointer, "bad-value", "is too long", "write less");
        const std::string_view pattern = schema.textAt("pattern");
        if (pattern.empty()) return;
        const RE2 expression{re2::StringPiece{pattern.data(), pattern.size()}, RE2::Quiet};
        if (expression.ok() && !RE2::PartialMatch(setting.text, expression))
            fail(setting, pointer, "bad-value", "is not written as it must be",
                 std::string{schema.textAt("description")});
    }

    void checkCount(const Json& schema, const Setting& setting, const std::string& pointer,
                    const char* least, const char* most) {
        const auto count = static_cast<double>(setting.items.size());
        if (count < numberAt(schema, least).value_or(0))
            fail(setting, pointer, "bad-value", "has too little in it", "add more");
        if (const auto limit = numberAt(schema, most); limit && count > *limit)
            fail(setting, pointer, "bad-value", "has too much in it", "leave some out");
    }

    void checkList(const Json& schema, const Setting& setting, const std::string& pointer,
                   int depth) {
        checkCount(schema, setting, pointer, "minItems", "maxItems");
        const Json* const unique = schema.find("uniqueItems");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < setting.items.size(); ++i) {
            const Setting& item = setting.items[i];
            const std::string below = pointerTo(pointer, std::to_string(i));
            if (const Json* const items = schema.find("items"))
                check(*items, item, below, depth + 1);
            if (unique && unique->text() == "true" && item.kind == Kind::Scalar &&
                !seen.insert(item.text).second)
                fail(item, below, "bad-value", "stands in its list twice", "leave one out");
        }
    }

    void checkMap(const Json& schema, const Setting& setting, const std::string& pointer,
                  int depth) {
        checkCount(schema, setting, pointer, "minProperties", "maxProperties");
        const Json* const named = schema.find("properties");
        const Json* const others = schema.find("additionalProperties");
        for (std::size_t i = 0; i < setting.keys.size(); ++i) {
            const std::string& key = setting.keys[i];
            const std::string below = pointerTo(pointer, key);
            const Json* const property = named ? named->find(key) : nullptr;
            if (property)
                check(*property, setting.items[i], below, depth + 1);
            else if (others && others->is(Json::Kind::Object))
                check(*others, setting.items[i], below, depth + 1);
            else if (others && others->text() == "false")
                fail(setting.items[i], below, "unknown-key", "has the unknown key " + key,
                     "`sluice plugins NAME` lists them");
        }
        checkRequired(schema.find("required"), setting, pointer);
        const Json* const dependencies = schema.find("dependencies");
        for (std::size_t i = 0; dependencies && i < dependencies->keys().size(); ++i)
            if (setting.find(pointerTo("", dependencies->keys()[i])))
                checkRequired(&dependencies->items()[i], setting, pointer);
    }

    void checkRequired(const Json* required, const Setting& setting, const std::string& pointer) {
        for (const Json& key : required ? required->items() : std::vector<Json>{})
            if (!setting.find(pointerTo("", key.text())))
                fail(setting, pointerTo(pointer, key.text()), "missing", "is missing", "add it");
    }

    void checkCombinations(const Json& schema, const Setting& setting, const std::string& pointer,
                           int depth) {
        if (const Json* const all = schema.find("allOf"))
            for (const Json& one : all->items()) check(one, setting, pointer, depth + 1);
        for (const char* key : {"anyOf", "oneOf"}) {
            const Json* const any = schema.find(key);
            if (!any) continue;
            const auto fitting =
                std::count_if(any->items().begin(), any->items().end(),
                              [&](const Json& one) { return fits(one, setting, depth); });
            const bool isWrong = fitting == 0 || (fitting > 1 && key == std::string_view{"oneOf"});
            if (isWrong)
                fail(setting, pointer, "bad-value", "is not written as it must be",
                     std::string{schema.textAt("description")});
        }
        const Json* const none = schema.find("not");
        if (none && fits(*none, setting, depth))
            fail(setting, pointer, "bad-value", "has what cannot stand together",
                 "leave one of them out");
    }

    const Json& root_;
};

}  // namespace

std::vector<SettingError> schemaErrors(const Json& schema, const Setting& settings) {
    SchemaCheck check{schema};
    check.check(schema, settings, "", 0);
    return std::move(check.errors);
}

}  // namespace sluice
