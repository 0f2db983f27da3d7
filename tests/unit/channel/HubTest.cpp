#include "HubFixture.h"

/// N1 to N8 of resume.md, one by one.
namespace sluice {
namespace {

TEST_F(HubTest, stampsEventsInOneOrderAcrossChannelsAndLanes) {
    const auto orders = family("orders", kOrders, 1);
    const auto stock = family("stock", kStock, 1);
    publish(orders[0], 5, "a");
    publish(stock[0], 3, "b");
    EXPECT_EQ(publish(orders[0], Position{6, 0}, {{"a"}, {"b"}}).lastSeq, 4u);
    EXPECT_EQ(snapshot().horizon, 4u);
    const LogView b = view("b");
    ASSERT_EQ(b.parts.size(), 1u);
    EXPECT_EQ(b.parts[0].segment->record(0).seq, 2u);
    EXPECT_EQ(b.parts[0].segment->record(1).seq, 4u);
    EXPECT_EQ(b.parts[0].segment->record(1).place(), (Place{{6, 0}, 1}));
}

TEST_F(HubTest, appendsAnEventOfTwoChannelsToBothUnderOneSeq) {
    const auto lanes = family("orders", kOrders, 1);
    EXPECT_EQ(publish(lanes[0], Position{0, 0}, {{"a", "b"}}).appended, 2u);
    EXPECT_EQ(snapshot().horizon, 1u);
    EXPECT_EQ(view("a").parts[0].segment->record(0).seq, 1u);
    EXPECT_EQ(view("b").parts[0].segment->record(0).seq, 1u);
}

TEST_F(HubTest, setsTheNextPlaceWithTheMessage) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 7, "a");
    EXPECT_EQ(snapshot().next[lanes[0]], (Place{{8, 0}, 0}));
    publish(lanes[0], Position{9, 0}, {});
    EXPECT_EQ(hub().next(lanes[0]), (Place{{10, 0}, 0}));
    EXPECT_EQ(snapshot().horizon, 1u);
}

TEST_F(HubTest, countsTheSecondWordAndGoesOverItsEnd) {
    const auto lanes = family("stream", kOrders, 1, {}, Words::Two);
    publish(lanes[0], Position{5, 3}, {{"a"}});
    EXPECT_EQ(hub().next(lanes[0]), (Place{{5, 4}, 0}));
    publish(lanes[0], Position{5, ~std::uint64_t{0}}, {{"a"}});
    EXPECT_EQ(hub().next(lanes[0]), (Place{{6, 0}, 0}));
}

TEST_F(HubTest, dropsAndCountsWhatIsDeliveredAgain) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 7, "a");
    const PublishResult again = publish(lanes[0], 7, "a");
    EXPECT_EQ(again.redelivered, 1u);
    EXPECT_EQ(again.appended, 0u);
    EXPECT_EQ(publish(lanes[0], 3, "a").redelivered, 1u);
    EXPECT_EQ(snapshot().horizon, 1u);
    EXPECT_EQ(snapshot().next[lanes[0]], (Place{{8, 0}, 0}));
}

TEST_F(HubTest, followsItsSourcePastHolesAndNeverBack) {
    const auto lanes = family("orders", kOrders, 1);
    hub().at(lanes[0], {12, 0});
    EXPECT_EQ(hub().next(lanes[0]), (Place{{12, 0}, 0}));
    hub().at(lanes[0], {4, 0});
    EXPECT_EQ(hub().next(lanes[0]), (Place{{12, 0}, 0}));
    EXPECT_TRUE(snapshot().gapRecords->empty());
}

TEST_F(HubTest, recordsWhatIsLostWithASeqOfItsOwn) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 1, "a");
    hub().lost(lanes[0], {9, 0});
    const HubSnapshot now = snapshot();
    ASSERT_EQ(now.gapRecords->size(), 1u);
    const GapRecord& record = now.gapRecords->front();
    EXPECT_EQ(record.seq, 2u);
    EXPECT_EQ(record.from, (Place{{2, 0}, 0}));
    EXPECT_EQ(record.to, (Place{{9, 0}, 0}));
    EXPECT_EQ(now.next[lanes[0]], (Place{{9, 0}, 0}));
    EXPECT_EQ(now.kept[lanes[0]], (Place{{9, 0}, 0}));
    EXPECT_EQ(now.horizon, 2u);
}

TEST_F(HubTest, givesALossOfThePlainLaneItsOwnPlace) {
    publishPlain("a", "x");
    hub().lost(kPlainLane, {});
    const HubSnapshot now = snapshot();
    ASSERT_EQ(now.gapRecords->size(), 1u);
    EXPECT_EQ(now.gapRecords->front().from, (Place{{2, 0}, 0}));
    EXPECT_EQ(now.gapRecords->front().to, (Place{{3, 0}, 0}));
    EXPECT_EQ(now.kept[kPlainLane], (Place{{3, 0}, 0}));
    EXPECT_EQ(now.next[kPlainLane], (Place{{3, 0}, 0}));
}

