#include <atomic>
#include <thread>

#include "HubFixture.h"

/// What other threads may see while one publishes and evicts. Also run under ThreadSanitizer.
namespace sluice {
namespace {

class ThreadsTest : public HubTest {
  protected:
    /// Publishes to one lane and one channel, so that position, seq and W - 1 are one number.
    void publishMany(LaneIndex lane, std::uint64_t messages) {
        EventBatch batch;
        const std::string_view channel = "a";
        for (std::uint64_t i = 1; i <= messages && !stop_; ++i) {
            batch.clear();
            batch.beginMessage(lane, {i, 0});
            batch.addEvent({&channel, 1}, "", "", std::to_string(i));
            hub().publish(batch);
        }
        stop_ = true;
    }

    std::atomic<bool> stop_{false};
};

constexpr std::uint64_t kMessages = 150'000;

TEST_F(ThreadsTest, horizonAndCutAreReadTogether) {
    const auto lanes = family("orders", kOrders, 2, {1, 0});
    std::thread one{[&] { publishMany(lanes[0], kMessages); }};
    std::thread other{[&] { publishMany(lanes[1], kMessages); }};
    std::uint64_t torn = 0;
    HubSnapshot now;
    while (!stop_) {
        hub().snapshot(now);
        const std::uint64_t published =
            now.next[lanes[0]].position.first + now.next[lanes[1]].position.first - 2;
        torn += published != now.horizon;
    }
    one.join();
    other.join();
    EXPECT_EQ(torn, 0u);
}

TEST_F(ThreadsTest, evictedSeqAndSegmentsAreReadTogether) {
    options_.history.events = 8;
    const LaneIndex lane = family("orders", kOrders, 1, {1, 0})[0];
    ChannelLog* const log = hub().watch(hub().addLoop(TestStream::loop), "a");
    std::thread publisher{[&] { publishMany(lane, kMessages); }};
    std::uint64_t torn = 0;
    LogView view;
    while (!stop_) {
        log->view(0, view);
        if (view.parts.empty()) continue;
        const LogView::Part& first = view.parts.front();
        torn += first.segment->record(first.begin).seq != view.evictedSeq + 1;
        torn += view.evictedSeq > 0 &&
                placeIn(view.base.get(), lane) != Place{{view.evictedSeq + 1, 0}, 0};
    }
    publisher.join();
    EXPECT_EQ(torn, 0u);
}

TEST_F(ThreadsTest, aStreamMissesNothingUntoldWhileAnotherThreadEvicts) {
    options_.history.events = 64;
    const LaneIndex lane = family("orders", kOrders, 1, {1, 0})[0];
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.read();
    std::thread publisher{[&] { publishMany(lane, kMessages / 10); }};
    std::uint64_t last = 0, untold = 0, toldTo = 0;
    const auto take = [&](const std::vector<Seen>& blocks) {
        for (const Seen& block : blocks) {
            if (block.event == "sluice.gap")
                for (const property::ReadGap& gap : property::readGaps(block.data))
                    for (const property::ReadGap::Lane& told : gap.lanes)
                        toldTo = std::max(toldTo, told.to->position.first);
            if (!block.event.empty()) continue;
            const std::uint64_t position = std::stoull(block.data);
            untold += position != last + 1 && position > std::max(toldTo, last + 1);
            last = position;
        }
    };
    while (!stop_) take(stream.read());
    publisher.join();
    take(stream.read());
    EXPECT_EQ(untold, 0u);
    EXPECT_EQ(last, snapshot().horizon);
}

TEST_F(ThreadsTest, resumeAndTurnsRunWhileLogsAreCollected) {
    options_.history.events = 16;
    options_.channelsMax = 2;
    const LaneIndex lane = family("orders", kOrders, 1, {1, 0})[0];
    std::thread publisher{[&] {
        for (std::uint64_t i = 1; i <= 3'000; ++i)
            publish(lane, i, std::string{"c/"} + static_cast<char>('a' + i % 4));
        stop_ = true;
    }};
    std::uint64_t streams = 0;
    while (!stop_ || streams == 0) {
        TestStream stream{hub(), origins_, channels({"c/a", "c/b"})};
        for (int i = 0; i < 5; ++i) stream.read(true);
        EXPECT_TRUE(stream.stream().isLive());
        // Loops are numbered for the life of a hub.
        if (++streams == kLoopsMax - 1) break;
    }
    publisher.join();
}

}  // namespace
}  // namespace sluice
