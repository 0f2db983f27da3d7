#include <map>

#include "HubFixture.h"
#include "property/Random.h"

/// The latest event of each key, beside the log (docs/readers.md).
namespace sluice {
namespace {

class LatestPerKeyTest : public HubTest {
  protected:
    void SetUp() override {
        options_.readers.keepsLatest = true;
        lane_ = family("orders", kOrders, 1)[0];
    }
    void put(std::string_view key) { publishKey(lane_, position_++, {"a"}, key); }
    void remove(std::string_view key) { publishKey(lane_, position_++, {"a"}, key, "delete"); }
    LogView latest(const LatestWish& wish = {}, std::string_view channel = "a") {
        const LoopIndex index = hub().addLoop(TestStream::loop);
        ChannelLog* const log = hub().watch(index, channel);
        LogView view;
        log->viewLatest(wish, view);
        hub().unwatch(index, *log);
        return view;
    }
    static std::vector<std::string> keysOf(const LogView& view) {
        std::vector<std::string> keys;
        std::uint64_t last = 0;
        for (const LogView::Part& part : view.parts)
            for (std::uint32_t i = part.begin; i < part.end; ++i) {
                const Record& record = part.segment->record(i);
                EXPECT_GT(record.seq, last);
                last = record.seq;
                keys.push_back((record.isDeletion ? "-" : "") +
                               std::string{part.segment->key(record)});
            }
        return keys;
    }
    using Keys = std::vector<std::string>;

