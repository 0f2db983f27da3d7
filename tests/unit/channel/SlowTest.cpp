#include "SnapshotReader.h"
#include "property/Random.h"

/// What the policy of a channel does for readers that do not keep up (docs/readers.md).
namespace sluice {
namespace {

using Table = std::map<std::string, std::string>;

class SlowTest : public HubTest {
  protected:
    void begin(const ReaderPolicy& readers, std::uint32_t events = 1'000) {
        options_.readers = readers;
        options_.history.events = events;
        options_.policies = {{*Pattern::parse("all", '/', nullptr), {}, false, {}}};
        start("nodeaaaa");
        lanes_ = family("orders", kOrders, 2);
        position_ = 0;
    }
    static ReaderPolicy policy(Slow slow, std::uint32_t lag) {
        ReaderPolicy readers;
        readers.keepsLatest = slow == Slow::Conflate;
        readers.slow = slow;
        readers.lagEventsMax = lag;
        return readers;
    }
    void put(std::string_view key, std::string_view type = "", std::string_view channel = "a",
             std::size_t lane = 0) {
        publishKey(lanes_[lane], ++position_, {channel}, key, type);
    }
    void putMany(int count) {
        for (int i = 0; i < count; ++i) put("k" + std::to_string(i % 3));
    }
    std::unique_ptr<TestStream> reader(std::vector<std::string> names = {"a"}) {
        return std::make_unique<TestStream>(hub(), origins_, channels(std::move(names)));
    }

    std::vector<LaneIndex> lanes_;
    std::uint64_t position_ = 0;
};

TEST_F(SlowTest, namesThePolicyWhenAStreamOpens) {
    begin(policy(Slow::Conflate, 5));
    EXPECT_NE(reader({"a", "all"})->read()[0].data.find(R"("slow":{"a":"conflate"})"),
              std::string::npos);
    begin(policy(Slow::Skip, 5));
    EXPECT_NE(reader()->read()[0].data.find(R"("slow":{"a":"skip"})"), std::string::npos);
    EXPECT_EQ(reader({"all"})->read()[0].data.find("slow"), std::string::npos);
}

TEST_F(SlowTest, givesALaggingReaderTheLatestOfEachKeyAndNoGap) {
    begin(policy(Slow::Conflate, 5));
    const auto stream = reader();
    stream->read();
    stream->isStraggler = true;
    putMany(6);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"k0=4", "k1=5", "k2=6"}));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{5, 0}, 0}));
    putMany(5);  // that is no lag
    EXPECT_EQ(dataOf(stream->read()).size(), 5u);
}

TEST_F(SlowTest, givesAReaderThatKeepsUpEveryEvent) {
    for (const Slow slow : {Slow::Conflate, Slow::Skip}) {
        begin(policy(slow, 5));
        const auto stream = reader();
        stream->read();
        putMany(20);
        EXPECT_EQ(dataOf(stream->read()).size(), 20u);
    }
}

TEST_F(SlowTest, tellsADeletionToALaggingReader) {
    begin(policy(Slow::Conflate, 2));
    const auto stream = reader();
    SnapshotReader page;
    page.sync = "none asked for";
    put("x");
    page.read(stream->read());
    stream->isStraggler = true;
    for (const char* key : {"x", "y", "y"}) put(key);
    put("x", "delete");
    page.read(stream->read());
    EXPECT_EQ(page.table, (Table{{"y", "4"}}));
}

TEST_F(SlowTest, needsNoGapForWhatTheLatestOfEachKeyStillCovers) {
    begin(policy(Slow::Conflate, 1'000), 4);
    const auto stream = reader();
    stream->read();
    putMany(50);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"k2=48", "k0=49", "k1=50"}));
}

TEST_F(SlowTest, tellsAKeyThatWasDroppedWhileItLagged) {
    ReaderPolicy readers = policy(Slow::Conflate, 1'000);
    readers.latestKeysMax = 1;
    begin(readers, 4);
    const auto stream = reader();
    stream->read();
    putMany(50);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "evicted");
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"k1=50"}));
}

TEST_F(SlowTest, resumesBehindTheHistoryWithTheLatestOfEachKey) {
    begin(policy(Slow::Conflate, 1'000), 4);
    const auto first = reader();
    put("old");
    std::string id = first->read().back().id;
    putMany(50);
    const auto second = reader();
    const std::vector<Seen> blocks = second->from(id).read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"k2=49", "k0=50", "k1=51"}));
    EXPECT_TRUE(second->stream().isLive());
    // Every id of it says that it has what was superseded before.
    EXPECT_EQ(dataOf(reader()->from(blocks[1].id).read()),
              (std::vector<std::string>{"k0=50", "k1=51"}));
}

