#include "JournalFixture.h"

namespace sluice {
namespace {

class JournalLanesTest : public JournalTest {
  protected:
    std::vector<LaneIndex> orders(Position start = {}) {
        return family("orders", kOrders, 2, start);
    }
};

TEST_F(JournalLanesTest, goOnWhereTheyStood) {
    startNode();
    std::vector<LaneIndex> lanes = orders({10, 0});
    for (std::uint64_t i = 10; i < 20; ++i) publish(lanes[i % 2], i, "a");
    runAndKill([&] {
        const std::vector<LaneIndex> again = orders();
        for (std::uint64_t i = 20; i < 30; ++i) publish(again[i % 2], i, "a");
    });
    startNode();
    lanes = orders();
    EXPECT_EQ(hub().next(lanes[0]).position, (Position{29, 0}));
    EXPECT_EQ(hub().next(lanes[1]).position, (Position{30, 0}));
    EXPECT_EQ(publish(lanes[1], 29, "a").redelivered, 1u);
    publish(lanes[1], 30, "a");
    const Got got = resume({"a"}, idAfter(5));
    EXPECT_EQ(got.data, numbers(15, 30));
    EXPECT_TRUE(got.gaps.empty());
}

TEST_F(JournalLanesTest, resumeByTheirPlacesOnce) {
    startNode();
    std::vector<LaneIndex> lanes = orders();
    for (std::uint64_t i = 0; i < 10; ++i) publish(lanes[0], i, "a");
    const std::string id = resume({"a"}, idAfter(3)).lastId;
    ASSERT_NE(id.find('~'), std::string::npos);
    startNode();
    lanes = orders();
    publish(lanes[0], 10, "a");
    EXPECT_EQ(resume({"a"}, id).data, numbers(10, 10));
    EXPECT_TRUE(resume({"a"}, id).gaps.empty());
}

TEST_F(JournalLanesTest, giveWhatWasNotOnDiskAgainAndTellThoseWhoCannotKnow) {
    startNode();
    std::vector<LaneIndex> lanes = orders();
    for (std::uint64_t i = 0; i < 5; ++i) publish(lanes[0], i, "a");
    std::string before = resume({"a"}, idAfter(5)).lastId;
    runAndKill([&] {
        const std::vector<LaneIndex> again = orders();
        for (std::uint64_t i = 5; i < 8; ++i) publish(again[0], i, "a");
    });
    loseMemory();
    startNode();
    lanes = orders();
    EXPECT_EQ(hub().next(lanes[0]).position, (Position{5, 0}));
    for (std::uint64_t i = 5; i < 9; ++i) publish(lanes[0], i, "a");
    EXPECT_EQ(resume({"a"}, before).data, numbers(5, 8));
    // A short id of what comes again cannot say what it had: the reader is told that some repeat.
    const Got short7 = resume({"a"}, idAfter(7));
    ASSERT_FALSE(short7.gaps.empty());
    EXPECT_TRUE(std::any_of(short7.gaps.begin(), short7.gaps.end(), [](const auto& gap) {
        return gap.reason == "approximate" && gap.mayRepeat;
    }));
    EXPECT_EQ(short7.data.back(), "8");
}

TEST_F(JournalLanesTest, keepLossesAndResets) {
    startNode();
    std::vector<LaneIndex> lanes = orders();
    publish(lanes[0], 1, "a");
    hub().lost(lanes[0], {5, 0});
    publish(lanes[0], 6, "a");
    const std::uint64_t horizon = snapshot().horizon;
    startNode();
    lanes = orders();
    EXPECT_EQ(snapshot().gapRecords->size(), 1u);
    EXPECT_EQ(snapshot().kept[lanes[0]], (Place{{5, 0}, 0}));
    EXPECT_EQ(snapshot().horizon, horizon);
    Got got = resume({"a"}, idAfter(1));
    ASSERT_EQ(got.gaps.size(), 1u);
    EXPECT_EQ(got.gaps.front().reason, "lost");
    hub().reset(lanes[0], {2, 0});
    publish(lanes[0], 2, "a");
    startNode();
    lanes = orders();
    EXPECT_EQ(snapshot().resets->size(), 1u);
    EXPECT_EQ(hub().next(lanes[0]).position, (Position{3, 0}));
    got = resume({"a"}, idAfter(0));
    EXPECT_EQ(got.data, numbers(2, 2));
    EXPECT_FALSE(got.gaps.empty());
}

TEST_F(JournalLanesTest, keepTheirFloors) {
    options_.history.events = 4;
    startNode();
    std::vector<LaneIndex> lanes = orders();
    for (std::uint64_t i = 0; i < 40; ++i) publish(lanes[i % 2], i, "a");
    const std::uint64_t evicted = view("a").evictedSeq;
    ASSERT_GT(evicted, 30u);
    startNode();
    const LogView after = view("a");
    EXPECT_EQ(after.evictedSeq, evicted);
    for (const LaneIndex lane : lanes) {
        const Place floor = after.floor(lane, snapshot().kept);
        // Above every place that was evicted (seq i + 1 has position i), not above one that is
        // kept.
        const std::uint64_t last = (evicted - 1) % 2 == lane - lanes[0] ? evicted - 1 : evicted - 2;
        EXPECT_GT(floor, (Place{{last, 0}, 0})) << lane;
        EXPECT_LE(floor, (Place{{last + 2, 0}, 0})) << lane;
    }
}

TEST_F(JournalLanesTest, goOnInsideAMessageIfTheMappingsAreTheSame) {
    startNode();
    std::vector<LaneIndex> lanes = orders();
    publish(lanes[0], {0, 0}, {{"a"}, {"a"}});
    std::string id;
    {
        TestStream stream{hub(), origins_, channels({"a"})};
        stream.from(idAfter(0)).limit(1);
        for (const Seen& block : stream.read())
            if (!block.id.empty()) id = block.id;
    }
    ASSERT_EQ(placeIn(id, kOrders, 0), (Place{{0, 0}, 1}));
    startNode();
    orders();
    EXPECT_EQ(resume({"a"}, id).data, std::vector<std::string>{"0.1"});
    gen_ = 8;
    startNode();
    EXPECT_EQ(resume({"a"}, id).data.size(), 2u) << "other mappings may number events otherwise";
}

TEST_F(JournalLanesTest, ofOtherMappingsStayInIds) {
    startNode();
    std::vector<LaneIndex> lanes = orders();
    publish(lanes[0], 0, "a");
    publish(lanes[0], 1, "a");
    const std::string id = resume({"a"}, idAfter(0)).lastId;
    origins_.feeds["orders"] = "elsewhere";
    gen_ = 8;
    for (int run = 0; run < 2; ++run) {
        startNode();
        EXPECT_TRUE(resume({"a"}, id).data.empty()) << "what it had comes again";
        EXPECT_TRUE(resume({"a"}, id).gaps.empty());
    }
}

TEST_F(JournalLanesTest, thatAreGoneStayGone) {
    startNode();
    orders();
    const FamilyIndex gone = 0;
    hub().retireFamily(gone);
    startNode();
    EXPECT_TRUE(snapshot().lanes->families[gone].gone);
    const FamilyIndex fresh = hub().declareFamily("in", "orders", kOrders, Words::One);
    EXPECT_NE(fresh, gone);
    hub().declareLane(fresh, 0, {});
    startNode();
    EXPECT_EQ(snapshot().lanes->families.size(), 2u);
}

}  // namespace
}  // namespace sluice
