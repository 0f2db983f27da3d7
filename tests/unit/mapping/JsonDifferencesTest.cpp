#include <gtest/gtest.h>

#include "mapping/JsonDifferences.h"

namespace sluice {
namespace {

/// The differences, one a line.
std::string between(const char* expected, const char* actual, std::size_t countMax = 10) {
    std::string text;
    for (const auto& one : differences(*Json::parse(expected), *Json::parse(actual), countMax))
        text += one.path + " " + one.text + "\n";
    return text;
}

TEST(JsonDifferences, areNoneWhereOnlyTheWritingDiffers) {
    EXPECT_EQ(between(R"({"a": 1, "b": [1.50, 1e2]})", R"({"b":[1.5,100.0],"a":1.0})"), "");
    EXPECT_EQ(between("9007199254740993", "9007199254740993"), "");
}

TEST(JsonDifferences, nameThePlace) {
    EXPECT_EQ(between(R"({"a":{"b c":[1,2]},"x":1})", R"({"a":{"b c":[1,"2",3]},"y":null})"),
              ".a['b c'][1] is \"2\", not 2\n"
              ".a['b c'][2] should not be there: 3\n"
              ".x is missing\n"
              ".y should not be there: null\n");
    EXPECT_EQ(between("[1]", "[]"), "[0] is missing\n");
    EXPECT_EQ(between("{}", "[]"), " is [], not {}\n");
}

TEST(JsonDifferences, keepLargeIntegersApart) {
    EXPECT_EQ(between("9007199254740993", "9007199254740992"),
              " is 9007199254740992, not 9007199254740993\n");
}

TEST(JsonDifferences, areBounded) {
    EXPECT_EQ(between("[1,2,3]", "[4,5,6]", 2), "[0] is 4, not 1\n[1] is 5, not 2\n");
    const std::string text(1'000, 'x');
    const auto found = differences(Json{}, Json::string(text), 1);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_LT(found[0].text.size(), 200u);
}

}  // namespace
}  // namespace sluice