TEST_F(HubTest, doesNotCountWhatThePlainLaneLost) {
    const Gap::Lane plain{kPlainLane, Place{{2, 0}, 0}, Place{{3, 0}, 0}};
    Gap gap;
    gap.lanes = {plain};
    gap.reason = GapReason::Lost;
    EXPECT_NE(gapJson(gap, *snapshot().lanes).find(R"("atMost":null)"), std::string::npos);
    gap.reason = GapReason::Evicted;
    EXPECT_NE(gapJson(gap, *snapshot().lanes).find(R"("atMost":1)"), std::string::npos);
}

TEST_F(HubTest, beginsThePlainLaneAtOne) {
    EXPECT_EQ(snapshot().kept[kPlainLane], (Place{{1, 0}, 0}));
    EXPECT_EQ(snapshot().next[kPlainLane], (Place{{1, 0}, 0}));
    publishPlain("a", "x");
    EXPECT_EQ(snapshot().next[kPlainLane], (Place{{2, 0}, 0}));
    EXPECT_EQ(view("a").parts[0].segment->record(0).place(), (Place{{1, 0}, 0}));
}

TEST_F(HubTest, boundsItsGapRecordsAndRemembersWhatItDropped) {
    options_.gapRecordsMax = 2;
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t to : {2, 4, 6}) hub().lost(lanes[0], {to, 0});
    const HubSnapshot now = snapshot();
    ASSERT_EQ(now.gapRecords->size(), 2u);
    EXPECT_EQ(now.gapRecords->front().seq, 2u);
    EXPECT_EQ(now.gapRecordsEvictedSeq, 1u);
    EXPECT_EQ(hub().counts().gapRecordsEvicted, 1u);
}

TEST_F(HubTest, readsANewLaneFromItsBeginningAndTellsWhatIsGoneBelowItsLowMark) {
    const auto lanes = family("orders", kOrders, 1);
    const LaneIndex whole = hub().bearLane(0, 1, {});
    const LaneIndex retained = hub().bearLane(0, 2, {40, 0});
    const HubSnapshot now = snapshot();
    EXPECT_EQ(now.next[whole], Place{});
    EXPECT_EQ(now.kept[whole], Place{});
    ASSERT_EQ(now.gapRecords->size(), 1u);
    EXPECT_EQ(now.gapRecords->front().lane, retained);
    EXPECT_EQ(now.gapRecords->front().from, Place{});
    EXPECT_EQ(now.gapRecords->front().to, (Place{{40, 0}, 0}));
    EXPECT_EQ(now.next[retained], (Place{{40, 0}, 0}));
}

TEST_F(HubTest, forgetsALaneWhosePositionsWentBack) {
    const auto lanes = family("orders", kOrders, 2);
    publish(lanes[0], 10, "a");
    publish(lanes[1], 10, "b");
    hub().reset(lanes[0], {3, 0});
    const HubSnapshot now = snapshot();
    EXPECT_TRUE(view("a").parts.empty());
    EXPECT_FALSE(view("b").parts.empty());
    EXPECT_EQ(placeIn(view("a").base.get(), lanes[0]), Place{});
    EXPECT_EQ(placeIn(view("a").base.get(), lanes[1]), (Place{{11, 0}, 0}));
    EXPECT_EQ(now.next[lanes[0]], (Place{{3, 0}, 0}));
    EXPECT_EQ(now.kept[lanes[0]], (Place{{3, 0}, 0}));
    ASSERT_EQ(now.resets->size(), 1u);
    EXPECT_EQ(now.resets->front().seq, now.horizon);
    EXPECT_EQ(publish(lanes[0], 3, "a").redelivered, 0u);
}

TEST_F(HubTest, keepsOneResetOfEachLane) {
    const auto lanes = family("orders", kOrders, 1);
    for (int i = 0; i < 5; ++i) hub().reset(lanes[0], {});
    ASSERT_EQ(snapshot().resets->size(), 1u);
    EXPECT_EQ(snapshot().resets->front().seq, 5u);
}

TEST_F(HubTest, refusesTwoFamiliesWithOneHash) {
    family("orders", kOrders, 1);
    EXPECT_THROW(hub().declareFamily("in", "stock", kOrders, Words::One), std::invalid_argument);
    EXPECT_EQ(hub().declareFamily("in", "orders", kOrders, Words::One), 0u);
}

TEST_F(HubTest, takesAFamilyThatWasMadeAgainUnderItsNewHash) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 10, "a");
    hub().retireFamily(0);
    EXPECT_EQ(snapshot().lanes->find(kOrders), nullptr);
    EXPECT_TRUE(view("a").parts.empty());
    const auto again = family("orders", kStock, 1);
    EXPECT_NE(again[0], lanes[0]);
    EXPECT_EQ(publish(again[0], 0, "a").appended, 1u);
}

TEST_F(HubTest, keepsThePlaceOfALaneThatIsDeclaredAgainAndTellsWhatWasSkipped) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 4, "a");
    EXPECT_EQ(hub().declareLane(0, 0, {2, 0}), lanes[0]);
    EXPECT_EQ(hub().next(lanes[0]), (Place{{5, 0}, 0}));
    hub().declareLane(0, 0, {8, 0});
    ASSERT_EQ(snapshot().gapRecords->size(), 1u);
    EXPECT_EQ(snapshot().gapRecords->front().from, (Place{{5, 0}, 0}));
}

