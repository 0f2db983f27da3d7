#include <algorithm>

#include "HubFixture.h"

/// One turn of a stream: resume.md sections 5 and 7.
namespace sluice {
namespace {

using property::ReadGap;

class TurnTest : public HubTest {
  protected:
    void SetUp() override { lane_ = family("orders", kOrders, 1)[0]; }
    void publishRange(std::uint64_t first, std::uint64_t last, std::string_view channel = "a") {
        for (std::uint64_t i = first; i <= last; ++i) publish(lane_, i, channel);
    }
    static std::vector<std::string> numbers(int first, int last) {
        std::vector<std::string> all;
        for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
        return all;
    }

    LaneIndex lane_ = 0;
};

TEST_F(TurnTest, mergesChannelsBySeqAndSendsAnEventOfTwoChannelsOnce) {
    TestStream stream{hub(), origins_, channels({"a", "b"})};
    stream.read();
    publish(lane_, Position{0, 0}, {{"b"}});
    publish(lane_, Position{1, 0}, {{"a", "b"}});
    publish(lane_, Position{2, 0}, {{"a"}});
    EXPECT_EQ(dataOf(stream.read()), numbers(0, 2));
}

TEST_F(TurnTest, writesNothingBeyondTheHorizonOfItsSnapshot) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishRange(0, 1);
    stream.look();
    const TurnOutput out = stream.turn();
    EXPECT_EQ(dataOf(read(out.bytes)), numbers(0, 1));
    publishRange(2, 2);
    EXPECT_EQ(dataOf(stream.read()), numbers(2, 2));
}

TEST_F(TurnTest, givesEachEventTheHighestCutThatCoversNothingAfterIt) {
    const LaneIndex other = family("stock", kStock, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publish(lane_, 3, "a");
    publish(other, 7, "elsewhere");
    publish(lane_, 5, "a");
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{5, 0}, 0}));
    EXPECT_EQ(placeIn(blocks[0].id, kStock, 0), (Place{{8, 0}, 0}));
    EXPECT_EQ(placeIn(blocks[1].id, kOrders, 0), (Place{{6, 0}, 0}));
}

TEST_F(TurnTest, namesFamiliesThatMayFeedItAndHaveNotYet) {
    family("stock", kStock, 1);
    family("never", 0x33333333, 1);
    origins_.feeds["never"] = "elsewhere";
    TestStream stream{hub(), origins_, channels({"a"})};
    const property::ReadId id = idOf(stream.read()[0].id);
    ASSERT_EQ(id.lanes.size(), 2u);
    EXPECT_EQ(id.lanes[1].hash, kStock);
}

TEST_F(TurnTest, writesAnOrdinalInsideAMessage) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publish(lane_, Position{4, 0}, {{"a"}, {"b"}, {"a"}});
    const std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{4, 0}, 2}));
    EXPECT_EQ(placeIn(blocks[1].id, kOrders, 0), (Place{{5, 0}, 0}));
}

TEST_F(TurnTest, tellsALossWhileLiveInItsPlace) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publish(lane_, 0, "a");
    hub().lost(lane_, {5, 0});
    publish(lane_, 5, "a");
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks.size(), 3u);
    EXPECT_EQ(blocks[0].data, "0");
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{1, 0}, 0}));
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    EXPECT_EQ(gaps[0].reason, "lost");
    EXPECT_EQ(gaps[0].lanes[0].from, (Place{{1, 0}, 0}));
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{5, 0}, 0}));
    EXPECT_EQ(blocks[2].data, "5");
}

TEST_F(TurnTest, tellsALossWhileAway) {
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    hub().lost(lane_, {5, 0});
    const std::vector<Seen> blocks = TestStream{hub(), origins_, channels({"a"})}.from(id).read();
    std::vector<std::string> reasons;
    for (const ReadGap& gap : gapsOf(blocks)) reasons.push_back(gap.reason);
    EXPECT_NE(std::find(reasons.begin(), reasons.end(), "lost"), reasons.end());
}

TEST_F(TurnTest, doesNotTellALossThatConcernsOthers) {
    family("stock", kStock, 1);
    origins_.feeds["orders"] = "elsewhere";
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    hub().lost(lane_, {5, 0});
    EXPECT_TRUE(stream.read().empty());
}

TEST_F(TurnTest, tellsGapRecordsThatWereDroppedBeforeItReadThem) {
    options_.gapRecordsMax = 1;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    for (const std::uint64_t to : {2, 4, 6}) hub().lost(lane_, {to, 0});
    const std::vector<ReadGap> gaps = gapsOf(stream.read());
    ASSERT_EQ(gaps.size(), 2u);
    EXPECT_EQ(gaps[0].reason, "lost");
    EXPECT_EQ(gaps[0].lanes[0].from, std::nullopt);
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{6, 0}, 0}));
    EXPECT_TRUE(gapsOf(stream.read()).empty());
}

