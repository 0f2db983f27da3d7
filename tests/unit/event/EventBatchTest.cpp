#include <gtest/gtest.h>

#include "event/EventBatch.h"

namespace sluice {
namespace {

using Names = std::vector<std::string>;

class EventBatchTest : public ::testing::Test {
  protected:
    EncodeError add(std::vector<std::string_view> channels, std::string_view type,
                    std::string_view key, std::string_view data) {
        if (batch.empty()) batch.beginMessage(kPlainLane, {});
        return batch.addEvent(channels, type, key, data);
    }
    const EventBatch::Event& last() { return batch.events(batch.messages().back()).back(); }
    std::string_view key() { return batch.bytes(last()).substr(0, last().keyLength); }
    std::string_view eventLine() {
        return batch.bytes(last()).substr(last().keyLength, last().eventLineLength);
    }
    std::string_view dataLines() {
        return batch.bytes(last()).substr(last().keyLength + last().eventLineLength);
    }
    Names channels(const EventBatch::Event& event) {
        Names names;
        for (std::uint32_t i = event.channelsBegin; i < event.channelsEnd; ++i)
            names.emplace_back(batch.channel(i));
        return names;
    }
    std::string linesOf(std::string_view data) {
        EXPECT_EQ(add({"c"}, "", "", data), EncodeError::None);
        EXPECT_EQ(last().dataLinesLength, dataLines().size());
        return std::string{dataLines()};
    }

