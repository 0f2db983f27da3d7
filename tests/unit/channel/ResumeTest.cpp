#include "HubFixture.h"

/// How a stream begins: every case of resume.md section 4.
namespace sluice {
namespace {

using property::ReadGap;

class ResumeTest : public HubTest {
  protected:
    /// Ten messages on channel a, then the ids that a stream from the beginning was given.
    std::vector<std::string> idsOfTen() {
        lanes_ = family("orders", kOrders, 2);
        TestStream stream{hub(), origins_, channels({"a"})};
        stream.read();
        std::vector<std::string> ids;
        for (std::uint64_t i = 0; i < 10; ++i) publish(lanes_[0], i, "a");
        for (const Seen& block : stream.read()) ids.push_back(block.id);
        return ids;
    }
    /// Another node that has read `messages` of the ten, beginning at `first`.
    void otherNode(std::uint64_t messages, std::uint64_t first = 0) {
        start("nodebbbb");
        lanes_ = family("orders", kOrders, 2, {first, 0});
        for (std::uint64_t i = first; i < messages; ++i) publish(lanes_[0], i, "a");
    }
    std::vector<Seen> resume(const std::string& id) {
        return TestStream{hub(), origins_, channels({"a"})}.from(id).read();
    }
    SourceEnds ends(std::uint32_t hash, const std::vector<std::uint64_t>& lanes) {
        SourceEnds answer;
        answer.families.push_back({hash, {}});
        for (const std::uint64_t end : lanes)
            answer.families[0].lanes.push_back({true, {}, {end, 0}});
        return answer;
    }
    static std::vector<std::string> numbers(int first, int last) {
        std::vector<std::string> all;
        for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
        return all;
    }

    std::vector<LaneIndex> lanes_;
};

TEST_F(ResumeTest, beginsLiveWithoutAnId) {
    lanes_ = family("orders", kOrders, 1);
    publish(lanes_[0], 4, "a");
    TestStream stream{hub(), origins_, channels({"a"})};
    const std::vector<Seen> first = stream.read();
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].event, "sluice.open");
    EXPECT_EQ(placeIn(first[0].id, kOrders, 0), (Place{{5, 0}, 0}));
    publish(lanes_[0], 5, "a");
    EXPECT_EQ(dataOf(stream.read()), numbers(5, 5));
}

TEST_F(ResumeTest, beginsWithTheLastEventsThatTheFilterTakes) {
    lanes_ = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i)
        publish(lanes_[0], Position{i, 0}, {{"a"}}, i % 2 ? "odd" : "even");
    SubscriptionSpec spec = channels({"a"});
    spec.types = {"even"};
    TestStream stream{hub(), origins_, spec};
    stream.start({Start::Kind::Last, 2, 0});
    EXPECT_EQ(dataOf(stream.read()), (std::vector<std::string>{"6", "8"}));
}

TEST_F(ResumeTest, beginsWithAllThatIsKeptAndTellsNothingOfWhatWasThereBefore) {
    options_.history.events = 4;
    lanes_ = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i) publish(lanes_[0], i, "a");
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Earliest, 0, 0});
    const std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{6, 0}, 0}));
}

TEST_F(ResumeTest, beginsAtATime) {
    lanes_ = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i) {
        publish(lanes_[0], i, "a");
        clock_.advance(std::chrono::milliseconds{10});
    }
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Since, 0, clock_.wallMs() - 30});
    EXPECT_EQ(dataOf(stream.read()), numbers(7, 9));
}