TEST_F(HubTest, remembersWhatWasMappedBeforeAReload) {
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 4, "a");
    hub().remapped(77);
    publish(lanes[0], 5, "a");
    EXPECT_EQ(snapshot().gen, 77);
    EXPECT_EQ(placeIn(snapshot().mappedBefore.get(), lanes[0]), (Place{{5, 0}, 0}));
}

TEST_F(HubTest, takesOtherHistoriesWhileItRuns) {
    const auto lanes = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 100; ++i) publish(lanes[0], Position{i, 0}, {{"a", "b"}});
    const Pattern onlyA = *Pattern::parse("a", '/', nullptr);
    hub().setHistories({{onlyA, {.events = 10}}}, {.events = 50});
    for (std::uint64_t i = 100; i < 200; ++i) publish(lanes[0], Position{i, 0}, {{"a", "b", "c"}});
    // Whole segments leave: a log may keep a part of one more.
    const auto kept = [&](std::string_view channel) {
        std::size_t events = 0;
        for (const LogView::Part& part : view(channel).parts) events += part.end - part.begin;
        return events;
    };
    EXPECT_LE(kept("a"), 10u);
    EXPECT_LE(kept("b"), 50u);
    EXPECT_GT(kept("b"), 10u);
    EXPECT_LE(kept("c"), 50u);
}

TEST_F(HubTest, tellsAnEventAsLostThatNoChannelHasRoomFor) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    TestStream stream{hub(), origins_, channels({"a"})};
    publish(lanes[0], 1, "a");
    const PublishResult refused = publish(lanes[0], 2, "b");
    EXPECT_EQ(refused.noRoomForChannel, 1u);
    EXPECT_EQ(hub().counts().noRoomForChannel, 1u);
    EXPECT_EQ(refused.appended, 0u);
    ASSERT_EQ(snapshot().gapRecords->size(), 1u);
    EXPECT_EQ(snapshot().gapRecords->front().from, (Place{{2, 0}, 0}));
    EXPECT_EQ(snapshot().gapRecords->front().to, (Place{{3, 0}, 0}));
}

TEST_F(HubTest, refusesAnEventWholeIfOneOfItsChannelsHasNoRoom) {
    options_.channelsMax = 1;
    const auto lanes = family("orders", kOrders, 1);
    TestStream stream{hub(), origins_, channels({"a"})};
    publish(lanes[0], 1, "a");
    const PublishResult refused = publish(lanes[0], Position{2, 0}, {{"a", "b"}});
    EXPECT_EQ(refused.noRoomForChannel, 1u);
    EXPECT_EQ(refused.appended, 0u);
    EXPECT_EQ(dataOf(stream.read()), (std::vector<std::string>{}));
    EXPECT_EQ(hub().counts().channels, 1u);
}

TEST_F(HubTest, collectsTheChannelThatWasQuietLongest) {
    options_.channelsMax = 2;
    const auto lanes = family("orders", kOrders, 1);
    publish(lanes[0], 1, "a");
    publish(lanes[0], 2, "b");
    publish(lanes[0], 3, "a");
    EXPECT_EQ(publish(lanes[0], 4, "c").noRoomForChannel, 0u);
    EXPECT_TRUE(view("b").parts.empty());
    EXPECT_FALSE(view("a").parts.empty());
    EXPECT_EQ(hub().counts().channels, 2u);
    EXPECT_EQ(hub().counts().evictedByCollection, 1u);
}

TEST_F(HubTest, balancesItsBooks) {
    options_.history.events = 4;
    options_.historyBytesMax = 6'000;
    options_.channelsMax = 3;
    options_.history.age = std::chrono::milliseconds{50};
    const auto lanes = family("orders", kOrders, 2);
    std::uint64_t appended = 0;
    for (std::uint64_t i = 0; i < 500; ++i) {
        const std::string one{static_cast<char>('a' + i % 5)};
        const std::string other{static_cast<char>('a' + i % 3)};
        appended += publish(lanes[i % 2], Position{i, 0}, {{one, other}}).appended;
        if (i % 40 == 0) age(std::chrono::milliseconds{60});
        if (i == 250) hub().reset(lanes[0], {i + 1, 0});
    }
    const HubCounts counts = hub().counts();
    EXPECT_EQ(counts.appended, appended);
    EXPECT_EQ(counts.appended, counts.keptEvents + counts.evictedByChannel + counts.evictedByTotal +
                                   counts.evictedByAge + counts.evictedByReset +
                                   counts.evictedByCollection);
    EXPECT_GT(counts.evictedByAge, 0u);
    EXPECT_GT(counts.evictedByReset, 0u);
    EXPECT_GT(counts.evictedByCollection, 0u);
    EXPECT_LE(counts.keptBytes, options_.historyBytesMax);
}

}  // namespace
}  // namespace sluice
