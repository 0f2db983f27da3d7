#include <gtest/gtest.h>

#include "Line.h"

namespace sluice::replay {
namespace {

std::string errorOf(const std::string& text) {
    try {
        parseLine(text);
    } catch (const RecordingError& error) {
        return error.what();
    }
    return "";
}

TEST(Line, hasEverythingOfAMessage) {
    const Line line = parseLine(
        R"({"kind":"message","input":"a","receivedMs":17,"topic":"t","lane":3,"position":[5,6],)"
        R"("key":"k","headers":[["h","v"],["h",null],["b",{"base64":"/wA="}]],"timeMs":-4,)"
        R"("variables":[["qos","1"]],"payloadBase64":"AP8=","later":{"x":[1]}})");
    EXPECT_EQ(line.kind, Line::Kind::Message);
    EXPECT_EQ(line.family, "t");
    EXPECT_EQ(line.lane, 3u);
    EXPECT_EQ(line.position, (Position{5, 6}));
    EXPECT_EQ(line.key, "k");
    EXPECT_EQ(line.timeMs, -4);
    ASSERT_EQ(line.headers.size(), 3u);
    EXPECT_EQ(line.headers[1].second, std::nullopt);
    EXPECT_EQ(line.headers[2].second, std::string("\xff\0", 2));
    EXPECT_EQ(line.variables[0].second, "1");
    EXPECT_EQ(line.payload, std::string("\0\xff", 2));
}

TEST(Line, positionsAreExactUpTo64Bits) {
    const Line line = parseLine(
        R"({"kind":"at","input":"a","family":"t","lane":0,"position":[18446744073709551615]})");
    EXPECT_EQ(line.position.first, 18446744073709551615u);
}

TEST(Line, saysWhatIsMissing) {
    const std::string message = R"({"kind":"message","input":"a",)";
    EXPECT_EQ(errorOf("{}"), "it has no kind");
    EXPECT_EQ(errorOf(R"({"kind":"message","topic":"t","payload":""})"), "it names no input");
    EXPECT_EQ(errorOf(message + R"("payload":""})"), "it names no topic");
    EXPECT_EQ(errorOf(message + R"("topic":"t"})"), "it has no payload and is no tombstone");
    EXPECT_EQ(errorOf(message + R"("topic":"t","payload":"","tombstone":true})"),
              "it has no payload and is no tombstone");
    EXPECT_EQ(errorOf(message + R"("topic":"t","payload":"","lane":1})"), "it has no position");
    EXPECT_EQ(errorOf(R"({"kind":"frob"})"), "there is no kind of line 'frob'");
}

TEST(Line, refusesWhatCannotBe) {
    const std::string message = R"({"kind":"message","input":"a","topic":"t","payload":"",)";
    for (const char* rest :
         {R"("lane":-1,"position":[1]})", R"("lane":4294967296,"position":[1]})",
          R"("lane":0,"position":[1,2,3]})", R"("lane":0,"position":[-1]})", R"("key":7})",
          R"("headers":[["a"]]})", R"("headers":[[null,"a"]]})", R"("keyBase64":"AB"})",
          R"("keyBase64":"A=BC"})", R"("keyBase64":"****"})", R"("timeMs":"now"})"})
        EXPECT_FALSE(errorOf(message + rest).empty()) << rest;
    for (const char* text :
         {"", "[]", "null", "{\"kind\":\"header\"", "{} {}", "\"kind\"", "{\"a\""})
        EXPECT_FALSE(errorOf(text).empty()) << text;
}

}  // namespace
}  // namespace sluice::replay