    LaneIndex lane_ = 0;
    std::uint64_t position_ = 0;
};

TEST_F(LatestPerKeyTest, keepsTheLatestOfEachKeyInTheOrderOfItsLastEvent) {
    for (const char* key : {"x", "y", "z", "x"}) put(key);
    EXPECT_EQ(keysOf(latest()), (Keys{"y", "z", "x"}));
    EXPECT_EQ(hub().counts().latestKeys, 3u);
}

TEST_F(LatestPerKeyTest, outlivesTheHistory) {
    put("x");
    age(std::chrono::hours{2});
    EXPECT_EQ(hub().counts().keptEvents, 0u);
    EXPECT_EQ(keysOf(latest()), (Keys{"x"}));
    EXPECT_TRUE(latest().isLatestComplete);
}

TEST_F(LatestPerKeyTest, remembersADeletionForThoseWhoStillHaveTheKey) {
    put("x");
    put("y");
    remove("x");
    EXPECT_EQ(keysOf(latest({.deletionsAfterSeq = 3})), (Keys{"y"}));
    EXPECT_EQ(keysOf(latest()), (Keys{"y", "-x"}));
    put("x");
    EXPECT_EQ(keysOf(latest()), (Keys{"y", "x"}));
    EXPECT_EQ(hub().counts().latestDeletions, 0u);
}

TEST_F(LatestPerKeyTest, takesAnEventThatIsSaidToDeleteByWhateverName) {
    put("x");
    EventBatch batch;
    batch.beginMessage(lane_, {position_++, 0});
    const std::string_view channel = "a";
    ASSERT_EQ(batch.addEvent({&channel, 1}, "gone", "x", "{}", true), EncodeError::None);
    hub().publish(batch);
    EXPECT_EQ(hub().counts().latestKeys, 0u);
}

TEST_F(LatestPerKeyTest, readsFromAPlaceAndStopsWhereTheViewIsLargeEnough) {
    for (const char* key : {"x", "y", "z"}) put(key);
    EXPECT_EQ(keysOf(latest({.afterSeq = 1})), (Keys{"y", "z"}));
    const LogView cut = latest({.bytesMax = 1});
    EXPECT_EQ(keysOf(cut), (Keys{"x"}));
    EXPECT_EQ(cut.cutAt, 1u);
    EXPECT_EQ(latest().cutAt, 0u);
}

TEST_F(LatestPerKeyTest, dropsTheOldestKeyAtTheBoundOfKeys) {
    options_.readers.latestKeysMax = 2;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    for (const char* key : {"x", "y", "x", "z"}) put(key);
    EXPECT_EQ(keysOf(latest()), (Keys{"x", "z"}));
    EXPECT_FALSE(latest().isLatestComplete);
    EXPECT_EQ(latest().evictedSeq, 2u);
    EXPECT_EQ(hub().counts().latestDroppedByKeys, 1u);
}

TEST_F(LatestPerKeyTest, dropsTheOldestKeysAtTheBoundOfBytes) {
    options_.readers.latestBytesMax = 4'000;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    for (int i = 0; i < 100; ++i) put("key" + std::to_string(i));
    const HubCounts counts = hub().counts();
    EXPECT_LE(counts.latestBytes, 4'000u);
    EXPECT_GT(counts.latestKeys, 5u);
    EXPECT_EQ(counts.latestKeys + counts.latestDroppedByBytes, 100u);
    EXPECT_EQ(keysOf(latest()).back(), "key99");
}

TEST_F(LatestPerKeyTest, dropsKeysOfTheChannelWrittenToAtTheBoundOfAll) {
    options_.latestBytesMax = 8'000;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    for (int i = 0; i < 10; ++i) publishKey(lane_, position_++, {"b"}, std::to_string(i));
    for (int i = 0; i < 100; ++i) put("key" + std::to_string(i));
    const HubCounts counts = hub().counts();
    EXPECT_LE(counts.latestBytes, 8'000u);
    EXPECT_GT(counts.latestDroppedByTotal, 0u);
    EXPECT_EQ(keysOf(latest({}, "b")).size(), 10u);
}

TEST_F(LatestPerKeyTest, forgetsTheOldestDeletionsFirst) {
    put("stays");
    for (std::size_t i = 0; i < kDeletionsRememberedMax + 3; ++i) remove(std::to_string(i));
    const HubCounts counts = hub().counts();
    EXPECT_EQ(counts.latestDeletions, kDeletionsRememberedMax);
    EXPECT_EQ(counts.latestDeletionsForgotten, 3u);
    EXPECT_EQ(latest().evictedSeq, 4u);
    EXPECT_TRUE(latest().isLatestComplete);  // for whoever begins now
    EXPECT_EQ(counts.latestKeys, 1u);
}

TEST_F(LatestPerKeyTest, forgetsALaneThatBeganAnew) {
    const LaneIndex other = family("stock", kStock, 1)[0];
    put("x");
    publishKey(other, 0, {"a"}, "y");
    remove("z");
    hub().reset(lane_, {});
    EXPECT_EQ(keysOf(latest()), (Keys{"y"}));
    EXPECT_EQ(hub().counts().latestDroppedByReset, 1u);
    EXPECT_EQ(hub().counts().latestDeletions, 0u);
}

TEST_F(LatestPerKeyTest, beginsWithWhatTheHistoryHoldsWhenAReloadAsksForIt) {
    hub().setHistories({}, {}, {});
    EXPECT_EQ(hub().counts().latestBytes, 0u);
    for (const char* key : {"x", "y", "x"}) put(key);
    ReaderPolicy readers;
    readers.keepsLatest = true;
    hub().setHistories({}, {}, readers);
    EXPECT_EQ(keysOf(latest()), (Keys{"y", "x"}));
    EXPECT_TRUE(latest().isLatestComplete);
    hub().setHistories({}, {}, {});
    EXPECT_EQ(hub().counts().latestKeys, 0u);
    EXPECT_EQ(hub().counts().latestBytes, 0u);
}

TEST_F(LatestPerKeyTest, isIncompleteOfAHistoryThatHadLostSomething) {
    hub().setHistories({}, {}, {});
    put("x");
    age(std::chrono::hours{2});
    ReaderPolicy readers;
    readers.keepsLatest = true;
    hub().setHistories({}, {}, readers);
    EXPECT_FALSE(latest().isLatestComplete);
}

TEST_F(LatestPerKeyTest, countsWhatGoesWithItsChannel) {
    options_.channelsMax = 1;
    start("nodeaaaa");
    lane_ = family("orders", kOrders, 1)[0];
    put("x");
    publishKey(lane_, position_++, {"b"}, "y");
    const HubCounts counts = hub().counts();
    EXPECT_EQ(counts.latestKeys, 1u);
    EXPECT_EQ(counts.latestDroppedByCollection, 1u);
    EXPECT_FALSE(latest({}, "b").isLatestComplete);
}

TEST_F(LatestPerKeyTest, agreesWithAModelHoweverKeysComeAndGo) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        start("nodeaaaa");
        lane_ = family("orders", kOrders, 1)[0];
        position_ = 0;
        property::Random random{seed};
        const std::uint32_t keys = random.oneOf({1u, 3u, 50u, 2'000u});
        std::map<std::string, std::uint64_t> seqs;
        std::map<std::string, bool> deleted;
        for (std::uint64_t seq = 1; seq <= 5'000; ++seq) {
            const std::string key(1 + random.below(3), 'k');
            const std::string name = key + std::to_string(random.below(keys));
            const bool isDeletion = random.chance(20);
            isDeletion ? remove(name) : put(name);
            seqs[name] = seq;
            deleted[name] = isDeletion;
        }
        std::map<std::uint64_t, std::string> expected;
        for (const auto& [key, seq] : seqs) expected[seq] = (deleted[key] ? "-" : "") + key;
        Keys inOrder;
        for (const auto& [seq, key] : expected) inOrder.push_back(key);
        ASSERT_EQ(keysOf(latest()), inOrder) << seed;
        // Half of every chunk but the last lives.
        EXPECT_LE(hub().counts().latestBytes, seqs.size() * 400 + (192u << 10)) << seed;
    }
}

}  // namespace
}  // namespace sluice