    EventBatch batch;
};

TEST_F(EventBatchTest, encodesKeyEventLineAndDataSideBySide) {
    EXPECT_EQ(add({"orders"}, "update", "k1", "{}"), EncodeError::None);
    EXPECT_EQ(batch.bytes(last()), "k1event: update\ndata: {}\n");
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(eventLine(), "event: update\n");
    EXPECT_EQ(dataLines(), "data: {}\n");
    EXPECT_EQ(last().dataLinesLength, 9U);
}

TEST_F(EventBatchTest, writesNoEventLineWithoutAType) {
    EXPECT_EQ(add({"orders"}, "", "", "1"), EncodeError::None);
    EXPECT_EQ(batch.bytes(last()), "data: 1\n");
    EXPECT_EQ(last().eventLineLength, 0U);
}

TEST_F(EventBatchTest, beginsADataLineAtEveryLineEnd) {
    EXPECT_EQ(linesOf("a\nb"), "data: a\ndata: b\n");
    EXPECT_EQ(linesOf("a\rb"), "data: a\ndata: b\n");
    EXPECT_EQ(linesOf("a\r\nb"), "data: a\ndata: b\n");
    EXPECT_EQ(linesOf("a\n\rb"), "data: a\ndata: \ndata: b\n");
    EXPECT_EQ(linesOf("\r\r\n\n\r"), "data: \ndata: \ndata: \ndata: \ndata: \n");
    EXPECT_EQ(linesOf("a\r"), "data: a\ndata: \n");
    EXPECT_EQ(linesOf("\n"), "data: \ndata: \n");
    EXPECT_EQ(linesOf(""), "data: \n");
    EXPECT_EQ(linesOf("id: 7\n\nretry: 1"), "data: id: 7\ndata: \ndata: retry: 1\n");
}

TEST_F(EventBatchTest, givesTheDataBackWithLineFeeds) {
    for (const std::string_view data : {"", "a", "\n", "a\n", "\na", "a\n\n\nb", " a", "data: x"})
        EXPECT_EQ(dataOf(linesOf(data)), data);
    EXPECT_EQ(dataOf(linesOf("a\r\nb\rc")), "a\nb\nc");
}

TEST_F(EventBatchTest, splitsManyLinesInLinearTime) {
    const std::string data(1'000'000, '\n');
    EXPECT_EQ(linesOf(data).size(), 7U * 1'000'001U);
    EXPECT_EQ(dataOf(dataLines()), data);
}

TEST_F(EventBatchTest, passesNulInDataAndAnyBytesInKeys) {
    const std::string_view data{"a\0b", 3};
    EXPECT_EQ(linesOf(data), std::string("data: a\0b\n", 10));
    EXPECT_EQ(add({"c"}, "", std::string_view{"\xff\0\r\n", 4}, "1"), EncodeError::None);
    EXPECT_EQ(key(), std::string_view("\xff\0\r\n", 4));
}

TEST_F(EventBatchTest, refusesDataThatIsNotUtf8) {
    for (const std::string_view data :
         {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
        EXPECT_EQ(add({"c"}, "", "", data), EncodeError::NotUtf8);
    EXPECT_EQ(add({"c"}, "", "", "\xf0\x9f\x98\x80"), EncodeError::None);
}

TEST_F(EventBatchTest, addsNothingOnAnError) {
    add({"a"}, "x", "k", "1");
    EXPECT_EQ(add({"b", "c", "bad,name"}, "y", "k", "2"), EncodeError::BadChannel);
    EXPECT_EQ(add({"b"}, "sluice.at", "k", "2"), EncodeError::BadEventType);
    EXPECT_EQ(add({"b"}, "y", "k", "\xff"), EncodeError::NotUtf8);
    EXPECT_EQ(batch.eventCount(), 1U);
    EXPECT_EQ(channels(last()), Names{"a"});
    EXPECT_EQ(batch.bytes(last()), "kevent: x\ndata: 1\n");

    EXPECT_EQ(add({"d", "e"}, "y", "k", "3"), EncodeError::None);
    EXPECT_EQ(batch.events(batch.messages()[0]).size(), 2U);
    EXPECT_EQ(channels(last()), (Names{"d", "e"}));
    EXPECT_EQ(batch.bytes(last()), "kevent: y\ndata: 3\n");
}

TEST_F(EventBatchTest, takesEachChannelOnce) {
    add({"a", "b", "a", "b", "c", "a"}, "", "", "1");
    EXPECT_EQ(channels(last()), (Names{"a", "b", "c"}));
    add({"c", "a", "c"}, "", "", "2");
    EXPECT_EQ(channels(last()), (Names{"c", "a"}));
    add({"a"}, "", "", "3");
    EXPECT_EQ(channels(last()), Names{"a"});
}

TEST_F(EventBatchTest, keepsMessagesInOrderAlsoThoseWithoutEvents) {
    batch.beginMessage(3, {7, 0});
    batch.beginMessage(4, {8, 9});
    add({"a"}, "", "", "1");
    add({"b"}, "", "", "2");
    batch.beginMessage(3, {10, 0});
    ASSERT_EQ(batch.messages().size(), 3U);
    EXPECT_EQ(batch.messages()[0].lane, 3U);
    EXPECT_EQ(batch.messages()[0].position, (Position{7, 0}));
    EXPECT_TRUE(batch.events(batch.messages()[0]).empty());
    EXPECT_EQ(batch.messages()[1].position, (Position{8, 9}));
    const auto events = batch.events(batch.messages()[1]);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(batch.bytes(events[0]), "data: 1\n");
    EXPECT_EQ(channels(events[1]), Names{"b"});
    EXPECT_TRUE(batch.events(batch.messages()[2]).empty());
}

TEST_F(EventBatchTest, isEmptyAfterClear) {
    add({"a"}, "", "k", "1");
    batch.clear();
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.eventCount(), 0U);
    add({"a"}, "", "", "2");
    EXPECT_EQ(channels(last()), Names{"a"});
    EXPECT_EQ(batch.bytes(last()), "data: 2\n");
}

TEST(EventBatchNames, channelsHaveTextWithoutControlsAndSeparators) {
    for (const std::string_view name : {"a", "orders/7/x y", "sluice", "a.sluice.b", "\xc3\xa9",
                                        "a+b*(c)", "\xc2\xa0", "\xf0\x9f\x98\x80"})
        EXPECT_TRUE(isChannelName(name)) << name;
    for (const std::string_view name :
         {"", "a,b", "a?b", "a#b", "sluice.", "sluice.at", "a\nb", "a\rb", "a\tb", "\x7f", "\xff",
          "\xc2\x85", "\xc2", "a\xc3\xa9\xc2\x80", "a{b", "b}"})
        EXPECT_FALSE(isChannelName(name)) << name;
    EXPECT_FALSE(isChannelName("tenants/{tenant}/x"));
    EXPECT_TRUE(mayNameChannels("tenants/{tenant}/x")) << "a pattern";
    EXPECT_FALSE(mayNameChannels("a?{b}"));
    EXPECT_FALSE(isChannelName(std::string_view{"a\0b", 3}));
    EXPECT_TRUE(isChannelName(std::string(kChannelNameMax, 'a')));
    EXPECT_FALSE(isChannelName(std::string(kChannelNameMax + 1, 'a')));
}

TEST(EventBatchNames, eventTypesHaveOneLineAndAreNotOurs) {
    for (const std::string_view type :
         {"", "update", "a b", "a:b", " x", "sluice", "\xc3\xa9", "\t"})
        EXPECT_TRUE(isEventType(type)) << type;
    for (const std::string_view type : {"sluice.at", "sluice.", "a\nb", "a\r", "\xff", "\xc3"})
        EXPECT_FALSE(isEventType(type)) << type;
    EXPECT_FALSE(isEventType(std::string_view{"a\0", 2}));
    EXPECT_TRUE(isEventType(std::string(255, 'a')));
    EXPECT_FALSE(isEventType(std::string(256, 'a')));
}

}  // namespace
}  // namespace sluice
