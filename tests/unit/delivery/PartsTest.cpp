#include <gtest/gtest.h>

#include "delivery/DeliveryCounts.h"
#include "delivery/Herd.h"
#include "delivery/IntrusiveList.h"
#include "delivery/Shed.h"
#include "delivery/SubscriptionState.h"
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

class HerdTest : public testing::Test {
  protected:
    void SetUp() override {
        for (Subscriber& subscriber : subscribers) herd.add(subscriber);
    }
    bool waits(const Subscriber& subscriber) const { return subscriber.herdIndex < herd.unwritten; }

    SubscriptionState subscription;
    Herd herd{subscription, {}};
    Subscriber subscribers[5];
};

TEST_F(HerdTest, keepsApartWhoHasTheWriteWhenSomeLeave) {
    herd.unwritten = 3;  // 0, 1 and 2 wait
    herd.remove(subscribers[0]);
    EXPECT_EQ(herd.unwritten, 2u);
    EXPECT_TRUE(waits(subscribers[1]) && waits(subscribers[2]));
    EXPECT_FALSE(waits(subscribers[3]) || waits(subscribers[4]));
    herd.remove(subscribers[4]);
    EXPECT_EQ(herd.unwritten, 2u);
    EXPECT_EQ(herd.members.size(), 3u);
    for (std::size_t i = 0; i < herd.members.size(); ++i) EXPECT_EQ(herd.members[i]->herdIndex, i);
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
