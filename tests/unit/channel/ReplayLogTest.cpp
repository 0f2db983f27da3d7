#include <thread>

#include <gtest/gtest.h>

#include "channel/ReplayLog.h"

/// What sources send again on its way to the streams that want it: resume.md section 6.
namespace sluice {
namespace {

class ReplayLogTest : public testing::Test {
  protected:
    static constexpr LaneIndex kLane = 3, kOther = 4;

    ReplayLogTest() { make({}); }
    void make(const ReplayLog::Bounds& bounds) {
        log = std::make_shared<ReplayLog>(1, std::vector<std::string>{"a", "b/{any}"}, bounds);
    }
    std::unique_ptr<ReplayReader> attach() {
        return ReplayReader::attach(log, [this] { ++wakes; });
    }
    std::uint32_t addLeg(std::uint64_t from, std::uint64_t to, LaneIndex lane = kLane) {
        return log->addLeg({lane, {{from, 0}, 0}, {{to, 0}, 0}});
    }
    static ReplayEvent event(std::uint64_t position, std::uint32_t ordinal = 0) {
        ReplayEvent made;
        made.channels = {"a"};
        made.bytes = "data: " + std::to_string(position) + "\n";
        made.place = {{position, 0}, ordinal};
        return made;
    }
    bool append(std::uint32_t leg, std::uint64_t position, std::size_t events = 1) {
        std::vector<ReplayEvent> made;
        for (std::uint32_t i = 0; i < events; ++i) made.push_back(event(position, i));
        return log->append(leg, {position + 1, 0}, std::move(made), producer);
    }
    /// "EVENT[from,to)" of each item, and reads them.
    static std::string read(ReplayReader& reader) {
        const ReplayView& view = reader.view();
        std::string text;
        for (const ReplayItem* const item : view.items) {
            constexpr const char* kNames[] = {"event", "nothing", "expired", "reset", "failed"};
            text += text.empty() ? "" : " ";
            text += kNames[static_cast<int>(item->kind)];
            for (const Place& place : {item->from, item->to}) {
                text += ' ' + std::to_string(place.position.first);
                if (place.ordinal > 0) text += '+' + std::to_string(place.ordinal);
            }
        }
        reader.release(view.items.size());
        return text;
    }

    std::shared_ptr<ReplayLog> log;
    ReplayLog::Producer producer;
    std::atomic<int> wakes{0};
};

TEST_F(ReplayLogTest, isForTheChannelsOfItsStreams) {
    EXPECT_TRUE(log->isFor("a"));
    EXPECT_TRUE(log->isFor("b/1"));
    EXPECT_FALSE(log->isFor("b"));
}

TEST_F(ReplayLogTest, leavesNothingBetweenItsItems) {
    const auto reader = attach();
    const std::uint32_t leg = addLeg(5, 20);
    EXPECT_TRUE(append(leg, 7));
    EXPECT_TRUE(append(leg, 8, 0));
    EXPECT_TRUE(append(leg, 9, 0));
    EXPECT_TRUE(append(leg, 12, 2));
    EXPECT_TRUE(log->reached(leg, {20, 0}, producer));
    EXPECT_EQ(read(*reader), "event 5 8 nothing 8 10 event 10 12+1 event 12+1 13 nothing 13 20");
    EXPECT_TRUE(log->hasEnded(leg));
    EXPECT_TRUE(reader->view().legs.empty());
}

TEST_F(ReplayLogTest, doesNotChangeWhatAReaderHasSeen) {
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 20);
    log->reached(leg, {3, 0}, producer);
    log->reached(leg, {5, 0}, producer);
    EXPECT_EQ(read(*reader), "nothing 0 5");
    log->reached(leg, {6, 0}, producer);
    reader->view();
    log->reached(leg, {7, 0}, producer);
    EXPECT_EQ(read(*reader), "nothing 5 6 nothing 6 7");
}

TEST_F(ReplayLogTest, takesNothingBehindItsEnd) {
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 2);
    EXPECT_TRUE(append(leg, 0));
    EXPECT_TRUE(log->reached(leg, {9, 0}, producer));
    EXPECT_FALSE(append(leg, 9));
    EXPECT_FALSE(log->expired(leg, {10, 0}, producer));
    log->end(leg, ReplayItem::Kind::Failed);
    EXPECT_EQ(read(*reader), "event 0 1 nothing 1 2");
}

