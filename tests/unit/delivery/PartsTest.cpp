#include <gtest/gtest.h>

#include "delivery/DeliveryCounts.h"
#include "delivery/IntrusiveList.h"
#include "delivery/Shed.h"
#include "support/SseParser.h"

namespace sluice::test {
namespace {

struct Item : ListNode<struct FirstTag>, ListNode<struct SecondTag> {
    explicit Item(int number) : value{number} {}
    int value;
};

TEST(IntrusiveList, keepsOrderAndLetsGoOfWhatIsDestroyed) {
    IntrusiveList<Item, FirstTag> first;
    IntrusiveList<Item, SecondTag> second;
    Item one{1}, three{3};
    {
        Item two{2};
        for (Item* item : {&one, &two, &three}) {
            first.pushBack(*item);
            second.pushBack(*item);
        }
    }
    first.pushBack(one);  // moves it to the end
    EXPECT_EQ(first.popFront().value, 3);
    EXPECT_EQ(first.popFront().value, 1);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(second.popFront().value, 1);
    EXPECT_FALSE(second.empty());
}

TEST(DelayHistogram, putsEachDelayIntoTheBucketBelowItsBound) {
    DelayHistogram delays;
    delays.observe(-5);
    delays.observe(100, 3);
    delays.observe(101);
    delays.observe(20'000'000);
    EXPECT_EQ(delays.buckets.front(), 4u);
    EXPECT_EQ(delays.buckets[1], 1u);
    EXPECT_EQ(delays.buckets.back(), 1u);
    EXPECT_EQ(delays.sumUs, 300u + 101u + 20'000'000u);
    DelayHistogram sum;
    sum.add(delays);
    sum.add(delays);
    EXPECT_EQ(sum.buckets.front(), 8u);
}

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nVary: Origin\r\n"
    "Access-Control-Allow-Origin: https://shop.example\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(Shed, tellsAnEventSourceWhenToComeBackWithoutDispatchingAnything) {
    SseParser read;
    read.feed(shedStream(kHead, Framing::Chunked, 31'000));
    EXPECT_EQ(read.error(), "");
    EXPECT_TRUE(read.hasEnded());
    EXPECT_TRUE(read.blocks().empty());
    EXPECT_EQ(read.unfinished(), "retry: 31000\n");
    EXPECT_TRUE(shedStream("H\r\n\r\n", Framing::Close, 31'000) == "H\r\n\r\nretry: 31000\n");
}

TEST(Shed, answersOthersWithRetryAfterAndLetsTheirPageReadIt) {
    const std::string answer = shedAnswer(kHead, 30'001);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
    EXPECT_NE(answer.find("\r\nRetry-After: 31\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nAccess-Control-Allow-Origin: https://shop.example\r\n"),
              std::string::npos);
    EXPECT_NE(answer.find("\r\nVary: Origin\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
    EXPECT_EQ(answer.find("event-stream"), std::string::npos);
    const std::size_t body = answer.find("\r\n\r\n") + 4;
    EXPECT_NE(answer.find("Content-Length: " + std::to_string(answer.size() - body)),
              std::string::npos);
}

}  // namespace
}  // namespace sluice::test