TEST_F(TurnTest, tellsAnOverrunWhileLiveBeforeAllElseAndOnce) {
    options_.history.events = 4;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishRange(0, 9);
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks[0].event, "sluice.gap");
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "evicted");
    EXPECT_EQ(gaps[0].channel, "a");
    EXPECT_EQ(gaps[0].lanes[0].from, std::nullopt);
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{6, 0}, 0}));
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
    EXPECT_TRUE(gapsOf(stream.read()).empty());
}

TEST_F(TurnTest, tellsAllThatIsToBeToldAtAPointInOneBlock) {
    options_.history.events = 4;
    options_.gapRecordsMax = 1;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a", "b"})};
    stream.read();
    hub().lost(lane_, {1, 0});
    hub().lost(lane_, {2, 0});
    for (std::uint64_t i = 2; i < 12; ++i) publish(lane_, Position{i, 0}, {{"a"}, {"b"}});
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks[0].event, "sluice.gap");
    EXPECT_EQ(property::readGaps(blocks[0].data).size(), 3u);
}

TEST_F(TurnTest, sendsWhatAnotherChannelKeepsThoughOneHasEvicted) {
    History few;
    few.events = 1;
    options_.policies.push_back({*Pattern::parse("few", '/', nullptr), few});
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream writer{hub(), origins_, channels({"few", "many"})};
    const std::string id = writer.read()[0].id;
    for (std::uint64_t i = 0; i < 6; ++i) publish(lane_, i, i % 2 ? "few" : "many");
    start("nodebbbb");
    lane_ = family("orders", kOrders, 1)[0];
    for (std::uint64_t i = 0; i < 6; ++i) publish(lane_, i, i % 2 ? "few" : "many");
    const std::vector<Seen> blocks =
        TestStream{hub(), origins_, channels({"few", "many"})}.from(id).read();
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"0", "2", "4", "5"}));
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].channel, "few");
}

TEST_F(TurnTest, keepsItsCutBelowAGapSoThatACutConnectionIsToldAgain) {
    options_.history.events = 2;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    publishRange(0, 9);
    const std::vector<Seen> first = TestStream{hub(), origins_, channels({"a"})}.from(id).read();
    ASSERT_EQ(first[1].event, "sluice.gap");
    const std::vector<Seen> again =
        TestStream{hub(), origins_, channels({"a"})}.from(first[1].id).read();
    EXPECT_EQ(gapsOf(again).size(), 1u);
    EXPECT_EQ(dataOf(again), dataOf(first));
}

TEST_F(TurnTest, tellsAResetOnceToALiveStream) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publish(lane_, 9, "a");
    stream.read();
    hub().reset(lane_, {});
    publish(lane_, 0, "a");
    const std::vector<Seen> blocks = stream.read();
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "reset");
    EXPECT_TRUE(gaps[0].mayRepeat);
    EXPECT_EQ(blocks[0].event, "sluice.gap");
    EXPECT_EQ(dataOf(blocks), numbers(0, 0));
    EXPECT_TRUE(gapsOf(stream.read()).empty());
}

TEST_F(TurnTest, sendsACatchingUpStreamBackToABehindAReset) {
    publish(lane_, 20, "a");
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    lane_ = family("orders", kOrders, 1)[0];
    publishRange(0, 3);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(id).read();
    EXPECT_FALSE(stream.stream().isLive());
    hub().reset(lane_, {1, 0});
    publishRange(1, 2);
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "reset");
    EXPECT_EQ(dataOf(blocks), numbers(1, 2));
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(TurnTest, tellsAResetOfAFamilyThatWasRetired) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    hub().retireFamily(0);
    const std::vector<ReadGap> gaps = gapsOf(stream.read());
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "reset");
    EXPECT_EQ(gaps[0].lanes[0].name, "in:orders/0");
}

TEST_F(TurnTest, countsALaneThatIsBornWhileItCatchesUp) {
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    publishRange(0, 3);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(id);
    stream.turn(1);
    const LaneIndex born = hub().bearLane(0, 1, {});
    publish(born, 7, "a");
    EXPECT_EQ(dataOf(stream.read()), (std::vector<std::string>{"1", "2", "3", "7"}));
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(TurnTest, pingsWithTheFullCutInAPositionBlock) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishRange(0, 3, "elsewhere");
    const std::vector<Seen> blocks = stream.read(true);
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].event, "sluice.at");
    EXPECT_EQ(blocks[0].data, "");
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{4, 0}, 0}));
}

