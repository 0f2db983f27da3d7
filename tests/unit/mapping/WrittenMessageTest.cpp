#include <gtest/gtest.h>

#include "mapping/WrittenMessage.h"

namespace sluice {
namespace {

TEST(WrittenMessage, isLentAsItWasWritten) {
    WrittenMessage written;
    written.topic = "t";
    written.key = "k";
    written.headers = {{"a", "1"}, {"b", std::nullopt}};
    written.variables = {{"qos", "1"}};
    written.partition = 7;
    written.offset = parseMessageOffset("5-6");
    const LentMessage lent{written};
    const Message& message = lent.message();
    EXPECT_EQ(message.topic, "t");
    EXPECT_EQ(message.key, "k");
    EXPECT_EQ(message.payload, std::nullopt);
    ASSERT_EQ(message.headers.size(), 2u);
    EXPECT_EQ(message.headers[0].value, "1");
    EXPECT_EQ(message.headers[1].value, std::nullopt);
    ASSERT_EQ(message.variables.size(), 1u);
    EXPECT_EQ(message.variables[0].value, "1");
    EXPECT_NE(message.lane, kPlainLane);
    EXPECT_EQ(message.laneOfFamily, 7u);
    EXPECT_EQ(message.words, Words::Two);
    EXPECT_EQ(message.position, (Position{5, 6}));
}

TEST(WrittenMessage, hasNoPositionUnlessOneIsWritten) {
    EXPECT_EQ(LentMessage{WrittenMessage{}}.message().lane, kPlainLane);
}

TEST(WrittenMessage, timesAreTextOrMilliseconds) {
    EXPECT_EQ(parseMessageTime("1970-01-01T00:00:01.5Z"), 1'500);
    EXPECT_EQ(parseMessageTime("1500"), 1'500);
    EXPECT_EQ(parseMessageTime("-1"), -1);
    EXPECT_EQ(parseMessageTime("noon"), std::nullopt);
    EXPECT_EQ(parseMessageTime(""), std::nullopt);
}

TEST(WrittenMessage, offsetsHaveOneNumberOrTwo) {
    EXPECT_EQ(parseMessageOffset("18446744073709551615")->position.first, UINT64_MAX);
    EXPECT_EQ(parseMessageOffset("1")->words, Words::One);
    for (const char* wrong : {"", "x", "-1", "1-", "-", "1-2-3", "18446744073709551616", "1 "})
        EXPECT_FALSE(parseMessageOffset(wrong)) << wrong;
}

}  // namespace
}  // namespace sluice