TEST_F(ResumeTest, tellsWhatOfATimeHasLeftHistory) {
    options_.history.events = 4;
    lanes_ = family("orders", kOrders, 1);
    for (std::uint64_t i = 0; i < 10; ++i) {
        publish(lanes_[0], i, "a");
        clock_.advance(std::chrono::milliseconds{10});
    }
    const auto since = [this](std::int64_t agoMs) {
        TestStream stream{hub(), origins_, channels({"a"})};
        return stream.start({Start::Kind::Since, 0, clock_.wallMs() - agoMs}).read();
    };
    const std::vector<Seen> blocks = since(80);
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "evicted");
    EXPECT_EQ(gapsOf(blocks)[0].lanes[0].to, (Place{{6, 0}, 0}));
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
    EXPECT_TRUE(gapsOf(since(40)).empty()) << "the first of these is the oldest kept";
    EXPECT_TRUE(gapsOf(since(30)).empty());
    age(std::chrono::hours{2});
    EXPECT_TRUE(gapsOf(since(1'000)).empty()) << "what left is older than that";
}

TEST_F(ResumeTest, tellsWhatOfATimeHasLeftOneOfItsChannels) {
    options_.history.events = 4;
    lanes_ = family("orders", kOrders, 1);
    const std::int64_t begin = clock_.wallMs();
    clock_.advance(std::chrono::milliseconds{10});
    publish(lanes_[0], 0, "quiet");
    for (std::uint64_t i = 1; i < 10; ++i) publish(lanes_[0], i, "a");
    TestStream stream{hub(), origins_, channels({"a", "quiet"})};
    const std::vector<Seen> blocks = stream.start({Start::Kind::Since, 0, begin}).read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].channel, "a");
    EXPECT_EQ(dataOf(blocks).front(), "0");
}

TEST_F(ResumeTest, tellsWhatCameAndWentWhileItBeganAtATime) {
    options_.history.events = 4;
    origins_.plain = {"http"};
    lanes_ = family("orders", kOrders, 1);
    TestStream stream{hub(), origins_, channels({"a"})};
    int left = 10;
    stream.afterSnapshot = [this, &left] {
        for (; left > 0; --left) publishPlain("a", std::to_string(left));
    };
    const std::vector<Seen> blocks = stream.start({Start::Kind::Since, 0, clock_.wallMs()}).read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].lanes.size(), 2u) << "the plain lane, too";
}

TEST_F(ResumeTest, tellsALossSinceThatTime) {
    lanes_ = family("orders", kOrders, 1);
    const std::int64_t begin = clock_.wallMs();
    clock_.advance(std::chrono::milliseconds{10});
    hub().lost(lanes_[0], {5, 0});
    publish(lanes_[0], 5, "a");
    TestStream stream{hub(), origins_, channels({"a"})};
    const std::vector<Seen> blocks = stream.start({Start::Kind::Since, 0, begin}).read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "lost");
    EXPECT_EQ(dataOf(blocks), numbers(5, 5));
}

TEST_F(ResumeTest, tellsWhatASourceHadSinceThatTimeBeforeItWasRead) {
    lanes_ = family("orders", kOrders, 1, {5, 0});
    publish(lanes_[0], 5, "a");
    const std::int64_t began = snapshot().beganMs;
    const auto since = [this](std::int64_t timeMs) {
        TestStream stream{hub(), origins_, channels({"a"})};
        return stream.start({Start::Kind::Since, 0, timeMs}).read();
    };
    ASSERT_EQ(gapsOf(since(began - 1)).size(), 1u);
    EXPECT_EQ(gapsOf(since(began - 1))[0].lanes[0].to, (Place{{5, 0}, 0}));
    EXPECT_TRUE(gapsOf(since(began)).empty());
    EXPECT_EQ(dataOf(since(began - 1)), numbers(5, 5));
}

TEST_F(ResumeTest, goesOnExactlyAfterEveryIdOnTheSameNode) {
    const std::vector<std::string> ids = idsOfTen();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(dataOf(resume(ids[static_cast<std::size_t>(i)])), numbers(i + 1, 9));
}

TEST_F(ResumeTest, goesOnExactlyAfterEveryIdOnAnotherNode) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(10);
    for (int i = 0; i < 10; ++i) {
        const std::vector<Seen> blocks = resume(ids[static_cast<std::size_t>(i)]);
        EXPECT_EQ(dataOf(blocks), numbers(i + 1, 9));
        EXPECT_TRUE(gapsOf(blocks).empty());
    }
}

TEST_F(ResumeTest, echoesTheIdThatCameInItsFirstBlock) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(10);
    EXPECT_EQ(resume(ids[3])[0].event, "sluice.open");
    EXPECT_EQ(resume(ids[3])[0].id, ids[3]);
}

