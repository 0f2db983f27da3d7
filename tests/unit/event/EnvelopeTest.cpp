#include <gtest/gtest.h>

#include "event/Block.h"

namespace sluice {
namespace {

TEST(Envelope, wrapsJsonDataAndKeepsTheEventLine) {
    EXPECT_EQ(envelope("orders/7", "event: update\n", "k1", 1'764'018'000'000, "data: {\"a\":1}\n"),
              "event: update\n"
              "data: {\"channel\":\"orders/7\",\"event\":\"update\",\"key\":\"k1\","
              "\"time\":1764018000000,\"data\":{\"a\":1}}\n");
}

TEST(Envelope, keepsJsonDataByteForByte) {
    for (const std::string json :
         {"129.90", "1E400", "123456789012345678901234567890", "\"\\ud800\"", "{\"a\":1, \"a\":2}",
          " [1 , 2] ", "null", "\"\xc3\xa9\""}) {
        EXPECT_EQ(
            envelope("c", "", "", 0, "data: " + json + "\n"),
            "data: {\"channel\":\"c\",\"event\":\"message\",\"key\":\"\",\"time\":0,\"data\":" +
                json + "}\n");
    }
}

TEST(Envelope, keepsTheLinesOfJsonData) {
    EXPECT_EQ(envelope("c", "", "", 0, "data: {\ndata:   \"a\": 1\ndata: }\n"),
              "data: {\"channel\":\"c\",\"event\":\"message\",\"key\":\"\",\"time\":0,\"data\":{\n"
              "data:   \"a\": 1\n"
              "data: }}\n");
}

TEST(Envelope, writesOtherDataAsText) {
    const std::string head =
        "data: {\"channel\":\"c\",\"event\":\"message\",\"key\":\"\",\"time\":0,\"text\":";
    EXPECT_EQ(envelope("c", "", "", 0, "data: hello\n"), head + "\"hello\"}\n");
    EXPECT_EQ(envelope("c", "", "", 0, "data: \n"), head + "\"\"}\n");
    EXPECT_EQ(envelope("c", "", "", 0, "data: {\"a\":1\n"), head + "\"{\\\"a\\\":1\"}\n");
    EXPECT_EQ(envelope("c", "", "", 0, "data: a\ndata: \ndata: b\\\tc\n"),
              head + "\"a\\n\\nb\\\\\\u0009c\"}\n");
    EXPECT_EQ(envelope("c", "", "", 0, std::string("data: \0\x7f\n", 9)),
              head + "\"\\u0000\x7f\"}\n");
}

TEST(Envelope, doesNotTakeALineBreakInsideAStringForJson) {
    EXPECT_EQ(envelope("c", "", "", 0, "data: \"a\ndata: b\"\n"),
              "data: {\"channel\":\"c\",\"event\":\"message\",\"key\":\"\",\"time\":0,"
              "\"text\":\"\\\"a\\nb\\\"\"}\n");
}

TEST(Envelope, escapesNamesAndKeys) {
    EXPECT_EQ(envelope("a\"b\\", "event: x\"y\n", "1\n2\r", -1, "data: 1\n"),
              "event: x\"y\n"
              "data: {\"channel\":\"a\\\"b\\\\\",\"event\":\"x\\\"y\",\"key\":\"1\\n2\\u000d\","
              "\"time\":-1,\"data\":1}\n");
}

TEST(Envelope, showsKeysThatAreNoTextWithReplacementCharacters) {
    EXPECT_EQ(envelope("c", "",
                       std::string("\0\xff"
                                   "a\xc3",
                                   4),
                       0, "data: 1\n"),
              "data: {\"channel\":\"c\",\"event\":\"message\","
              "\"key\":\"\\u0000\xef\xbf\xbd"
              "a\xef\xbf\xbd\",\"time\":0,\"data\":1}\n");
}

}  // namespace
}  // namespace sluice