TEST_F(ReplayLogTest, tellsWhatTheSourceHasNoMore) {
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 20);
    EXPECT_TRUE(log->expired(leg, {4, 0}, producer));
    EXPECT_TRUE(append(leg, 4));
    log->end(leg, ReplayItem::Kind::Reset);
    EXPECT_EQ(read(*reader), "expired 0 4 event 4 5 reset 5 20");
    const std::uint32_t whole = addLeg(0, 20, kOther);
    EXPECT_TRUE(log->expired(whole, {30, 0}, producer));
    EXPECT_EQ(read(*reader), "expired 0 20");
    EXPECT_TRUE(log->hasEnded(whole));
}

TEST_F(ReplayLogTest, makesItsSourceWaitWhileItIsFull) {
    make({.eventsMax = 2});
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 100);
    std::thread source{[&] {
        for (std::uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(append(leg, i));
    }};
    std::string all;
    std::size_t most = 0;
    while (!log->hasEnded(leg) || reader->hasNews()) {
        most = std::max(most, log->events());
        const std::string text = read(*reader);
        if (!text.empty()) all += text + " ";
    }
    source.join();
    EXPECT_LE(most, 2u);
    EXPECT_NE(all.find("event 0 1 "), std::string::npos);
    EXPECT_NE(all.find("event 99 100 "), std::string::npos);
    EXPECT_EQ(std::count(all.begin(), all.end(), 'v'), 100);
}

