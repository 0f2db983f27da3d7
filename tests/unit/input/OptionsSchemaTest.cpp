#include <gtest/gtest.h>

#include "input/OptionsSchema.h"

namespace sluice {
namespace {

Setting scalar(std::string text) {
    Setting setting;
    setting.kind = Setting::Kind::Scalar;
    setting.text = std::move(text);
    return setting;
}

Setting list(const std::vector<std::string>& texts) {
    Setting setting;
    setting.kind = Setting::Kind::List;
    for (const std::string& text : texts) setting.items.push_back(scalar(text));
    return setting;
}

Setting map(const std::vector<std::pair<std::string, Setting>>& entries) {
    Setting setting;
    for (const auto& [key, value] : entries) {
        setting.keys.push_back(key);
        setting.items.push_back(value);
    }
    return setting;
}

/// The pointers of the errors that a value of the option `o` has.
std::vector<std::string> errorsOf(const std::string& schema, const Setting& value) {
    const auto whole = Json::parse(R"({"type": "object", "properties": {"o": )" + schema + "}}");
    EXPECT_TRUE(whole) << schema;
    std::vector<std::string> pointers;
    for (const SettingError& error : schemaErrors(*whole, map({{"o", value}})))
        pointers.push_back(error.pointer);
    return pointers;
}

bool fits(const std::string& schema, const Setting& value) {
    return errorsOf(schema, value).empty();
}

TEST(OptionsSchema, scalarsAreTextThatMayBeMore) {
    EXPECT_TRUE(fits(R"({"type": "string"})", scalar("5")));
    EXPECT_TRUE(fits(R"({"type": "integer"})", scalar("-5")));
    EXPECT_FALSE(fits(R"({"type": "integer"})", scalar("5.0")));
    EXPECT_FALSE(fits(R"({"type": "integer"})", scalar("5x")));
    EXPECT_TRUE(fits(R"({"type": "number"})", scalar("1e3")));
    EXPECT_FALSE(fits(R"({"type": "number"})", scalar("")));
    EXPECT_TRUE(fits(R"({"type": "boolean"})", scalar("true")));
    EXPECT_FALSE(fits(R"({"type": "boolean"})", scalar("yes")));
    EXPECT_FALSE(fits(R"({"type": "string"})", list({"a"})));
    EXPECT_TRUE(fits(R"({"type": ["string", "array"]})", list({"a"})));
    EXPECT_FALSE(fits(R"({"type": "object"})", scalar("a")));
}

TEST(OptionsSchema, boundsCount) {
    EXPECT_FALSE(fits(R"({"type": "integer", "minimum": 1, "maximum": 9})", scalar("0")));
    EXPECT_FALSE(fits(R"({"type": "integer", "minimum": 1, "maximum": 9})", scalar("10")));
    EXPECT_TRUE(fits(R"({"type": "integer", "minimum": 1, "maximum": 9})", scalar("9")));
    EXPECT_FALSE(fits(R"({"enum": ["a", 5]})", scalar("b")));
    EXPECT_TRUE(fits(R"({"enum": ["a", 5]})", scalar("5")));
    EXPECT_FALSE(fits(R"({"type": "string", "minLength": 2})", scalar("é")));
    EXPECT_FALSE(fits(R"({"type": "string", "maxLength": 2})", scalar("abc")));
    EXPECT_FALSE(fits(R"({"type": "string", "pattern": "^[0-9]+ms$"})", scalar("5s")));
    EXPECT_FALSE(fits(R"({"type": "array", "minItems": 1})", list({})));
    EXPECT_FALSE(fits(R"({"type": "array", "uniqueItems": true})", list({"a", "a"})));
}

TEST(OptionsSchema, pointsToWhatIsWrong) {
    const std::string schema = R"({"type": "object", "additionalProperties": false,
        "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "integer"}},
        "b/c": {"type": "boolean"}}})";
    EXPECT_EQ(errorsOf(schema, map({{"a", list({"1", "x"})}})), std::vector<std::string>{"/o/a/1"});
    EXPECT_EQ(errorsOf(schema, map({{"b/c", scalar("no")}, {"d", scalar("")}})),
              (std::vector<std::string>{"/o/b~1c", "/o/d", "/o/a"}));
}

TEST(OptionsSchema, combinesSchemas) {
    const std::string either = R"({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]})";
    EXPECT_TRUE(fits(either, map({{"a", scalar("1")}})));
    EXPECT_FALSE(fits(either, map({{"a", scalar("1")}, {"b", scalar("1")}})));
    EXPECT_FALSE(fits(either, map({})));
    EXPECT_FALSE(fits(R"({"not": {"required": ["a", "b"]}})",
                      map({{"a", scalar("1")}, {"b", scalar("1")}})));
    EXPECT_FALSE(fits(R"({"dependencies": {"a": ["b"]}})", map({{"a", scalar("1")}})));
    EXPECT_TRUE(fits(R"({"anyOf": [{"type": "integer"}, {"const": "max"}]})", scalar("max")));
    EXPECT_FALSE(fits(R"({"allOf": [{"minLength": 2}, {"maxLength": 3}]})", scalar("abcd")));
}

TEST(OptionsSchema, followsReferencesAndEndsWhereTheyGoRound) {
    const auto schema = Json::parse(R"({"definitions": {
        "key": {"type": "string", "minLength": 3}, "round": {"$ref": "#/definitions/round"}},
        "properties": {"k": {"$ref": "#/definitions/key"}, "r": {"$ref": "#/definitions/round"}}})");
    EXPECT_EQ(schemaErrors(*schema, map({{"k", scalar("ab")}, {"r", scalar("")}})).size(), 1u);
}

TEST(OptionsSchema, showsNoValues) {
    const auto schema = Json::parse(R"({"properties": {"password": {"type": "integer"}}})");
    const auto errors = schemaErrors(*schema, map({{"password", scalar("s3cret")}}));
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ((errors[0].text + errors[0].hint).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace sluice
