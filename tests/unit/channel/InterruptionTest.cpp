#include <algorithm>

#include "HubFixture.h"

/// A socket took a part of a write (resume.md, property 4): the rest of the block that was cut goes
/// out as it is, and what follows is composed anew from the end of that block.
namespace sluice {
namespace {

class InterruptionTest : public HubTest {
  protected:
    struct Node {
        std::unique_ptr<TestStream> stream;
        TurnOutput out;
    };

    /// A node with twelve events on two channels and a loss, and the first write of a stream on it.
    /// Always the same.
    Node begin(bool isLive) {
        start("nodeaaaa");
        lane_ = family("orders", kOrders, 1)[0];
        auto stream = std::make_unique<TestStream>(hub(), origins_, channels({"a", "b"}));
        std::string id = stream->read()[0].id;
        if (!isLive) {
            start("nodebbbb");
            lane_ = family("orders", kOrders, 1)[0];
            stream = std::make_unique<TestStream>(hub(), origins_, channels({"a", "b"}));
            stream->from(id);
        }
        for (std::uint64_t i = 0; i < 6; ++i) publish(lane_, Position{i, 0}, {{"a"}, {"b", "a"}});
        hub().lost(lane_, {8, 0});
        publish(lane_, 8, "b");
        TurnOutput out = stream->turn();
        return {std::move(stream), std::move(out)};
    }
    /// All that a client gets whose socket took `taken` bytes before `meanwhile` happened.
    template <class Meanwhile>
    std::vector<Seen> interrupted(bool isLive, std::size_t taken, Meanwhile meanwhile) {
        Node node = begin(isLive);
        std::size_t block = 0;
        while (node.out.blocks[block].offset < taken) ++block;
        std::string bytes = node.out.bytes.substr(0, node.out.blocks[block].offset);
        if (block + 1 < node.out.blocks.size()) node.stream->goOnFrom(node.out.after(block));
        meanwhile();
        for (TurnOutput more = node.stream->turn();; more = node.stream->turn()) {
            bytes += more.bytes;
            if (!more.more) return read(bytes);
        }
    }
    std::size_t size(bool isLive) { return begin(isLive).out.bytes.size(); }

    LaneIndex lane_ = 0;
};

TEST_F(InterruptionTest, readsTheSameWhereverAWriteWasCut) {
    for (const bool isLive : {true, false}) {
        const auto nothing = [] {};
        const std::vector<Seen> whole = interrupted(isLive, 0, nothing);
        ASSERT_EQ(dataOf(whole).size(), 13u);
        const std::size_t bytes = size(isLive);
        for (std::size_t b = 0; b <= bytes; ++b)
            EXPECT_EQ(interrupted(isLive, b, nothing), whole) << b;
    }
}

TEST_F(InterruptionTest, readsTheSameIfMoreWasPublishedMeanwhile) {
    const auto more = [this] {
        for (std::uint64_t i = 9; i < 15; ++i) publish(lane_, Position{i, 0}, {{"a"}, {"b"}});
    };
    for (const bool isLive : {true, false}) {
        const std::vector<Seen> whole = interrupted(isLive, 0, more);
        ASSERT_EQ(dataOf(whole).size(), 25u);
        const std::size_t bytes = size(isLive);
        for (std::size_t b = 0; b <= bytes; ++b) {
            const std::vector<Seen> blocks = interrupted(isLive, b, more);
            EXPECT_EQ(dataOf(blocks), dataOf(whole)) << b;
            EXPECT_EQ(gapsOf(blocks).size(), gapsOf(whole).size()) << b;
        }
    }
}

TEST_F(InterruptionTest, tellsWhatWasEvictedMeanwhile) {
    options_.history.age = std::chrono::milliseconds{100};
    const auto evict = [this] {
        age(std::chrono::milliseconds{200});
        publish(lane_, 9, "a");
    };
    for (const bool isLive : {true, false}) {
        const std::size_t bytes = size(isLive);
        for (std::size_t b = 0; b <= bytes; ++b) {
            const std::vector<Seen> blocks = interrupted(isLive, b, evict);
            const std::vector<std::string> data = dataOf(blocks);
            ASSERT_EQ(data.back(), "9") << b;
            std::vector<std::string> reasons;
            for (const property::ReadGap& gap : gapsOf(blocks)) reasons.push_back(gap.reason);
            const bool isTold =
                std::find(reasons.begin(), reasons.end(), "evicted") != reasons.end();
            EXPECT_TRUE(isTold || data.size() == 14) << b;
            EXPECT_NE(std::find(reasons.begin(), reasons.end(), "lost"), reasons.end()) << b;
        }
    }
}

}  // namespace
}  // namespace sluice
