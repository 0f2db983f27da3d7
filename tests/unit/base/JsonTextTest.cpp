#include <gtest/gtest.h>

#include "base/JsonText.h"

namespace sluice {
namespace {

TEST(JsonText, isReadByTheGrammar) {
    for (const std::string_view text : {"0",
                                        "-0",
                                        "-1",
                                        "10",
                                        "1.0",
                                        "1.50e+10",
                                        "1E-3",
                                        "0e0",
                                        "\"\"",
                                        "\"\\u0041\\n\\/\"",
                                        "true",
                                        "false",
                                        "null",
                                        "[]",
                                        "{}",
                                        "[[]]",
                                        "[1,[2],{}]",
                                        "{\"\":{\"a\":[null]}}",
                                        " \t\r\n{ \"a\" : 1 , \"b\" : [ ] } ",
                                        "\"\xf0\x9f\x98\x80\"",
                                        "\"\x7f\""}) {
        EXPECT_TRUE(isJson(text)) << text;
    }
}

TEST(JsonText, isNothingElse) {
    for (const std::string_view text : {"",
                                        " ",
                                        "+1",
                                        "01",
                                        "-",
                                        "-01",
                                        "1.",
                                        ".5",
                                        "1e",
                                        "1e+",
                                        "0x1",
                                        "NaN",
                                        "Infinity",
                                        "tru",
                                        "truex",
                                        "True",
                                        "nul",
                                        "'a'",
                                        "\"",
                                        "\"a",
                                        "\"\\x\"",
                                        "\"\\u12g4\"",
                                        "\"\\u12\"",
                                        "\"\\",
                                        "\"\t\"",
                                        "\"\n\"",
                                        "[",
                                        "]",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "[1 2]",
                                        "{",
                                        "{]",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "{1:1}",
                                        "{\"a\" 1}",
                                        "{\"a\":1 \"b\":2}",
                                        "1 2",
                                        "{}{}",
                                        "\xef\xbb\xbf{}",
                                        "// a\n1",
                                        "\"\xff\"",
                                        "\"\xed\xa0\x80\"",
                                        "\xc2\xa0"
                                        "1"}) {
        EXPECT_FALSE(isJson(text)) << text;
    }
}

TEST(JsonText, isReadToItsLargestDepthOnly) {
    const auto nested = [](int depth) {
        const auto size = static_cast<std::size_t>(depth);
        return std::string(size, '[') + std::string(size, ']');
    };
    EXPECT_TRUE(isJson(nested(kJsonDepthMax)));
    EXPECT_FALSE(isJson(nested(kJsonDepthMax + 1)));
    EXPECT_FALSE(isJson(nested(1'000'000)));
    EXPECT_FALSE(isJson(std::string(1'000'000, '{')));
}

TEST(JsonText, findsWhatEndsAStringAtEveryPlace) {
    const std::string plain = "abcdefghijklmnopqrstuvwx\xc3\xa4yz";
    for (std::size_t i = 0; i <= plain.size(); ++i) {
        const auto with = [&](std::string_view inserted) {
            return isJsonInUtf8('"' + plain.substr(0, i) + std::string{inserted} + plain.substr(i) +
                                '"');
        };
        EXPECT_TRUE(with("") && with("\x7f") && with(" ") && with("\\\"") && with("\\\\")) << i;
        EXPECT_FALSE(with("\"") || with("\x1f") || with(std::string_view{"\0", 1})) << i;
        EXPECT_FALSE(with("\\x")) << i;
        EXPECT_FALSE(isJsonInUtf8('"' + plain.substr(0, i))) << i;
    }
}

}  // namespace
}  // namespace sluice
