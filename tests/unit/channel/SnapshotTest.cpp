#include "SnapshotReader.h"

/// `from=snapshot`: the latest event of each key, `sluice.sync`, then live (docs/readers.md).
namespace sluice {
namespace {

using Table = std::map<std::string, std::string>;

class SnapshotTest : public HubTest {
  protected:
    void SetUp() override {
        options_.policies.push_back({*Pattern::parse("plain/{any}", '/', nullptr), {}, false, {}});
        options_.readers.keepsLatest = true;
        begin();
    }
    void begin() {
        start("nodeaaaa");
        lane_ = family("orders", kOrders, 1)[0];
        position_ = 0;
    }
    void put(std::string_view key, std::vector<std::string_view> channels = {"a"}) {
        publishKey(lane_, position_++, channels, key);
    }
    void remove(std::string_view key) { publishKey(lane_, position_++, {"a"}, key, "delete"); }
    std::unique_ptr<TestStream> snapshotOf(std::vector<std::string> names) {
        auto stream = std::make_unique<TestStream>(hub(), origins_, channels(std::move(names)));
        stream->start({Start::Kind::Snapshot});
        return stream;
    }

    LaneIndex lane_ = 0;
    std::uint64_t position_ = 0;
};

TEST_F(SnapshotTest, writesTheLatestOfEachKeyThenSyncThenGoesOn) {
    for (const char* key : {"x", "y", "x"}) put(key);
    remove("z");
    const auto stream = snapshotOf({"a"});
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(blocks.size(), 4u);
    EXPECT_EQ(blocks[0].event, "sluice.open");
    EXPECT_EQ(dataOf(blocks), (std::vector<std::string>{"y=1", "x=2"}));
    EXPECT_EQ(blocks[3].event, "sluice.sync");
    EXPECT_EQ(blocks[3].data, R"({"channels":["a"],"without":[],"count":2,"complete":true})");
    for (const Seen& block : {blocks[0], blocks[1], blocks[2]}) EXPECT_EQ(block.id, "");
    EXPECT_EQ(placeIn(blocks[3].id, kOrders, 0), (Place{{4, 0}, 0}));
    put("x");
    EXPECT_EQ(dataOf(stream->read()), (std::vector<std::string>{"x=4"}));
}

TEST_F(SnapshotTest, syncsAtOnceWhereThereIsNothing) {
    const std::vector<Seen> blocks = snapshotOf({"a"})->read();
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(blocks[1].data, R"({"channels":["a"],"without":[],"count":0,"complete":true})");
}

TEST_F(SnapshotTest, mergesItsChannelsAndNamesThoseThatKeepNone) {
    put("x", {"a"});
    put("y", {"b"});
    put("z", {"plain/c"});
    put("v", {"a", "b"});
    const auto stream = snapshotOf({"a", "b", "plain/c"});
    SnapshotReader reader;
    reader.read(stream->read());
    EXPECT_EQ(reader.table, (Table{{"x", "0"}, {"y", "1"}, {"v", "3"}}));
    EXPECT_EQ(
        reader.sync,
        R"({"channels":["a","b","plain/c"],"without":["plain/c"],"count":3,"complete":true})");
    put("w", {"plain/c"});
    reader.read(stream->read());
    EXPECT_EQ(reader.live, (std::vector<std::string>{"w=4"}));
}

TEST_F(SnapshotTest, saysThatItIsNotCompleteWithoutAnyChannelThatKeepsOne) {
    SnapshotReader reader;
    reader.read(snapshotOf({"plain/c"})->read());
    EXPECT_NE(reader.sync.find(R"("complete":false)"), std::string::npos);
}

TEST_F(SnapshotTest, saysThatItIsNotCompleteAfterTheOldestKeyWent) {
    options_.readers.latestKeysMax = 1;
    begin();
    put("x");
    put("y");
    SnapshotReader reader;
    reader.read(snapshotOf({"a"})->read());
    EXPECT_EQ(reader.table, (Table{{"y", "1"}}));
    EXPECT_NE(reader.sync.find(R"("complete":false)"), std::string::npos);
    EXPECT_TRUE(reader.gaps.empty());
}

TEST_F(SnapshotTest, tellsNothingOfWhatWasLostBeforeItBegan) {
    put("x");
    hub().lost(lane_, {10, 0});
    position_ = 10;
    age(std::chrono::hours{2});
    SnapshotReader reader;
    reader.read(snapshotOf({"a", "plain/c"})->read());
    EXPECT_TRUE(reader.gaps.empty());
    EXPECT_EQ(reader.table, (Table{{"x", "0"}}));
}

TEST_F(SnapshotTest, tellsWhatIsLostWhileItIsRead) {
    for (const char* key : {"x", "y"}) put(key);
    const auto stream = snapshotOf({"a"});
    SnapshotReader reader;
    reader.read(read(stream->turn(1).bytes));
    hub().lost(lane_, {10, 0});
    reader.read(stream->read());
    ASSERT_EQ(reader.gaps.size(), 1u);
    EXPECT_EQ(reader.gaps[0].reason, "lost");
    EXPECT_FALSE(reader.sync.empty());
}

TEST_F(SnapshotTest, hearsOfAKeyThatIsDeletedBehindIt) {
    for (const char* key : {"x", "y", "z"}) put(key);
    const auto stream = snapshotOf({"a"});
    SnapshotReader reader;
    reader.read(read(stream->turn(1).bytes));
    EXPECT_EQ(reader.table, (Table{{"x", "0"}}));
    remove("x");
    remove("y");
    reader.read(stream->read());
    EXPECT_EQ(reader.table, (Table{{"z", "2"}}));
}

TEST_F(SnapshotTest, tellsAnEvictionOfADeletionThatItNeeded) {
    put("x");
    put("y");
    const auto stream = snapshotOf({"a"});
    SnapshotReader reader;
    reader.read(read(stream->turn(1).bytes));
    remove("x");
    for (std::size_t i = 0; i <= kDeletionsRememberedMax; ++i) remove("d" + std::to_string(i));
    reader.read(stream->read());
    ASSERT_FALSE(reader.gaps.empty());
    EXPECT_EQ(reader.gaps[0].reason, "evicted");
    EXPECT_EQ(*reader.gaps[0].channel, "a");
}

TEST_F(SnapshotTest, isNotShortOfAKeyThatChangedWhileTheTurnLooked) {
    for (const char* key : {"x", "y"}) put(key);
    const auto stream = snapshotOf({"a"});
    stream->stream();
    stream->afterSnapshot = [&] { put("x"); };
    SnapshotReader reader;
    reader.read(read(stream->turn().bytes));
    EXPECT_EQ(reader.sync, "");  // of x there was nothing to see
    stream->afterSnapshot = nullptr;
    reader.read(stream->read());
    EXPECT_NE(reader.sync, "");
    EXPECT_EQ(reader.table, (Table{{"x", "2"}, {"y", "1"}}));
    EXPECT_TRUE(reader.live.empty());
}

TEST_F(SnapshotTest, resumesFromItsSyncWithNothingMissedOrDoubled) {
    for (const char* key : {"x", "y"}) put(key);
    SnapshotReader reader;
    reader.read(snapshotOf({"a"})->read());
    put("x");
    const auto again = snapshotOf({"a"});
    again->from(reader.lastId);
    EXPECT_EQ(dataOf(again->read()), (std::vector<std::string>{"x=2"}));
}

TEST_F(SnapshotTest, endsAfterItsLimitAlsoInsideASnapshot) {
    for (const char* key : {"x", "y"}) put(key);
    const auto stream = snapshotOf({"a"});
    stream->limit(1);
    EXPECT_EQ(dataOf(stream->read()), (std::vector<std::string>{"x=0"}));
    EXPECT_TRUE(stream->stream().hasEnded());
}

TEST_F(SnapshotTest, endsInADrainWithoutAnId) {
    for (const char* key : {"x", "y"}) put(key);
    const auto stream = snapshotOf({"a"});
    stream->turn(1);
    const std::vector<Seen> blocks = stream->farewell();
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].id, "");
}

