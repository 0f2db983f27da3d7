#include "unit/delivery/LoopTest.h"

/// `slow: sample` in a loop: who is held until a slot of time ends, and for how long.
namespace sluice::test {
namespace {

using namespace std::chrono_literals;

class SampleInLoopTest : public LoopTest {
  protected:
    SampleInLoopTest() {
        ReaderPolicy readers;
        readers.slow = Slow::Sample;
        readers.lagEventsMax = 3;
        hub.setHistories({}, {}, readers);
    }
    /// Lets the line lag by ten events of 50 ms each; the clock stands at 500 ms then.
    std::shared_ptr<Line> lagging() {
        auto line = open("a");
        turns();
        line->room = 0;
        for (int i = 1; i <= 10; ++i) {
            publishNext();
            turns(1);
            clock.advance(50ms);
        }
        return line;
    }
    void publishNext() { publish("a", std::to_string(++published_)); }
    static Texts behind(const std::shared_ptr<Line>& line, std::size_t count) {
        Texts events = line->events();
        events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(count));
        return events;
    }

    int published_ = 0;
};

TEST_F(SampleInLoopTest, writesTheLastOfEachSlotAndHoldsTheOneThatRuns) {
    const auto healthy = open("a");
    const auto line = lagging();
    line->allowAll();
    turns();
    EXPECT_EQ(line->events(), (Texts{"4", "8"}));
    EXPECT_EQ(counts().straggling, 1u);
    clock.advance(99ms);
    turns();
    EXPECT_EQ(line->events().size(), 2u) << "the slot runs";
    clock.advance(1ms);
    turns();
    EXPECT_EQ(line->events(), (Texts{"4", "8", "10"}));
    EXPECT_EQ(counts().sampled, 7u);
    EXPECT_EQ(counts().straggling, 0u) << "nothing came in the slot that runs";
    EXPECT_EQ(healthy->events().size(), 10u);
    EXPECT_EQ(counts().herds, 1u);
    publishNext();
    turns();
    EXPECT_EQ(line->events().back(), "11");
}

TEST_F(SampleInLoopTest, goesOnUntilTheReaderKeptUpForFiveSeconds) {
    const auto line = lagging();
    line->allowAll();
    turns();
    std::size_t most = 0;
    for (int i = 0; i < 48; ++i) {  // 4.8 s with an event in each tenth of a second
        const std::size_t before = line->events().size();
        publishNext();
        turns();
        clock.advance(100ms);
        publishNext();
        turns();
        most = std::max(most, line->events().size() - before);
        EXPECT_EQ(counts().straggling, 1u);
    }
    EXPECT_EQ(most, 1u);
    clock.advance(400ms);
    turns();
    EXPECT_EQ(counts().straggling, 0u);
    const std::size_t before = line->events().size();
    for (int i = 0; i < 3; ++i) publishNext();
    turns();
    EXPECT_EQ(line->events().size(), before + 3u);
    EXPECT_EQ(counts().sampled + counts().deliveries, static_cast<std::uint64_t>(published_));
}

TEST_F(SampleInLoopTest, isNoStall) {
    options.stall = 1s;
    const auto line = lagging();
    line->allowAll();
    turns();
    for (int i = 0; i < 30; ++i) {
        publishNext();
        clock.advance(100ms);
        turns();
    }
    EXPECT_FALSE(line->isClosed);
}

TEST_F(SampleInLoopTest, waitsNoLongerThanASlotWhereTheClockStepsBack) {
    const auto line = lagging();
    clock.stepWall(-1h);
    line->allowAll();
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "4", "8"}));
    clock.advance(200ms);
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "4", "8", "10"}));
}

TEST_F(SampleInLoopTest, isLetGoWithItsPositionWhileItIsHeld) {
    const auto line = lagging();
    line->allowAll();
    turns();
    loop().drain(1ms);
    for (int i = 0; i < 20 && !line->isClosed; ++i) {
        clock.advance(1ms);
        turns();
    }
    EXPECT_TRUE(line->isClosed);
    EXPECT_NE(line->parsed().lastEventId().find(".8."), std::string::npos)
        << "what the slot held is behind its id";
}

}  // namespace
}  // namespace sluice::test
