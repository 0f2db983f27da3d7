#include <algorithm>
#include <set>

#include "HubFixture.h"
#include "channel/ReaderPolicy.h"
#include "property/Random.h"

/// Readers that do not keep up, on channels that are sampled for them (docs/readers.md).
namespace sluice {
namespace {

using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

class SampleTest : public HubTest {
  protected:
    static constexpr std::int64_t kBeginMs = 1'700'000'000'000;

    void begin(std::uint32_t lag = 3, std::uint32_t samplesPerSecond = 5) {
        options_.readers.slow = Slow::Sample;
        options_.readers.lagEventsMax = lag;
        options_.readers.samplesPerSecond = samplesPerSecond;
        options_.policies = {{*Pattern::parse("all", '/', nullptr), {}, false, {}}};
        start("nodeaaaa");
        lanes_ = family("orders", kOrders, 2);
        position_ = 0;
    }
    void put(std::string_view channel = "a", std::string_view type = "", std::size_t lane = 0) {
        publish(lanes_[lane], Position{++position_, 0}, {{channel}}, type);
    }
    /// Events 1 to 10 at 0, 50, ... 450 ms; then it is 500 ms.
    void putTen() {
        for (int i = 0; i < 10; ++i) {
            put();
            clock_.advance(50ms);
        }
    }
    std::unique_ptr<TestStream> slowReader(SubscriptionSpec spec = channels({"a"})) {
        auto stream = std::make_unique<TestStream>(hub(), origins_, std::move(spec));
        stream->read();
        stream->isStraggler = true;
        return stream;
    }

    std::vector<LaneIndex> lanes_;
    std::uint64_t position_ = 0;
};

TEST_F(SampleTest, slotsBeginWithWholeSecondsAndTakeAllOfThem) {
    for (const std::uint32_t rate : {1u, 3u, 5u, 7u, 999u, 1'000u}) {
        std::set<std::int64_t> slots;
        for (std::int64_t ms = kBeginMs; ms < kBeginMs + 1'000; ++ms) {
            const std::int64_t slot = slotOf(ms, rate);
            slots.insert(slot);
            ASSERT_LE(slotBeginMs(slot, rate), ms);
            ASSERT_GT(slotBeginMs(slot + 1, rate), ms);
        }
        EXPECT_EQ(slots.size(), rate);
        EXPECT_EQ(slotBeginMs(*slots.begin(), rate), kBeginMs);
    }
}

TEST_F(SampleTest, leavesTheLastEventOfEachSlotThatHasEndedAndHoldsTheOneThatRuns) {
    begin();
    const auto stream = slowReader();
    putTen();
    stream->untilMs = kBeginMs + 399;
    TurnOutput out = stream->turn();
    const std::vector<Seen> blocks = read(out.bytes);
    EXPECT_EQ(dataOf(blocks), (Texts{"4", "8"}));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_TRUE(out.isBeyond);
    EXPECT_EQ(out.sampled, 6u);
    // An id covers what was left out before the next event that comes.
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{8, 0}, 0}));
    EXPECT_EQ(placeIn(blocks[1].id, kOrders, 0), (Place{{9, 0}, 0}));

    stream->untilMs = kBeginMs + 599;
    stream->isSampled = true;  // two events are no lag, but it goes on
    EXPECT_EQ(dataOf(stream->read()), (Texts{"10"}));
    EXPECT_TRUE(stream->stream().isLive());
    EXPECT_EQ(stream->stream().cursor(), snapshot().horizon);
}

TEST_F(SampleTest, givesEveryEventToOneThatKeepsUpOrBeganBehind) {
    begin();
    const auto stream = slowReader();
    const std::string id = [&] {
        put();
        return stream->read().back().id;
    }();
    putTen();
    stream->isStraggler = false;
    EXPECT_EQ(dataOf(stream->read()).size(), 10u);
    const auto later = std::make_unique<TestStream>(hub(), origins_, channels({"a"}));
    later->from(id);
    later->isStraggler = true;
    EXPECT_EQ(dataOf(later->read()).size(), 10u);
    later->isStraggler = true;
    for (int i = 0; i < 3; ++i) put();
    EXPECT_EQ(dataOf(later->read()).size(), 3u) << "that is no lag";
}

TEST_F(SampleTest, takesTheLastEventOfASlotThatTheReaderWants) {
    begin();
    SubscriptionSpec spec = channels({"a"});
    spec.types = {"wanted"};
    const auto stream = slowReader(spec);
    for (int i = 0; i < 3; ++i) put("a", "wanted");
    for (int i = 0; i < 3; ++i) put("a", "other");
    stream->untilMs = kBeginMs;
    EXPECT_EQ(dataOf(stream->read()), (Texts{"3"}));
}

