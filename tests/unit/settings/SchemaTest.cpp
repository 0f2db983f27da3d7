#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "settings/EditorSchema.h"
#include "settings/Settings.h"
#include "settings/Shape.h"

// That the schema judges as the program does, tests/schema proves with a validator.
namespace sluice {
namespace {

/// The paths of all keys in a schema, and of what entries and items have in common. Those of lists
/// and mappings of texts are no paths of their own.
void collect(const Json& schema, const std::string& path, std::set<std::string>& paths) {
    const std::string prefix = path.empty() ? "" : path + ".";
    if (const Json* const named = schema.find("properties"))
        for (std::size_t i = 0; i < named->keys().size(); ++i) {
            paths.insert(prefix + named->keys()[i]);
            collect(named->items()[i], prefix + named->keys()[i], paths);
        }
    for (const char* key : {"items", "additionalProperties"}) {
        const Json* const below = schema.find(key);
        if (!below || !below->find("properties")) continue;
        paths.insert(prefix + "*");
        collect(*below, prefix + "*", paths);
    }
    if (const Json* const choices = schema.find("anyOf"))
        for (const Json& choice : choices->items()) collect(choice, path, paths);
}

const Json* at(const Json& schema, std::initializer_list<const char*> keys) {
    const Json* found = &schema;
    for (const char* key : keys)
        if (found) found = found->find(key);
    return found;
}

Json parsed(std::string_view text) {
    return Json::parse(text).value_or(Json{});
}

TEST(SettingsSchema, describesEveryKeyAndNothingElse) {
    std::set<std::string> paths;
    collect(settingsSchema(), "", paths);
    // Variables of the inputs that come with Sluice, which editors complete.
    std::erase_if(paths, [](const std::string& path) {
        return path.starts_with("tests.*.given.") && keyDescription(path).empty();
    });
    const std::vector<std::string> described = describedKeys();
    EXPECT_EQ(paths, std::set<std::string>(described.begin(), described.end()));
}

TEST(SettingsSchema, hasEveryKeyThatTheReaderAsksFor) {
    std::set<std::string> paths;
    collect(settingsSchema(), "", paths);
    const LoadResult file = load("f", "inputs: {a: {plugin: kafka}}", {});
    for (const std::string& key : file.keysKnown) EXPECT_TRUE(paths.contains(key)) << key;
}

TEST(SettingsSchema, saysDefaultsAndBounds) {
    const Json schema = settingsSchema();
    const Json* const retry = at(schema, {"properties", "delivery", "properties", "retry"});
    ASSERT_TRUE(retry);
    EXPECT_EQ(retry->textAt("default"), "2s");
    EXPECT_NE(retry->textAt("description").find("0ms to 1h"), std::string_view::npos);
}

TEST(SettingsSchema, hasNoKeyThatThisVersionDoesNotRead) {
    const Json schema = settingsSchema();
    EXPECT_FALSE(at(schema, {"properties", "cluster"}));
    EXPECT_EQ(at(schema, {"additionalProperties"})->text(), "false");
}

TEST(EditorSchema, letsNumbersStandForTexts) {
    Json definitions = Json::object();
    EXPECT_EQ(editorSchema(parsed(R"({"type": "string", "default": "x"})"), "", definitions),
              parsed(R"({"default": "x", "anyOf": [{"$ref": "#/definitions/text"}]})"));
}

TEST(EditorSchema, letsTextsStandForNumbers) {
    Json definitions = Json::object();
    const Json given = parsed(R"({"type": "integer", "minimum": 0, "maximum": 2})");
    const Json expected = parsed(R"({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 2},
        {"type": "string", "pattern": "^(?:0|[1-2])$"}, {"$ref": "#/definitions/variable"}]})");
    EXPECT_EQ(editorSchema(given, "", definitions), expected);
}

TEST(EditorSchema, keepsWhatEveryTypeIsBoundBy) {
    Json definitions = Json::object();
    const Json given = parsed(R"({"type": ["string", "array"], "pattern": "^a", "minItems": 1,
        "items": {"enum": [5]}})");
    const Json expected = parsed(R"({"anyOf": [{"type": "string", "pattern": "^a",
        "not": {"pattern": "\\$\\{"}},
        {"type": "array", "minItems": 1, "items": {"anyOf": [{"enum": [5, "5"]},
        {"$ref": "#/definitions/variable"}]}}, {"$ref": "#/definitions/variable"}]})");
    EXPECT_EQ(editorSchema(given, "", definitions), expected);
}

TEST(EditorSchema, letsAVariableStandForAnyOfSeveralForms) {
    Json definitions = Json::object();
    const Json given = parsed(R"({"oneOf": [{"type": "boolean"}, {"const": "max"}]})");
    const Json schema = editorSchema(given, "", definitions);
    EXPECT_FALSE(schema.find("oneOf"));  // both forms may be a variable
    ASSERT_TRUE(schema.find("anyOf"));
    EXPECT_EQ(schema.find("anyOf")->items().size(), 2u);
}

TEST(EditorSchema, movesDefinitions) {
    Json definitions = Json::object();
    const Json given =
        parsed(R"({"type": "object", "properties": {"a": {"$ref": "#/definitions/b"}},
        "definitions": {"b": {"type": "string"}}})");
    const Json schema = editorSchema(given, "p.", definitions);
    EXPECT_EQ(at(schema, {"properties", "a"})->textAt("$ref"), "#/definitions/p.b");
    EXPECT_TRUE(definitions.find("p.b"));
}

TEST(EditorSchema, keepsKeysThatExcludeEachOther) {
    Json definitions = Json::object();
    const std::string text = R"({"type": "object",
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}], "not": {"required": ["c", "d"]}})";
    EXPECT_EQ(editorSchema(parsed(text), "", definitions), parsed(text));
}

}  // namespace
}  // namespace sluice