TEST_F(TurnTest, endsWithItsLimitAndAFullId) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.limit(2).start({Start::Kind::Earliest, 0, 0});
    publishRange(0, 5);
    const std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(0, 1));
    EXPECT_TRUE(stream.stream().hasEnded());
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{2, 0}, 0}));
}

TEST_F(TurnTest, stopsAtItsQuantumAndGoesOn) {
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Earliest, 0, 0});
    publishRange(0, 99);
    const TurnOutput out = stream.turn(3'000);
    EXPECT_TRUE(out.more);
    EXPECT_LE(out.bytes.size(), 3'000u);
    const auto first = dataOf(read(out.bytes));
    const auto rest = dataOf(stream.read());
    EXPECT_EQ(first.size() + rest.size(), 100u);
    EXPECT_EQ(rest.front(), std::to_string(first.size()));
}

// More of one channel than a catching-up stream looks at in one go, beside less of another.
TEST_F(TurnTest, looksAtWhatIsBehindInPieces) {
    TestStream writer{hub(), origins_, channels({"a", "b"})};
    const std::string id = writer.read()[0].id;
    for (std::uint64_t i = 0; i < 5'000; ++i) publish(lane_, i, i % 97 == 0 ? "b" : "a");
    TestStream stream{hub(), origins_, channels({"a", "b"})};
    EXPECT_EQ(dataOf(stream.from(id).read()), numbers(0, 4'999));
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(TurnTest, piecesOfTheItemsAreTheItems) {
    publishRange(0, 9, "a");
    publishRange(10, 12, "b");
    for (std::uint64_t i = 13; i < 30; ++i)
        publish(
            lane_, Position{i, 0},
            {i % 3 ? std::vector<std::string_view>{"a", "b"} : std::vector<std::string_view>{"b"}});
    hub().lost(lane_, {33, 0});
    publishRange(33, 40, "b");
    TestStream stream{hub(), origins_, channels({"a", "b"})};
    const std::vector<Item> all = stream.items();
    ASSERT_EQ(all.size(), 39u);
    for (const std::size_t atOnce : {1u, 2u, 3u, 7u, 100u}) {
        std::vector<std::uint64_t> seqs;
        for (const Item& item : stream.itemsInPieces(atOnce)) seqs.push_back(item.seq);
        EXPECT_TRUE(std::equal(seqs.begin(), seqs.end(), all.begin(), all.end(),
                               [](std::uint64_t seq, const Item& item) { return seq == item.seq; }))
            << atOnce;
    }
}

TEST_F(TurnTest, writesFullIdsOnlyAtTheEndOfAWriteWhenTheyAreLong) {
    start("nodeaaaa");
    const auto lanes = family("orders", kOrders, 60);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    EXPECT_EQ(stream.feed().idClass, IdClass::FullAtEnd);
    for (std::uint64_t i = 0; i < 3; ++i) publish(lanes[i], i, "a");
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks.size(), 3u);
    EXPECT_FALSE(idOf(blocks[0].id).isFull);
    EXPECT_FALSE(idOf(blocks[1].id).isFull);
    EXPECT_TRUE(idOf(blocks[2].id).isFull);
}

TEST_F(TurnTest, writesShortIdsWhenFullOnesAreTooLong) {
    start("nodeaaaa");
    const auto lanes = family("orders", kOrders, 1'000);
    TestStream stream{hub(), origins_, channels({"a"})};
    EXPECT_EQ(idOf(stream.read()[0].id).isFull, false);
    EXPECT_EQ(stream.feed().idClass, IdClass::Short);
    publish(lanes[0], 0, "a");
    EXPECT_FALSE(idOf(stream.read(true).back().id).isFull);
}

TEST_F(TurnTest, writesNobodysEpochWhileCatchingUpWithAnIdThatIsTooLong) {
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    const auto lanes = family("orders", kOrders, 1'000);
    publish(lanes[0], 0, "a");
    TestStream stream{hub(), origins_, channels({"a"})};
    const std::vector<Seen> blocks = stream.from(id).read();
    ASSERT_EQ(dataOf(blocks), numbers(0, 0));
    EXPECT_EQ(idOf(blocks[1].id).epoch, "aaaaaaaa");
}

TEST_F(TurnTest, writesTheSameBytesForStreamsThatCameToOnePositionInTheirOwnWays) {
    TestStream old{hub(), origins_, channels({"a", "b"})};
    const std::string id = old.read()[0].id;
    publishRange(0, 3);
    old.read();
    TestStream resumed{hub(), origins_, channels({"a", "b"})};
    resumed.from(id).read();
    TestStream fresh{hub(), origins_, channels({"a", "b"})};
    fresh.read();
    EXPECT_EQ(resumed.stream(), old.stream());
    publish(lane_, Position{7, 0}, {{"a"}, {"b"}});
    hub().lost(lane_, {11, 0});
    for (TestStream* stream : {&old, &resumed, &fresh}) stream->look();
    const std::string bytes = old.turn(64u << 10, true).bytes;
    EXPECT_EQ(resumed.turn(64u << 10, true).bytes, bytes);
    EXPECT_EQ(fresh.turn(64u << 10, true).bytes, bytes);
}

TEST_F(TurnTest, goesOnFromTheEndOfAnyBlockAsIfNothingHadBeen) {
    for (const bool isLive : {true, false}) {
        start(isLive ? "nodeaaaa" : "nodebbbb");
        lane_ = family("orders", kOrders, 1)[0];
        TestStream stream{hub(), origins_, channels({"a", "b"})};
        stream.read();
        const std::string id = stream.read(true)[0].id;
        for (std::uint64_t i = 0; i < 5; ++i) publish(lane_, Position{i, 0}, {{"a"}, {"b"}});
        hub().lost(lane_, {7, 0});
        publish(lane_, Position{7, 0}, {{"b"}});
        TestStream other{hub(), origins_, channels({"a", "b"})};
        if (!isLive) other.from(id + "x").from(id);
        TestStream& one = isLive ? stream : other;
        one.look();
        const TurnOutput whole = one.turn();
        for (std::size_t b = 0; b + 1 < whole.blocks.size(); ++b) {
            one.goOnFrom(whole.after(b));
            one.look();
            EXPECT_EQ(one.turn().bytes, whole.bytes.substr(whole.blocks[b].offset)) << b;
        }
    }
}

TEST_F(TurnTest, tellsWhatWasEvictedBetweenTwoHalvesOfAWrite) {
    options_.history.events = 4;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishRange(0, 3);
    const TurnOutput whole = stream.turn();
    publishRange(4, 20);
    stream.goOnFrom(whole.after(0));
    const std::vector<Seen> rest = stream.read();
    ASSERT_EQ(gapsOf(rest).size(), 1u);
    EXPECT_EQ(gapsOf(rest)[0].reason, "evicted");
    EXPECT_EQ(dataOf(rest), numbers(17, 20));
}

TEST_F(TurnTest, tellsInItsFarewellWhatLeftTheLogBeforeItWasSent) {
    options_.history.events = 4;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishRange(0, 9);
    const std::vector<Seen> last = stream.farewell();
    ASSERT_EQ(gapsOf(last).size(), 1u) << "its id covers them";
    EXPECT_EQ(gapsOf(last)[0].reason, "evicted");
    EXPECT_EQ(gapsOf(last)[0].lanes[0].to, (Place{{6, 0}, 0}));
    EXPECT_EQ(placeIn(last.back().id, kOrders, 0), (Place{{6, 0}, 0}));
    TestStream again{hub(), origins_, channels({"a"})};
    EXPECT_EQ(dataOf(again.from(last.back().id).read()), numbers(6, 9));
}

TEST_F(TurnTest, tellsInItsFarewellALossWhoseRecordWasDropped) {
    options_.gapRecordsMax = 1;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    for (const std::uint64_t to : {2, 4}) hub().lost(lane_, {to, 0});
    ASSERT_EQ(gapsOf(stream.farewell()).size(), 1u);
    EXPECT_EQ(gapsOf(stream.farewell())[0].reason, "lost");
}

TEST_F(TurnTest, tellsInItsFarewellThatALaneBeganAnew) {
    publish(lane_, 9, "a");
    TestStream live{hub(), origins_, channels({"a"})};
    const std::string id = live.read()[0].id;
    TestStream behind{hub(), origins_, channels({"a"})};
    behind.start({Start::Kind::Live, 0, 0}).from(id).turn(1);
    hub().reset(lane_, {});
    publish(lane_, 0, "a");
    for (TestStream* const stream : {&live, &behind}) {
        const std::vector<Seen> last = stream->farewell();
        ASSERT_EQ(gapsOf(last).size(), 1u);
        EXPECT_EQ(gapsOf(last)[0].reason, "reset");
        EXPECT_EQ(placeIn(last.back().id, kOrders, 0), (Place{{0, 0}, 0}));
    }
}

TEST_F(TurnTest, startsAPatternsNewChannelWhereTheStreamIs) {
    options_.channelsMax = 2;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    publish(lane_, 0, "x");
    publish(lane_, 1, "y");
    publish(lane_, 2, "z");
    TestStream stream{hub(), origins_, channels({"c/{any}"})};
    stream.read();
    publish(lane_, 3, "c/1");
    const std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(3, 3));
}

}  // namespace
}  // namespace sluice