TEST_F(SampleTest, leavesOutNothingOfOtherChannels) {
    begin();
    const auto stream = slowReader(channels({"a", "all"}));
    for (int i = 0; i < 3; ++i) {
        put("a");
        put("all");
    }
    publish(lanes_[0], Position{++position_, 0}, {{"a", "all"}});
    put("a");
    put("a");
    stream->untilMs = kBeginMs;
    EXPECT_EQ(dataOf(stream->read()), (Texts{"2", "4", "6", "7", "9"}));
}

TEST_F(SampleTest, tellsAnOverrun) {
    begin(1);
    options_.history.events = 4;
    start("nodebbbb");
    lanes_ = family("orders", kOrders, 2);
    const auto stream = slowReader();
    for (int i = 0; i < 100; ++i) put();
    stream->untilMs = kBeginMs;
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(gapsOf(blocks).size(), 1u);
    EXPECT_EQ(gapsOf(blocks)[0].reason, "evicted");
    EXPECT_EQ(dataOf(blocks), (Texts{"100"}));
}

TEST_F(SampleTest, endsAWriteWithAFullId) {
    begin();
    lanes_ = family("many", kStock, 40);  // so that only the last event of a write has one
    const auto stream = slowReader();
    putTen();
    stream->untilMs = kBeginMs + 399;
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(dataOf(blocks), (Texts{"4", "8"}));
    EXPECT_EQ(blocks[0].id.find('~'), std::string::npos);
    EXPECT_NE(blocks[1].id.find('~'), std::string::npos);
}

/// What a reader of any luck got of one channel: at most one event of each slot while it was
/// sampled, always the last one in the end, nothing twice, and whatever else there was is counted.
TEST_F(SampleTest, neverDoublesAndAlwaysBringsTheLast) {
    std::size_t left = 0, resumed = 0;
    for (std::uint64_t seed = 1; seed <= 1'000 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        property::Random random{seed};
        begin(random.oneOf({1u, 3u, 10u}), random.oneOf({1u, 5u, 50u}));
        const std::uint32_t rate = options_.readers.samplesPerSecond;
        auto stream = slowReader();
        Texts got;
        std::string lastId;
        std::size_t sampled = 0;
        bool wasResumed = false;
        for (int turns = 0; turns < 40; ++turns) {
            const bool isLast = turns == 39;
            for (std::uint32_t i = random.below(8); i > 0; --i) {
                put("a", "", random.below(2));
                clock_.advance(std::chrono::milliseconds{random.below(100)});
            }
            stream->isStraggler = !isLast && random.chance(70);
            stream->isSampled = random.chance(50);
            stream->untilMs =
                isLast ? INT64_MAX : slotBeginMs(slotOf(clock_.wallMs(), rate), rate) - 1;
            TurnOutput out = stream->turn(isLast ? 1u << 20 : random.oneOf({1u, 500u, 1u << 20}));
            std::size_t end = out.bytes.size();
            if (out.blocks.size() > 1 && random.chance(30) && !isLast) {
                const std::size_t block = random.below(out.blocks.size() - 1);
                end = out.blocks[block].offset;
                sampled += out.blocks[block].sampled;
                stream->goOnFrom(out.after(block));
            } else {
                sampled += out.sampled;
            }
            for (const Seen& block : read({out.bytes.data(), end})) {
                if (!block.event.starts_with("sluice.")) got.push_back(block.data);
                if (!block.id.empty()) lastId = block.id;
                EXPECT_NE(block.event, "sluice.gap");
            }
            if (random.chance(5) && !isLast && !lastId.empty()) {
                stream = std::make_unique<TestStream>(hub(), origins_, channels({"a"}));
                stream->from(lastId);
                wasResumed = true;
                ++resumed;
            }
        }
        EXPECT_EQ(std::set(got.begin(), got.end()).size(), got.size()) << "one came twice";
        ASSERT_FALSE(got.empty());
        EXPECT_EQ(got.back(), std::to_string(position_));
        // Ids are behind what was left out, so those who come back do not see how much that was.
        if (!wasResumed) {
            EXPECT_EQ(got.size() + sampled, position_);
        }
        EXPECT_LE(got.size() + sampled, position_);
        left += sampled;
    }
    EXPECT_GT(left, 1'000u);
    EXPECT_GT(resumed, 1'000u);
}

}  // namespace
}  // namespace sluice