TEST_F(ResumeTest, answersAnIdThatCannotBeReadWithZeroAndTellsIt) {
    idsOfTen();
    const std::vector<Seen> blocks = resume("rubbish");
    EXPECT_EQ(blocks[0].id, "0");
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "bad-id");
    EXPECT_TRUE(gaps[0].allLanes);
    EXPECT_TRUE(gaps[0].mayRepeat);
    EXPECT_EQ(placeIn(blocks[1].id, kOrders, 0), (Place{{10, 0}, 0}));
}

TEST_F(ResumeTest, doesNotReadAnIdOfItsOwnEpochFromItsFuture) {
    const std::vector<std::string> ids = idsOfTen();
    start("nodeaaaa");
    lanes_ = family("orders", kOrders, 2);
    EXPECT_EQ(gapsOf(resume(ids[9]))[0].reason, "bad-id");
}

TEST_F(ResumeTest, tellsApproximateForAShortIdOfAnotherEpoch) {
    idsOfTen();
    std::string id;
    appendShortId(id, Epoch{'z', 'z', 'z', 'z', 'z', 'z', 'z', 'z'}, 3,
                  static_cast<std::uint64_t>(clock_.wallMs()) + 1);
    const std::vector<Seen> blocks = resume(id);
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "approximate");
    EXPECT_TRUE(gaps[0].allLanes);
    EXPECT_TRUE(dataOf(blocks).empty());
}

TEST_F(ResumeTest, goesOnBySeqAfterAShortIdOfItsOwn) {
    idsOfTen();
    std::string id;
    appendShortId(id, hub().epoch(), 6, static_cast<std::uint64_t>(clock_.wallMs()));
    EXPECT_EQ(dataOf(resume(id)), numbers(6, 9));
}

TEST_F(ResumeTest, namesFamiliesThatAreNotKnownHere) {
    const std::vector<std::string> ids = idsOfTen();
    start("nodebbbb");
    const auto stock = family("stock", kStock, 1);
    publish(stock[0], 0, "a");
    const std::vector<ReadGap> gaps = gapsOf(resume(ids[3]));
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "approximate");
    std::vector<std::string> names;
    for (const ReadGap::Lane& lane : gaps[0].lanes) names.push_back(lane.name);
    EXPECT_EQ(names, (std::vector<std::string>{"in:stock/0", "?:11111111/0", "?:11111111/1"}));
}

TEST_F(ResumeTest, readsALaneThatWasBornAfterTheIdFromItsBeginning) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(10);
    const LaneIndex born = hub().bearLane(0, 2, {});
    publish(born, 0, "a");
    publish(born, 1, "a");
    const std::vector<Seen> blocks = resume(ids[9]);
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"0", "1"}));
    EXPECT_TRUE(gapsOf(blocks).empty());
}

TEST_F(ResumeTest, goesByTimeInAFamilyThatTheIdDoesNotName) {
    family("orders", kOrders, 1);
    const auto stock = family("stock", kStock, 1);
    publish(stock[0], 0, "a");
    clock_.advance(std::chrono::milliseconds{100});
    publish(stock[0], 1, "a");
    std::string id;
    const Place place;
    const FamilyCutView cut{kOrders, Words::One, {&place, 1}};
    appendFullId(id, Epoch{'z', 'z', 'z', 'z', 'z', 'z', 'z', 'z'}, 0,
                 static_cast<std::uint64_t>(clock_.wallMs() - 50), {&cut, 1}, 0);
    const std::vector<Seen> blocks = resume(id);
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"1"}));
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "approximate");
    ASSERT_EQ(gaps[0].lanes.size(), 1u);
    EXPECT_EQ(gaps[0].lanes[0].name, "in:stock/0");
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{1, 0}, 0}));
}

TEST_F(ResumeTest, waitsWithoutAGapOnANodeThatIsBehind) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(4);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(ids[6]).answer(ends(kOrders, {10, 0}));
    EXPECT_EQ(stream.familiesToAsk(), (std::vector<std::uint32_t>{kOrders}));
    std::vector<Seen> blocks = stream.read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_FALSE(stream.stream().isLive());
    for (std::uint64_t i = 4; i < 10; ++i) publish(lanes_[0], i, "a");
    blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(7, 9));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(ResumeTest, tellsAResetIfTheIdIsBeyondTheEndAtTheSource) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(4);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(ids[6]).answer(ends(kOrders, {5, 0}));
    const std::vector<Seen> blocks = stream.read();
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "reset");
    ASSERT_EQ(gaps[0].lanes.size(), 1u);
    EXPECT_EQ(gaps[0].lanes[0].from, (Place{{7, 0}, 0}));
    EXPECT_EQ(gaps[0].lanes[0].to, Place{});
    EXPECT_EQ(dataOf(blocks), numbers(0, 3));
}