TEST_F(ReplayLogTest, isBoundedByBytesToo) {
    make({.eventsMax = 1'000, .bytesMax = 1});
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 3);
    EXPECT_TRUE(append(leg, 0));
    std::thread source{[&] { EXPECT_TRUE(append(leg, 1)); }};
    while (!log->isFull()) std::this_thread::yield();
    EXPECT_EQ(log->events(), 1u);
    EXPECT_EQ(read(*reader), "event 0 1");
    source.join();
    EXPECT_EQ(read(*reader), "event 1 2");
    EXPECT_EQ(log->bytes(), 0u);
}

TEST_F(ReplayLogTest, isBoundedAlsoByLanesWithoutAnEvent) {
    make({.eventsMax = 1'000, .bytesMax = 10'000});
    const auto reader = attach();
    const std::uint32_t one = addLeg(0, 1'000), other = addLeg(0, 1'000, kOther);
    std::thread source{[&] {
        for (std::uint64_t i = 1; i <= 1'000; ++i)
            for (const std::uint32_t leg : {one, other}) log->reached(leg, {i, 0}, producer);
    }};
    std::size_t most = 0;
    while (!log->hasEnded(other) || reader->hasNews()) {
        most = std::max(most, log->bytes());
        if (log->isFull() || log->hasEnded(other)) read(*reader);
    }
    source.join();
    EXPECT_LE(most, 11'000u);
}

TEST_F(ReplayLogTest, callsWhoWaitsBackWhenNobodyWantsItAnyMore) {
    make({.eventsMax = 1});
    auto reader = attach();
    const std::uint32_t leg = addLeg(0, 3);
    std::atomic<int> over{0};
    log->onOver([&] { ++over; });
    EXPECT_TRUE(append(leg, 0));
    std::thread source{[&] { EXPECT_FALSE(append(leg, 1)); }};
    while (!log->isFull()) std::this_thread::yield();
    reader.reset();
    source.join();
    EXPECT_TRUE(log->isOver());
    EXPECT_EQ(over, 1);
    EXPECT_EQ(attach(), nullptr);
    log->onOver([&] { ++over; });
    EXPECT_EQ(over, 2) << "told at once, where it is over already";
}

TEST_F(ReplayLogTest, callsAStoppedSourceBackWhileTheLegWaitsForAnotherOne) {
    make({.eventsMax = 1});
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 3);
    EXPECT_TRUE(append(leg, 0));
    std::thread source{[&] { EXPECT_FALSE(append(leg, 1)); }};
    while (!log->isFull()) std::this_thread::yield();
    log->stop(producer);
    source.join();
    EXPECT_FALSE(log->reached(leg, {3, 0}, producer));
    EXPECT_EQ(log->position(leg), (Place{{1, 0}, 0}));
    EXPECT_EQ(read(*reader), "event 0 1");
    ReplayLog::Producer next;
    EXPECT_TRUE(log->append(leg, {2, 0}, {event(1)}, next));
    EXPECT_EQ(read(*reader), "event 1 2");
}

TEST_F(ReplayLogTest, wakesAReaderOnceUntilItHasLookedAgain) {
    const auto reader = attach();
    const std::uint32_t leg = addLeg(0, 100);
    append(leg, 0);
    append(leg, 1);
    EXPECT_EQ(wakes, 1);
    EXPECT_TRUE(reader->hasNews());
    EXPECT_EQ(read(*reader), "event 0 1 event 1 2");
    EXPECT_FALSE(reader->hasNews());
    append(leg, 2);
    EXPECT_EQ(wakes, 2);
}

TEST_F(ReplayLogTest, isSharedByReadersWhoEachGetAll) {
    const auto first = attach();
    const std::uint32_t leg = addLeg(0, 100);
    append(leg, 0);
    const auto second = attach();
    append(leg, 1);
    EXPECT_EQ(read(*first), "event 0 1 event 1 2");
    EXPECT_EQ(log->events(), 2u);
    ASSERT_EQ(second->view().legs.size(), 1u);
    EXPECT_TRUE(second->view().covers(kLane, {}));
    EXPECT_EQ(read(*second), "event 0 1 event 1 2");
    EXPECT_EQ(log->events(), 0u);
    const auto late = attach();
    EXPECT_FALSE(late->view().covers(kLane, {})) << "its beginning was read by all who wanted it";
    EXPECT_TRUE(late->view().covers(kLane, {{2, 0}, 0}));
}

TEST_F(ReplayLogTest, goesOnWithoutAReaderWhoHoldsUpAnother) {
    make({.eventsMax = 1});
    const auto slow = attach();
    const auto fast = attach();
    const std::uint32_t leg = addLeg(0, 3);
    append(leg, 0);
    EXPECT_EQ(read(*fast), "event 0 1");
    EXPECT_TRUE(append(leg, 1)) << "after kHoldUpMax";
    EXPECT_TRUE(slow->isBehind());
    EXPECT_TRUE(slow->hasNews());
    EXPECT_TRUE(slow->view().items.empty());
    EXPECT_EQ(read(*fast), "event 1 2");
}

TEST_F(ReplayLogTest, saysWhereAReaderGoesOnInEachLeg) {
    const auto reader = attach();
    const std::uint32_t one = addLeg(0, 10), other = addLeg(5, 10, kOther);
    append(one, 0);
    append(other, 6);
    append(one, 1);
    ReplayView view = reader->view();
    EXPECT_TRUE(view.covers(kLane, {{0, 0}, 0}));
    EXPECT_FALSE(view.covers(kOther, {{4, 0}, 0}));
    EXPECT_FALSE(view.covers(kOther, {{10, 0}, 0}));
    reader->release(2);
    view = reader->view();
    EXPECT_FALSE(view.covers(kLane, {{0, 0}, 0}));
    EXPECT_TRUE(view.covers(kLane, {{1, 0}, 0}));
    EXPECT_TRUE(view.covers(kOther, {{7, 0}, 0}));
}

}  // namespace
}  // namespace sluice
