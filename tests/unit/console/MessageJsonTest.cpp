#include <gtest/gtest.h>

#include "console/MessageJson.h"

namespace sluice {
namespace {

WrittenMessage whole() {
    WrittenMessage message;
    message.input = "shop";
    message.topic = "orders.eu";
    message.key = "o1";
    message.payload = "{\"a\": 1}";
    message.timeMs = 1'790'000'000'000;
    message.headers = {{"tenant", "acme"}, {"none", std::nullopt}};
    message.variables = {{"qos", "1"}};
    message.partition = 3;
    message.offset = WrittenMessage::Offset{{17, 2}, Words::Two};
    return message;
}

std::string refusal(const std::string& json) {
    WrittenMessage message;
    MessageJsonError error;
    return readMessageJson(*Json::parse(json), message, error) ? "" : error.field;
}

TEST(MessageJson, readsWhatItWrote) {
    WrittenMessage read;
    MessageJsonError error;
    ASSERT_TRUE(readMessageJson(messageJson(whole()), read, error)) << error.message;
    EXPECT_EQ(messageJson(read).compact(), messageJson(whole()).compact());
    EXPECT_EQ(messageJson(whole()).compact(),
              R"({"input":"shop","topic":"orders.eu","partition":3,"offset":"17-2","key":"o1",)"
              R"("payload":"{\"a\": 1}","timeMs":1790000000000,)"
              R"("headers":[["tenant","acme"],["none",null]],"variables":[["qos","1"]]})");
}

TEST(MessageJson, showsBytesAsBase64AndATombstoneAsOne) {
    WrittenMessage message;
    message.topic = "t";
    message.key = "\xff";
    EXPECT_EQ(messageJson(message).compact(),
              R"({"input":"","topic":"t","keyBase64":"/w==","tombstone":true})");
    message.payload = "\xff\xfe";
    EXPECT_EQ(messageJson(message).textAt("payloadBase64"), "//4=");
}

TEST(MessageJson, takesWhatPeopleWrite) {
    WrittenMessage message;
    MessageJsonError error;
    ASSERT_TRUE(readMessageJson(*Json::parse(R"({"topic": "t", "payload": {"a": [1, 2]}, "key": 7,
        "time": "2026-01-31T12:00:00Z", "headers": {"h": "v"}, "offset": 17})"),
                                message, error));
    EXPECT_EQ(message.payload, R"({"a":[1,2]})");
    EXPECT_EQ(message.key, "7");
    EXPECT_EQ(message.timeMs, 1'769'860'800'000);
    EXPECT_EQ(message.headers.front().second, "v");
    EXPECT_EQ(message.offset->position.first, 17u);
}

TEST(MessageJson, saysWhichMemberIsWrong) {
    EXPECT_EQ(refusal("[]"), "message");
    EXPECT_EQ(refusal(R"({"payload": 1})"), "topic");
    EXPECT_EQ(refusal(R"({"topic": "t", "time": "noon"})"), "time");
    EXPECT_EQ(refusal(R"({"topic": "t", "partition": -1})"), "partition");
    EXPECT_EQ(refusal(R"({"topic": "t", "offset": "x"})"), "offset");
    EXPECT_EQ(refusal(R"({"topic": "t", "headers": [["a"]]})"), "headers");
    EXPECT_EQ(refusal(R"({"topic": "t", "variables": [[1, 2]]})"), "variables");
}

}  // namespace
}  // namespace sluice
