#include <gtest/gtest.h>

#include "cli/OptionsHelp.h"

namespace sluice::cli {
namespace {

std::vector<OptionHelp> optionsOfText(const char* schema) {
    return optionsOf(*Json::parse(schema));
}

TEST(OptionsHelp, tellsTypeDefaultAndDescription) {
    const auto options = optionsOfText(R"({"properties": {
        "rate": {"type": "number", "minimum": 0.5, "maximum": 9, "default": 1, "description": "d"},
        "mode": {"enum": ["a", "b"]},
        "brokers": {"type": ["string", "array"], "items": {"type": "string"}}},
        "required": ["mode"]})");
    ASSERT_EQ(options.size(), 3u);
    EXPECT_EQ(options[0].name, "rate");
    EXPECT_EQ(options[0].type, "number 0.5 to 9");
    EXPECT_EQ(options[0].standard, "1");
    EXPECT_EQ(options[0].description, "d");
    EXPECT_FALSE(options[0].required);
    EXPECT_EQ(options[1].type, "a | b");
    EXPECT_TRUE(options[1].required);
    EXPECT_EQ(options[2].type, "text or list of text");
}

TEST(OptionsHelp, goesIntoObjectsReferencesAndAlternatives) {
    const auto options = optionsOfText(R"({
        "definitions": {"tls": {"type": "object", "properties": {"ca": {"type": "string"}}}},
        "properties": {
            "tls": {"anyOf": [{"type": "boolean"}, {"$ref": "#/definitions/tls"}]},
            "more": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}}})");
    ASSERT_EQ(options.size(), 4u);
    EXPECT_EQ(options[0].type, "true | false or map");
    EXPECT_EQ(options[1].name, "tls.ca");
    EXPECT_EQ(options[3].name, "more.*");
    EXPECT_EQ(options[3].type, "whole number from 1");
}

TEST(OptionsHelp, endsWhereASchemaRefersToItself) {
    const auto options = optionsOfText(R"({
        "definitions": {"a": {"$ref": "#/definitions/a"},
                        "tree": {"properties": {"below": {"$ref": "#/definitions/tree"}}}},
        "properties": {"a": {"$ref": "#/definitions/a"}, "tree": {"$ref": "#/definitions/tree"}}})");
    EXPECT_LT(options.size(), 20u);
}

}  // namespace
}  // namespace sluice::cli