TEST_F(ResumeTest, countsTheIdAsThereUntilTheSourceAnswers) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(4);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(ids[6]);
    EXPECT_TRUE(gapsOf(stream.read()).empty());
    EXPECT_EQ(stream.familiesToAsk(), (std::vector<std::uint32_t>{kOrders}));
    const SourceEnds late = ends(kOrders, {5, 0});
    const std::vector<Seen> blocks = read(stream.turn(64u << 10, false, &late).bytes);
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "reset");
    EXPECT_EQ(dataOf(blocks), numbers(0, 3));
    EXPECT_TRUE(stream.familiesToAsk().empty());
}

TEST_F(ResumeTest, carriesALaneThatThisNodeHasNotSeenYet) {
    lanes_ = family("orders", kOrders, 3);
    publish(lanes_[2], 5, "a");
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    otherNode(0);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(id).answer(ends(kOrders, {0, 0, 9}));
    EXPECT_EQ(stream.familiesToAsk(), (std::vector<std::uint32_t>{kOrders}));
    std::vector<Seen> blocks = stream.read(true);
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 2), (Place{{6, 0}, 0}));
    const LaneIndex born = hub().bearLane(0, 2, {});
    for (std::uint64_t i = 0; i < 9; ++i) publish(born, i, "a");
    EXPECT_EQ(dataOf(stream.read()), numbers(6, 8));
}

TEST_F(ResumeTest, repeatsAMessageThatWasCutInALaneThatThisNodeHasNotSeenYet) {
    lanes_ = family("orders", kOrders, 2);
    hub().remapped(1);
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publish(lanes_[1], Position{4, 0}, {{"a"}, {"a"}});
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    hub().remapped(2);
    family("orders", kOrders, 1);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(id).read();
    publish(hub().bearLane(0, 1, {}), Position{4, 0}, {{"a"}, {"a"}, {"a"}});
    EXPECT_EQ(dataOf(stream.read()), (std::vector<std::string>{"4.0", "4.1", "4.2"}));
}

TEST_F(ResumeTest, tellsAResetOfALaneThatIsGoneAtTheSource) {
    lanes_ = family("orders", kOrders, 3);
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    otherNode(0);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.from(id).answer(ends(kOrders, {0, 0}));
    const std::vector<ReadGap> gaps = gapsOf(stream.read());
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "reset");
    ASSERT_EQ(gaps[0].lanes.size(), 1u);
    EXPECT_EQ(gaps[0].lanes[0].name, "?:11111111/2");
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(ResumeTest, goesOnBySeqInThePlainLaneOfTheSameEpoch) {
    origins_.plain = {"mqtt"};
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    publishPlain("a", "one");
    publishPlain("a", "two");
    const std::string id = stream.read()[0].id;
    const std::vector<Seen> blocks = resume(id);
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"two"}));
    EXPECT_TRUE(gapsOf(blocks).empty());
}

TEST_F(ResumeTest, goesByTimeInThePlainLaneOfAnotherEpochAndTellsIt) {
    origins_.plain = {"mqtt"};
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publishPlain("a", "one");
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    clock_.advance(std::chrono::milliseconds{10});
    publishPlain("a", "two");
    const std::vector<Seen> blocks = resume(id);
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"two"}));
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "approximate");
    EXPECT_EQ(gaps[0].lanes[0].name, "plain");
}

TEST_F(ResumeTest, tellsWhatLiesBetweenTheIdAndTheBeginningOfReading) {
    const std::vector<std::string> ids = idsOfTen();
    otherNode(10, 7);
    const std::vector<Seen> blocks = resume(ids[2]);
    EXPECT_EQ(dataOf(blocks), numbers(7, 9));
    const std::vector<ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "evicted");
    EXPECT_EQ(gaps[0].channel, "a");
    EXPECT_EQ(gaps[0].lanes[0].from, (Place{{3, 0}, 0}));
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{7, 0}, 0}));
}