TEST_F(SlowTest, resumesExactlyWhatTheHistoryStillHas) {
    begin(policy(Slow::Conflate, 1), 100);
    putMany(200);
    const auto first = reader();
    const std::string id = first->read()[0].id;
    putMany(9);
    const std::vector<Seen> blocks = reader()->from(id).read();
    EXPECT_EQ(dataOf(blocks).size(), 9u);
    EXPECT_TRUE(gapsOf(blocks).empty());
}

TEST_F(SlowTest, skipsToTheNewestAndTellsHowManyWereMissed) {
    begin(policy(Slow::Skip, 5));
    const auto stream = reader();
    stream->read();
    stream->isStraggler = true;
    putMany(6);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "skipped");
    EXPECT_EQ(*gapsOf(blocks)[0].channel, "a");
    EXPECT_NE(blocks[0].data.find(R"("atMost":5)"), std::string::npos);
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"k2=6"}));
    put("x");
    EXPECT_EQ(dataOf(stream->read()), (std::vector<std::string>{"x=7"}));
    // Its ids are behind what it skipped.
    EXPECT_EQ(dataOf(reader()->from(blocks[0].id).read()),
              (std::vector<std::string>{"k2=6", "x=7"}));
}

TEST_F(SlowTest, skipsOnItsChannelsOnly) {
    begin(policy(Slow::Skip, 5));
    const auto stream = reader({"a", "all"});
    stream->read();
    stream->isStraggler = true;
    for (int i = 0; i < 10; ++i) {
        put("k");
        put("all", "", "all");
    }
    publishKey(lanes_[0], ++position_, {"a", "all"}, "both");
    put("last");
    const std::vector<std::string> data = dataOf(stream->read());
    ASSERT_EQ(data.size(), 12u);
    EXPECT_EQ(data[9], "all=20");
    EXPECT_EQ(data[10], "both=21");
    EXPECT_EQ(data[11], "last=22");
}

/// Random schedules: whatever the reader's luck, it ends with the table of the model, is told no
/// gap, and never sees a key go back (SnapshotReader looks).
TEST_F(SlowTest, alwaysBringsTheLastValueOfEachKeyToOneThatConflates) {
    std::size_t conflated = 0, resumed = 0;
    for (std::uint64_t seed = 1; seed <= 1'500 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        property::Random random{seed};
        begin(policy(Slow::Conflate, random.oneOf({1u, 3u, 1'000u})),
              random.oneOf({4u, 8u, 1'000u}));
        Table table;
        const auto publishSome = [&](std::uint32_t most) {
            for (std::uint32_t i = random.below(most); i > 0; --i) {
                const std::string key = "k" + std::to_string(random.below(7));
                const bool isDeletion = random.chance(20);
                put(key, isDeletion ? "delete" : "", random.chance(80) ? "a" : "b",
                    random.below(2));
                if (isDeletion)
                    table.erase(key);
                else
                    table[key] = std::to_string(position_);
            }
        };
        auto stream = reader({"a", "b"});
        SnapshotReader page;
        page.sync = "none asked for";
        for (int turns = 0; turns < 40; ++turns) {
            const bool isLast = turns == 39;
            stream->isStraggler = random.chance(50);
            stream->afterSnapshot = [&] { publishSome(isLast ? 1 : 3); };
            TurnOutput out = stream->turn(isLast ? 1u << 20 : random.oneOf({1u, 500u, 1u << 20}));
            conflated += out.conflated;
            std::size_t end = out.bytes.size();
            const bool isCut = out.blocks.size() > 1 && random.chance(30) && !isLast;
            if (isCut) {
                const std::size_t block = random.below(out.blocks.size() - 1);
                end = out.blocks[block].offset;
                stream->goOnFrom(out.after(block));
            }
            page.read(read({out.bytes.data(), end}));
            if (!isLast) publishSome(12);
            if (random.chance(10) && !isLast) {
                stream = reader({"a", "b"});
                stream->from(page.lastId);
                ++resumed;
            }
        }
        stream->afterSnapshot = nullptr;
        page.read(stream->read());
        EXPECT_EQ(page.table, table);
        EXPECT_TRUE(page.gaps.empty());
    }
    EXPECT_GT(conflated, 1'000u);
    EXPECT_GT(resumed, 1'000u);
}

}  // namespace
}  // namespace sluice
