#include "HubFixture.h"

/// What logs remember, forget, and say about what they forgot (N5).
namespace sluice {
namespace {

using ChannelLogTest = HubTest;

TEST_F(ChannelLogTest, remembersWhatItEvicted) {
    options_.history.events = 4;
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i) publish(lanes[0], i, "a");
    const LogView log = view("a");
    EXPECT_EQ(log.evictedSeq, 6u);
    ASSERT_FALSE(log.parts.empty());
    EXPECT_EQ(log.parts.front().segment->record(0).seq, 7u);
    EXPECT_EQ(log.floor(lanes[0], snapshot().kept), (Place{{6, 0}, 0}));
}

TEST_F(ChannelLogTest, keepsNoMoreBytesThanItsHistory) {
    options_.history.bytes = 4'000;
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 500; ++i) publish(lanes[0], i, "a");
    EXPECT_LE(hub().counts().keptBytes, 4'000u);
    EXPECT_GT(hub().counts().keptEvents, 5u);
    EXPECT_GT(hub().counts().evictedByChannel, 0u);
}

TEST_F(ChannelLogTest, keepsTheNewestEventWhateverItsSize) {
    options_.history.bytes = 100;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 0, "a");
    publish(lanes[0], 1, "a");
    EXPECT_GE(hub().counts().keptEvents, 1u);
}

TEST_F(ChannelLogTest, followsThePolicyOfTheFirstPatternThatMatches) {
    History few;
    few.events = 1;
    options_.policies.push_back({*Pattern::parse("few/{x}", '/', nullptr), few});
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i) publish(lanes[0], Position{i, 0}, {{"few/1"}, {"many"}});
    EXPECT_EQ(view("few/1").evictedSeq, 17u);
    EXPECT_EQ(view("many").evictedSeq, 0u);
}

TEST_F(ChannelLogTest, evictsWhatIsTooOldAlsoFromChannelsThatAreQuiet) {
    options_.history.age = std::chrono::milliseconds{100};
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 0, "a");
    age(std::chrono::milliseconds{100});
    EXPECT_EQ(view("a").evictedSeq, 0u);
    age(std::chrono::milliseconds{1});
    EXPECT_EQ(view("a").evictedSeq, 1u);
    EXPECT_TRUE(view("a").parts.empty());
}

TEST_F(ChannelLogTest, hasTheCutOfTheMomentAsItsBaseWhenItsLastSegmentGoes) {
    options_.history.age = std::chrono::milliseconds{100};
    const auto lanes = family("orders", kOrders, 2);
    publish(lanes[0], 5, "a");
    publish(lanes[1], 9, "b");
    age(std::chrono::milliseconds{200});
    EXPECT_EQ(placeIn(view("a").base.get(), lanes[0]), (Place{{6, 0}, 0}));
    EXPECT_EQ(placeIn(view("a").base.get(), lanes[1]), (Place{{10, 0}, 0}));
    EXPECT_EQ(placeIn(view("a").base.get(), kPlainLane), (Place{{3, 0}, 0}));
}

TEST_F(ChannelLogTest, hasAFloorAboveEveryEvictedPlaceAlsoInsideAMessage) {
    options_.history.events = 1;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], Position{7, 0}, {{"a"}, {"a"}, {"a"}});
    const LogView log = view("a");
    EXPECT_EQ(log.evictedSeq, 2u);
    EXPECT_EQ(log.floor(lanes[0], snapshot().kept), (Place{{7, 0}, 2}));
}

TEST_F(ChannelLogTest, hasNoFloorBelowA) {
    const auto lanes = family("orders", kOrders, 1, {30, 0});
    publish(lanes[0], 30, "a");
    EXPECT_EQ(view("a").floor(lanes[0], snapshot().kept), (Place{{30, 0}, 0}));
    EXPECT_EQ(view("quiet").floor(lanes[0], snapshot().kept), (Place{{30, 0}, 0}));
}

TEST_F(ChannelLogTest, isRememberedAfterItWasCollected) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 5, "a");
    publish(lanes[0], 6, "b");
    const LogView gone = view("a");
    EXPECT_EQ(gone.evictedSeq, 1u);
    EXPECT_EQ(gone.bornEvictedSeq, 1u);
    EXPECT_GE(gone.floor(lanes[0], snapshot().kept), (Place{{6, 0}, 0}));
    EXPECT_LE(gone.floor(lanes[0], snapshot().kept), snapshot().next[lanes[0]]);
    publish(lanes[0], 7, "a");
    EXPECT_EQ(view("a").evictedSeq, 2u) << "what b held is forgotten with a's own";
}

TEST_F(ChannelLogTest, showsAChannelThatNeverWasWhatAllCollectedOnesHeld) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 5, "a");
    EXPECT_EQ(view("never").evictedSeq, 0u);
    publish(lanes[0], 6, "b");
    EXPECT_EQ(view("never").evictedSeq, 1u);
}

TEST_F(ChannelLogTest, keepsTheBodiesOfAViewThatIsHeld) {
    options_.history.events = 1;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 5, "a");
    const LogView held = view("a");
    for (std::uint64_t i = 6; i < 20; ++i) publish(lanes[0], i, "a");
    ASSERT_EQ(held.parts.size(), 1u);
    const Segment& segment = *held.parts[0].segment;
    EXPECT_EQ(segment.lines(segment.record(0)), "data: 5\n");
}

TEST_F(ChannelLogTest, showsAReaderOnlyWhatCameAfterItsSeq) {
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 100; ++i) publish(lanes[0], i, "a");
    const LogView log = view("a", 97);
    std::vector<std::uint64_t> seqs;
    for (const LogView::Part& part : log.parts)
        for (std::uint32_t i = part.begin; i < part.end; ++i)
            seqs.push_back(part.segment->record(i).seq);
    EXPECT_EQ(seqs, (std::vector<std::uint64_t>{98, 99, 100}));
}

TEST_F(ChannelLogTest, givesUpItsOwnOldestSegmentAtTheTotalBudget) {
    options_.historyBytesMax = 8'000;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 0, "quiet");
    for (std::uint64_t i = 1; i < 300; ++i) publish(lanes[0], i, "busy");
    EXPECT_EQ(view("quiet").evictedSeq, 0u);
    EXPECT_GT(view("busy").evictedSeq, 0u);
    EXPECT_LE(hub().counts().keptBytes, 8'000u);
    EXPECT_GT(hub().counts().evictedByTotal, 0u);
}

TEST_F(ChannelLogTest, givesWayToTheOldestOfAllWhenTheAppendedHasOnlyOneSegment) {
    options_.historyBytesMax = 2'000;
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 20; ++i) publish(lanes[0], i, "c" + std::to_string(i));
    EXPECT_GT(view("c0").evictedSeq, 0u);
    EXPECT_FALSE(view("c19").parts.empty());
    EXPECT_LE(hub().counts().keptBytes, 2'000u);
}

}  // namespace
}  // namespace sluice