TEST_F(ResumeTest, tellsItAlsoToAPatternThatTakesNoChannelYet) {
    lanes_ = family("orders", kOrders, 1);
    TestStream writer{hub(), origins_, channels({"c/{x}"})};
    writer.read();
    publish(lanes_[0], 2, "c/1");
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    family("orders", kOrders, 1, {7, 0});
    TestStream stream{hub(), origins_, channels({"c/{x}"})};
    const std::vector<ReadGap> gaps = gapsOf(stream.from(id).read());
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].reason, "evicted");
    EXPECT_EQ(gaps[0].lanes[0].from, (Place{{3, 0}, 0}));
    EXPECT_EQ(gaps[0].lanes[0].to, (Place{{7, 0}, 0}));
}

TEST_F(ResumeTest, goesOnInsideAMessage) {
    lanes_ = family("orders", kOrders, 1);
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publish(lanes_[0], Position{4, 0}, {{"a"}, {"a"}, {"a"}});
    const std::string id = writer.read()[1].id;
    EXPECT_EQ(placeIn(id, kOrders, 0), (Place{{4, 0}, 2}));
    start("nodebbbb");
    lanes_ = family("orders", kOrders, 1);
    publish(lanes_[0], Position{4, 0}, {{"a"}, {"a"}, {"a"}});
    EXPECT_EQ(dataOf(resume(id)), (std::vector<std::string>{"4.2"}));
}

TEST_F(ResumeTest, repeatsAMessageThatWasCutIfOtherMappingsAreInForce) {
    lanes_ = family("orders", kOrders, 1);
    hub().remapped(1);
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publish(lanes_[0], Position{4, 0}, {{"a"}, {"a"}});
    const std::string id = writer.read()[0].id;
    start("nodebbbb");
    hub().remapped(2);
    lanes_ = family("orders", kOrders, 1);
    publish(lanes_[0], Position{4, 0}, {{"a"}, {"a"}, {"a"}});
    EXPECT_EQ(dataOf(resume(id)), (std::vector<std::string>{"4.0", "4.1", "4.2"}));
}

TEST_F(ResumeTest, repeatsAMessageThatWasCutBeforeAReload) {
    lanes_ = family("orders", kOrders, 1);
    hub().remapped(1);
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publish(lanes_[0], Position{4, 0}, {{"a"}, {"a"}});
    const std::string id = writer.read()[0].id;
    hub().remapped(2);
    hub().remapped(1);
    EXPECT_EQ(dataOf(resume(id)), (std::vector<std::string>{"4.0", "4.1"}));
}

TEST_F(ResumeTest, tellsNoGapForAChannelThatWasSubscribedBeforeItsFirstMessage) {
    lanes_ = family("orders", kOrders, 1);
    TestStream writer{hub(), origins_, channels({"a"})};
    const std::string id = writer.read()[0].id;
    for (std::uint64_t i = 0; i < 5; ++i) publish(lanes_[0], i, "other");
    publish(lanes_[0], 5, "a");
    const std::vector<Seen> blocks = resume(id);
    EXPECT_EQ(dataOf(blocks), numbers(5, 5));
    EXPECT_TRUE(gapsOf(blocks).empty());
}

TEST_F(ResumeTest, tellsNoGapForAChannelThatWasQuietForLong) {
    lanes_ = family("orders", kOrders, 1);
    TestStream writer{hub(), origins_, channels({"a"})};
    writer.read();
    publish(lanes_[0], 0, "a");
    writer.read();
    for (std::uint64_t i = 1; i < 100; ++i) publish(lanes_[0], i, "other");
    const std::string id = writer.read(true).back().id;
    EXPECT_EQ(placeIn(id, kOrders, 0), (Place{{100, 0}, 0}));
    start("nodebbbb");
    lanes_ = family("orders", kOrders, 1, {95, 0});
    for (std::uint64_t i = 95; i < 105; ++i) publish(lanes_[0], i, i < 100 ? "other" : "a");
    const std::vector<Seen> blocks = resume(id);
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(dataOf(blocks), numbers(100, 104));
}

}  // namespace
}  // namespace sluice
