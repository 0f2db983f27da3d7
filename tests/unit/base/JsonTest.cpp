#include <gtest/gtest.h>

#include "base/Json.h"

namespace sluice {
namespace {

TEST(Json, keepsTheOrderOfMembersAndTheTextOfNumbers) {
    const auto json = Json::parse(R"( {"b": 129.90, "a": [1, true, null, "x\n"], "c": {}} )");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->keys(), (std::vector<std::string>{"b", "a", "c"}));
    EXPECT_EQ(json->compact(), R"({"b":129.90,"a":[1,true,null,"x\n"],"c":{}})");
}

TEST(Json, readsScalars) {
    EXPECT_EQ(Json::parse(" 18446744073709551616 ")->text(), "18446744073709551616");
    EXPECT_EQ(Json::parse("\"\\u00e9\"")->text(), "é");
    EXPECT_TRUE(Json::parse("null")->is(Json::Kind::Null));
    EXPECT_EQ(Json::parse("false")->text(), "false");
}

TEST(Json, refusesWhatIsNone) {
    for (const char* text :
         {"", "{", "[1,]", "{\"a\":1}{", "tru", "01", R"({"a":1,"a":2})", "[1],[2]", "\"\\ud800\""})
        EXPECT_FALSE(Json::parse(text)) << text;
}

TEST(Json, findsAndReplacesMembers) {
    Json json = Json::object();
    json.set("a", "1");
    json.set("b", Json::number(-2));
    json.set("a", Json::boolean(true));
    EXPECT_EQ(json.compact(), R"({"a":true,"b":-2})");
    EXPECT_EQ(json.find("c"), nullptr);
    EXPECT_EQ(json.textAt("b"), "");
}

TEST(Json, writesShortValuesOnOneLine) {
    const auto json = Json::parse(R"({"a":[1,2],"b":{"c":{"d":1}},"e":[]})");
    EXPECT_EQ(json->pretty(),
              "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": {\"d\": 1}\n  },\n  \"e\": []\n}");
}

TEST(Json, readsWhatItWrites) {
    const std::string text = R"({"a":[{"b":"\"\\"},[[]],1e9],"":{"c":[null,false]}})";
    const auto json = Json::parse(text);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->compact(), text);
    EXPECT_EQ(Json::parse(json->pretty()), json);
}

}  // namespace
}  // namespace sluice
