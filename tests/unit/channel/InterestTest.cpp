#include <algorithm>

#include "HubFixture.h"

/// How loops learn of what concerns them.
namespace sluice {
namespace {

class InterestTest : public HubTest {
  protected:
    struct CountingLoop final : Hub::Wakeable {
        int wakes = 0;
        void wake() noexcept override { ++wakes; }
    };

    LoopWork collect(LoopIndex loop) {
        LoopWork work;
        HubSnapshot ignored;
        hub().collect(loop, work, ignored);
        return work;
    }
    std::vector<std::string> names(const std::vector<ChannelLog*>& logs) {
        std::vector<std::string> all;
        for (const ChannelLog* log : logs) all.push_back(log->name());
        std::sort(all.begin(), all.end());
        return all;
    }
    Pattern pattern(std::string_view text) { return *Pattern::parse(text, '/', nullptr); }

    CountingLoop loop_, other_;
};

TEST_F(InterestTest, wakesALoopOnceUntilItCollects) {
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    hub().watch(loop, "a");
    for (std::uint64_t i = 0; i < 5; ++i) publish(lanes[0], i, "a");
    EXPECT_EQ(loop_.wakes, 1);
    EXPECT_EQ(names(collect(loop).dirty), (std::vector<std::string>{"a"}));
    EXPECT_TRUE(collect(loop).dirty.empty());
    publish(lanes[0], 5, "a");
    EXPECT_EQ(loop_.wakes, 2);
}

TEST_F(InterestTest, leavesLoopsAloneThatReadOtherChannels) {
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    hub().addLoop(other_);
    hub().watch(loop, "a");
    const int before = other_.wakes;
    publish(lanes[0], 0, "a");
    publish(lanes[0], 1, "b");
    EXPECT_EQ(loop_.wakes, 1);
    EXPECT_EQ(other_.wakes, before);
}

TEST_F(InterestTest, wakesEveryLoopForALossAndAReset) {
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    hub().lost(lanes[0], {4, 0});
    EXPECT_EQ(loop_.wakes, 1);
    EXPECT_TRUE(collect(loop).everything);
    EXPECT_FALSE(collect(loop).everything);
    hub().reset(lanes[0], {});
    EXPECT_EQ(loop_.wakes, 2);
    EXPECT_TRUE(collect(loop).everything);
}

TEST_F(InterestTest, endsWithUnwatch) {
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    ChannelLog* const log = hub().watch(loop, "a");
    publish(lanes[0], 0, "a");
    hub().unwatch(loop, *log);
    EXPECT_TRUE(collect(loop).dirty.empty());
    publish(lanes[0], 1, "a");
    EXPECT_EQ(loop_.wakes, 1);
}

TEST_F(InterestTest, hasABoundForChannelsWithoutALog) {
    options_.interestsMax = 2;
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    EXPECT_NE(hub().watch(loop, "a"), nullptr);
    ChannelLog* const b = hub().watch(loop, "b");
    EXPECT_EQ(hub().watch(loop, "c"), nullptr);
    EXPECT_EQ(hub().counts().interests, 2u);
    EXPECT_NE(hub().watch(loop, "a"), nullptr) << "it is there already";
    publish(lanes[0], 0, "a");
    EXPECT_NE(hub().watch(loop, "c"), nullptr) << "a has a log now";
    hub().unwatch(loop, *b);
    EXPECT_EQ(hub().counts().interests, 1u);
}

TEST_F(InterestTest, takesChannelsOfAPatternNowAndLater) {
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    publish(lanes[0], 0, "orders/eu");
    publish(lanes[0], 1, "stock/eu");
    std::vector<ChannelLog*> matches;
    ASSERT_TRUE(hub().watchPattern(loop, pattern("orders/{region}"), matches));
    EXPECT_EQ(names(matches), (std::vector<std::string>{"orders/eu", "orders/{region}"}));
    publish(lanes[0], 2, "orders/us");
    publish(lanes[0], 3, "stock/us");
    const LoopWork work = collect(loop);
    EXPECT_EQ(names(work.born), (std::vector<std::string>{"orders/us"}));
    EXPECT_EQ(names(work.dirty), (std::vector<std::string>{"orders/us"}));
}

TEST_F(InterestTest, refusesAPatternThatTakesTooManyChannels) {
    options_.patternMatchesMax = 2;
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    std::vector<ChannelLog*> matches;
    publish(lanes[0], Position{0, 0}, {{"c/1", "c/2"}});
    EXPECT_TRUE(hub().watchPattern(loop, pattern("c/{x}"), matches));
    publish(lanes[0], Position{1, 0}, {{"c/3"}});
    EXPECT_FALSE(hub().watchPattern(loop, pattern("c/{other}"), matches));
}

TEST_F(InterestTest, keepsChannelsOfAPatternFromBeingCollected) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    const LoopIndex loop = hub().addLoop(loop_);
    std::vector<ChannelLog*> matches;
    ASSERT_TRUE(hub().watchPattern(loop, pattern("c/{x}"), matches));
    publish(lanes[0], 0, "c/1");
    EXPECT_EQ(publish(lanes[0], 1, "d").noRoomForChannel, 1u);
}

TEST_F(InterestTest, givesAPatternTheFloorOfCollectedLogs) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 5, "c/1");
    publish(lanes[0], 6, "d");
    const LoopIndex loop = hub().addLoop(loop_);
    std::vector<ChannelLog*> matches;
    ASSERT_TRUE(hub().watchPattern(loop, pattern("c/{x}"), matches));
    ASSERT_EQ(matches.size(), 1u);
    EXPECT_EQ(matches[0]->view(0).evictedSeq, 1u);
}

}  // namespace
}  // namespace sluice