/// Whoever is cut at any byte comes back with what it has, the id or none, and ends with the table.
TEST_F(SnapshotTest, isWholeForAReaderThatIsCutAtAnyByte) {
    const auto publishSome = [this] {
        for (const char* key : {"x", "y", "z", "x"}) put(key);
        remove("y");
    };
    publishSome();
    const auto whole = snapshotOf({"a"});
    std::string bytes = whole->turn().bytes;
    put("v");
    bytes += whole->turn().bytes;
    for (std::size_t b = 0; b <= bytes.size(); ++b) {
        begin();
        publishSome();
        const auto first = snapshotOf({"a"});
        std::string taken = first->turn().bytes;
        put("v");
        taken += first->turn().bytes;
        SnapshotReader reader;
        reader.read(read(taken.substr(0, b)));
        remove("z");
        put("w");
        const auto second = snapshotOf({"a"});
        if (!reader.lastId.empty()) second->from(reader.lastId);
        reader.read(second->read());
        EXPECT_EQ(reader.table, (Table{{"x", "3"}, {"v", "5"}, {"w", "7"}})) << b;
        EXPECT_NE(reader.sync, "") << b;
        EXPECT_TRUE(reader.gaps.empty()) << b;
    }
}

/// A socket took a part of a write: what follows is composed anew from the end of the block cut.
TEST_F(SnapshotTest, readsTheSameWhereverAWriteWasCut) {
    std::vector<Seen> expected;
    for (std::size_t b = 0;; ++b) {
        begin();
        for (const char* key : {"x", "y", "z"}) put(key);
        const auto stream = snapshotOf({"a"});
        const TurnOutput out = stream->turn();
        if (b == out.blocks.size()) break;
        std::string bytes = out.bytes.substr(0, out.blocks[b].offset);
        if (b + 1 < out.blocks.size()) stream->goOnFrom(out.after(b));
        put("x");
        bytes += stream->turn().bytes;
        SnapshotReader reader;
        reader.read(read(bytes));
        EXPECT_EQ(reader.table, (Table{{"x", "3"}, {"y", "1"}, {"z", "2"}})) << b;
        EXPECT_NE(reader.sync.find(R"("complete":true)"), std::string::npos) << b;
    }
}

}  // namespace
}  // namespace sluice
