#include <gtest/gtest.h>

#include "input/LiveTap.h"

namespace sluice {
namespace {

class LiveTapTest : public testing::Test {
  protected:
    void see(const std::string& input, const std::string& payload, const std::string& channel) {
        const std::size_t first = batch.messages().size();
        batch.beginMessage(kPlainLane, {});
        const std::string_view channels[] = {channel};
        batch.addEvent(channels, "", "", payload);
        Message message;
        message.topic = "t";
        message.payload = payload;
        tap.see(input, message, batch, first, nowMs);
    }
    std::vector<std::string> payloads(const LiveTap::Answer& answer) {
        std::vector<std::string> texts;
        for (const LiveTap::Taken& taken : answer.messages) texts.push_back(*taken.message.payload);
        return texts;
    }
    using Texts = std::vector<std::string>;

    LiveTap tap;
    EventBatch batch;
    std::int64_t nowMs = 1'000;
};

TEST_F(LiveTapTest, seesNothingBeforeSomebodyLooks) {
    EXPECT_FALSE(tap.isWanted());
    see("shop", "early", "orders");
    EXPECT_TRUE(tap.take({"shop", ""}, 0, nowMs)->messages.empty());
    EXPECT_TRUE(tap.isWanted());
    see("shop", "late", "orders");
    EXPECT_EQ(payloads(*tap.take({"shop", ""}, 0, nowMs)), Texts{"late"});
}

TEST_F(LiveTapTest, givesWhatEachLookWants) {
    tap.take({"shop", ""}, 0, nowMs);
    tap.take({"", "orders"}, 0, nowMs);
    see("shop", "a", "orders");
    see("shop", "b", "refunds");
    see("http", "c", "orders");
    EXPECT_EQ(payloads(*tap.take({"shop", ""}, 0, nowMs)), (Texts{"a", "b"}));
    EXPECT_EQ(payloads(*tap.take({"", "orders"}, 0, nowMs)), (Texts{"a", "c"}));
}

TEST_F(LiveTapTest, goesOnAfterTheLastAnswerAndCountsWhatItPassedOver) {
    tap.take({}, 0, nowMs);
    see("shop", "a", "orders");
    const auto first = tap.take({}, 0, nowMs);
    EXPECT_EQ(first->next, 1u);
    for (std::size_t n = 0; n < LiveTap::kMessagesMax + 5; ++n) see("shop", "x", "orders");
    see("shop", std::string(LiveTap::kMessageBytesMax + 1, 'x'), "orders");
    const auto second = tap.take({}, first->next, nowMs);
    EXPECT_EQ(second->messages.size(), LiveTap::kMessagesMax);
    EXPECT_EQ(second->passedOver, 6u) << "five were too many, one was too large";
    EXPECT_TRUE(tap.take({}, second->next, nowMs)->messages.empty());
}

TEST_F(LiveTapTest, endsALookThatNobodyAskedForAndBeginsAnew) {
    tap.take({}, 0, nowMs);
    see("shop", "a", "orders");
    nowMs += LiveTap::kIdleMs + 1;
    see("shop", "b", "orders");
    EXPECT_FALSE(tap.isWanted());
    EXPECT_TRUE(tap.take({}, 1, nowMs)->messages.empty());
    see("shop", "c", "orders");
    EXPECT_EQ(payloads(*tap.take({}, 1, nowMs)), Texts{})
        << "numbers count from 1 again, and 1 was seen";
    EXPECT_EQ(payloads(*tap.take({}, 0, nowMs)), Texts{"c"});
}

TEST_F(LiveTapTest, takesSoManyLooksAndNoMore) {
    for (std::size_t n = 0; n < LiveTap::kLooksMax; ++n)
        EXPECT_TRUE(tap.take({std::to_string(n), ""}, 0, nowMs));
    EXPECT_FALSE(tap.take({"one more", ""}, 0, nowMs));
    EXPECT_TRUE(tap.take({"0", ""}, 0, nowMs));
    nowMs += LiveTap::kIdleMs + 1;
    EXPECT_TRUE(tap.take({"one more", ""}, 0, nowMs));
}

}  // namespace
}  // namespace sluice
