#include "SnapshotReader.h"
#include "property/Random.h"

/// Random schedules of events, snapshots, cuts and forgetting, judged by a model that knows every
/// event: the table at `sluice.sync` is that of its id, and from there on every event comes once.
namespace sluice {
namespace {

using Table = std::map<std::string, std::string>;

class SnapshotScheduleTest : public HubTest {
  protected:
    struct Event {
        std::uint64_t seq = 0;
        std::string channel, key, value;
        bool isDeletion = false;
        std::string data() const { return key + "=" + value; }
    };

    void begin(property::Random& random) {
        options_.policies = {{*Pattern::parse("c", '/', nullptr), {}, false, {}}};
        options_.readers.keepsLatest = true;
        // Small enough to be overrun while a snapshot is read, in some schedules.
        options_.history.events = random.oneOf({4u, 1'000u, 1'000u});
        options_.policies[0].history.events = 1'000;
        start("nodeaaaa");
        lanes_ = family("orders", kOrders, 2);
        positions_ = {0, 0};
        events_.clear();
    }
    void publishOne(property::Random& random) {
        const std::size_t lane = random.below(2);
        Event event;
        event.channel = random.oneOf({"a", "a", "b", "c"});
        event.key = event.channel + std::to_string(random.below(6));
        event.isDeletion = random.chance(25);
        // One number for both lanes, so that values of a key grow.
        const std::uint64_t position = ++positions_[0];
        event.value = std::to_string(position);
        const std::vector<std::string_view> channels{event.channel};
        event.seq = publishKey(lanes_[lane], position, channels, event.key,
                               event.isDeletion ? "delete" : "")
                        .lastSeq;
        events_.push_back(std::move(event));
    }
    Table tableAt(std::uint64_t seq, std::uint64_t beganAt) const {
        Table table;
        for (const Event& event : events_) {
            if (event.seq > seq || (event.channel == "c" && event.seq <= beganAt)) continue;
            if (event.isDeletion)
                table.erase(event.key);
            else
                table[event.key] = event.value;
        }
        return table;
    }
    std::vector<std::string> dataAfter(std::uint64_t seq) const {
        std::vector<std::string> data;
        for (const Event& event : events_)
            if (event.seq > seq) data.push_back(event.data());
        return data;
    }
    void run(std::uint64_t seed);

    std::vector<LaneIndex> lanes_;
    std::vector<std::uint64_t> positions_;
    std::vector<Event> events_;
    std::size_t tables_ = 0, cuts_ = 0, late_ = 0;
};

void SnapshotScheduleTest::run(std::uint64_t seed) {
    SCOPED_TRACE(seed);
    property::Random random{seed};
    begin(random);
    for (std::uint32_t i = random.below(30); i > 0; --i) publishOne(random);
    const SubscriptionSpec spec = channels({"a", "b", "c"});
    TestStream stream{hub(), origins_, spec};
    stream.start({Start::Kind::Snapshot});
    const std::uint64_t beganAt = snapshot().horizon;
    stream.stream();
    SnapshotReader reader;
    Table tableAtSync;
    stream.afterSnapshot = [&] {
        for (std::uint32_t i = random.chance(30) ? random.below(4) : 0; i > 0; --i)
            publishOne(random);
    };
    bool isDone = false;
    for (int turns = 0; turns < 60 && !isDone; ++turns) {
        const bool isLast = turns == 59;
        if (isLast) stream.afterSnapshot = nullptr;
        const std::size_t quantum =
            isLast ? 1u << 20 : random.oneOf<std::size_t>({1, 60, 1u << 20});
        TurnOutput out = stream.turn(quantum);
        std::size_t end = out.bytes.size();
        if (out.blocks.size() > 1 && random.chance(30) && !isLast) {
            const std::size_t block = random.below(out.blocks.size() - 1);
            end = out.blocks[block].offset;
            stream.goOnFrom(out.after(block));
            ++cuts_;
        }
        for (const Seen& block : read({out.bytes.data(), end})) {
            reader.readBlock(block);
            if (block.event == "sluice.sync") {
                tableAtSync = reader.table;
                late_ += turns > 0 ? 1 : 0;
            }
        }
        for (std::uint32_t i = random.chance(50) ? random.below(6) : 0; i > 0 && !isLast; --i)
            publishOne(random);
    }
    ASSERT_NE(reader.sync, "");
    const std::uint64_t syncSeq = idOf(reader.syncId).seq;
    EXPECT_EQ(tableAtSync, tableAt(syncSeq, beganAt));
    if (!reader.gaps.empty()) return;  // overrun behind the snapshot, and told
    EXPECT_EQ(reader.live, dataAfter(syncSeq));
    EXPECT_EQ(reader.table, tableAt(~std::uint64_t{0}, beganAt));
    ++tables_;
}

TEST_F(SnapshotScheduleTest, endsWithTheModelsTableAndThenEveryEventOnce) {
    for (std::uint64_t seed = 1; seed <= 1'500 && !HasFailure(); ++seed) run(seed);
    EXPECT_GT(tables_, 750u);
    EXPECT_GT(cuts_, 500u);
    EXPECT_GT(late_, 250u);  // whose snapshot took several turns
}

}  // namespace
}  // namespace sluice
