#include <algorithm>

#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class KeepaliveTest : public LoopTest {
  protected:
    static constexpr milliseconds kStep{250};

    /// When each of the lines was pinged, in steps from now.
    std::vector<int> pingSteps(const std::vector<std::shared_ptr<Line>>& lines, int steps) {
        std::vector<std::size_t> before;
        for (const auto& line : lines) before.push_back(line->bytes.size());
        std::vector<int> at(lines.size(), -1);
        for (int step = 0; step < steps; ++step) {
            clock.advance(kStep);
            turns(2);
            for (std::size_t i = 0; i < lines.size(); ++i)
                if (at[i] < 0 && lines[i]->bytes.size() > before[i]) at[i] = step;
        }
        return at;
    }
    static int spreadOf(const std::vector<int>& steps) {
        const auto [least, most] = std::minmax_element(steps.begin(), steps.end());
        return *most - *least;
    }
};

TEST_F(KeepaliveTest, aSilentStreamGetsAFullPositionBlock) {
    const auto line = open("a");
    turns();
    clock.advance(milliseconds{15'900});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.at"), 0u);
    clock.advance(milliseconds{8'800});
    turns();
    const SseParser read = line->parsed();
    ASSERT_EQ(read.count("sluice.at"), 1u);
    EXPECT_EQ(read.blocks().back().data, "");
    EXPECT_NE(read.lastEventId().find('~'), std::string::npos);
    clock.advance(milliseconds{19'500});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.at"), 1u);
    clock.advance(milliseconds{1'200});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.at"), 2u) << "the next ones come after one interval";
}

TEST_F(KeepaliveTest, streamsThatBeganTogetherArePingedApart) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 200; ++i) lines.push_back(open("a"));
    turns();
    const std::vector<int> steps = pingSteps(lines, 100);
    EXPECT_GT(*std::min_element(steps.begin(), steps.end()), 60);
    EXPECT_GT(spreadOf(steps), 20);
}

TEST_F(KeepaliveTest, aBroadcastDoesNotBringPingsTogether) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 200; ++i) lines.push_back(open("a"));
    turns();
    for (int i = 0; i < 120; ++i) {
        clock.advance(kStep);
        turns(2);
    }
    publish("a", "to all");
    turns();
    const std::vector<int> steps = pingSteps(lines, 102);
    EXPECT_GT(*std::min_element(steps.begin(), steps.end()), 60) << "not before 0.8 intervals";
    EXPECT_GT(spreadOf(steps), 20);
}

TEST_F(KeepaliveTest, whoIsWrittenToIsNotPinged) {
    const auto line = open("a");
    turns();
    for (int second = 0; second < 120; ++second) {
        clock.advance(seconds{1});
        if (second % 10 == 0) publish("a", "x");
        turns(2);
    }
    EXPECT_EQ(line->parsed().count("sluice.at"), 0u);
    EXPECT_EQ(line->events().size(), 12u);
}

TEST_F(KeepaliveTest, aTurnPingsABoundedNumber) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 1'500; ++i) lines.push_back(open("a"));
    turns();
    clock.advance(seconds{60});
    std::size_t pinged = 0;
    for (int turn = 0; turn < 20; ++turn) {
        turns(1);
        std::size_t now = 0;
        for (const auto& line : lines) now += line->writes - 1;
        EXPECT_LE(now - pinged, Herds::kPingsPerTurn);
        pinged = now;
    }
    EXPECT_EQ(pinged, lines.size());
    EXPECT_EQ(counts().herds, 1u);
}

TEST_F(KeepaliveTest, aPingSkipsNothingForThoseWhoGetNone) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 40; ++i) {
        lines.push_back(open("a"));
        clock.advance(milliseconds{700});
        turns(2);
        // Some are pinged in the very turn in which there is news.
        if (i % 7 == 0) publish("a", std::to_string(i));
        turns(i % 2);
    }
    for (int i = 0; i < 100; ++i) {
        clock.advance(milliseconds{700});
        publish(i % 9 == 0 ? "a" : "b", "x");
        turns(1);
    }
    publish("a", "end");
    turns();
    const Texts all = lines[0]->events();
    for (const auto& line : lines) {
        const Texts events = line->events();
        ASSERT_LE(events.size(), all.size());
        EXPECT_TRUE(std::equal(events.rbegin(), events.rend(), all.rbegin()));
        EXPECT_GE(events.size(), 13u);
        EXPECT_EQ(line->parsed().lastEventId(), lines[0]->parsed().lastEventId());
    }
}

TEST_F(KeepaliveTest, aPingThatIsCutIsSentToItsEnd) {
    const auto line = open("a");
    const auto other = open("a");
    turns();
    line->room = 9;
    clock.advance(seconds{25});
    turns();
    EXPECT_EQ(counts().straggling, 1u);
    publish("a", "x");
    turns();
    line->allowAll();
    turns();
    EXPECT_EQ(line->events(), (Texts{"x"}));
    EXPECT_EQ(line->parsed().count("sluice.at"), 1u);
    EXPECT_EQ(other->events(), (Texts{"x"}));
    publish("a", "y");
    turns();
    EXPECT_EQ(counts().herds, 1u);
}

TEST_F(KeepaliveTest, aClockThatJumpsPingsOnce) {
    const auto line = open("a");
    turns();
    clock.advance(std::chrono::hours{5});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.at"), 1u);
}

}  // namespace
}  // namespace sluice::test
