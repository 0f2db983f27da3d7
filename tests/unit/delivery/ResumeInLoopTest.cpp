#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;

class ResumeInLoopTest : public LoopTest {
  protected:
    static constexpr std::uint32_t kHash = 0x01020304;

    void declareLane() {
        const FamilyIndex family = hub.declareFamily("in", "topic", kHash, Words::One);
        lane = hub.declareLane(family, 0, {0, 0});
        origins.feedsPlain = false;
    }
    /// An id of another node that has read up to `position` already.
    static std::string idAhead(std::uint64_t position) {
        const std::vector<Place> places{Place{{position, 0}, 0}};
        const std::vector<FamilyCutView> cut{{kHash, Words::One, places}};
        std::string id;
        const Epoch other{'b', 'b', 'b', 'b', 'b', 'b', 'b', 'b'};
        EXPECT_TRUE(appendFullId(id, other, 1, 1'700'000'000'000, cut, 0));
        return id;
    }
    static SourceEnds endsAt(std::uint64_t end) {
        SourceEnds ends;
        ends.families.push_back({kHash, {{true, {0, 0}, {end, 0}}}});
        return ends;
    }

    LaneIndex lane = kPlainLane;
};

TEST_F(ResumeInLoopTest, aConnectionCutAtAnyByteGoesOnExactly) {
    Texts expected;
    const auto publishSome = [&] {
        for (int i = 0; i < 3; ++i) {
            expected.push_back(std::to_string(expected.size()));
            publish("a", expected.back());
        }
    };
    const auto whole = open("a");
    turns();
    publishSome();
    turns();
    const std::string bytes = whole->bytes;
    for (std::size_t cut = bytes.find("\r\n\r\n") + 4; cut <= bytes.size(); ++cut) {
        SseParser before;
        before.feed(std::string_view{bytes}.substr(0, cut));
        Texts events = before.events();
        ResumeRequest request;
        if (!before.lastEventId().empty()) request = from(before.lastEventId());
        if (!request.idText) continue;
        const auto line = open(spec({"a"}), request);
        turns();
        for (const std::string& event : line->events()) events.push_back(event);
        ASSERT_EQ(events, expected) << "cut at " << cut;
        line->broken = true;
    }
}

TEST_F(ResumeInLoopTest, streamsThatCaughtUpJoinTheLiveHerd) {
    const auto live = open("a");
    turns();
    publish("a", "0");
    turns();
    const std::string id = live->parsed().lastEventId();
    for (int i = 1; i < 5; ++i) publish("a", std::to_string(i));
    turns();
    const auto back = open(spec({"a"}), from(id));
    turns();
    publish("a", "5");
    turns();
    EXPECT_EQ(back->events(), (Texts{"1", "2", "3", "4", "5"}));
    EXPECT_EQ(counts().herds, 1u);
    EXPECT_EQ(counts().catchingUp, 0u);
    EXPECT_EQ(back->parsed().lastEventId(), live->parsed().lastEventId());
}

TEST_F(ResumeInLoopTest, catchUpsAtOnceAreBounded) {
    share.catchUpsMax = 2;
    const auto live = open("a");
    turns();
    for (int i = 0; i < 20; ++i) publish("a", std::to_string(i));
    turns();
    Texts ids;
    const SseParser read = live->parsed();
    for (const SseBlock& block : read.blocks()) ids.push_back(*block.id);
    std::vector<std::shared_ptr<Line>> lines;
    for (std::size_t i = 0; i < 6; ++i) lines.push_back(open(spec({"a"}), from(ids[i]), 10));
    turns();
    const auto fresh = open("a");
    turns();
    EXPECT_FALSE(lines[0]->bytes.empty());
    EXPECT_FALSE(lines[1]->bytes.empty());
    for (std::size_t i = 2; i < 6; ++i) EXPECT_TRUE(lines[i]->bytes.empty()) << i;
    EXPECT_FALSE(fresh->bytes.empty()) << "whoever begins live does not wait";

    lines[0]->allowAll();
    turns();
    EXPECT_EQ(lines[0]->events().size(), 20u);
    EXPECT_FALSE(lines[2]->bytes.empty()) << "first come, first served";
    EXPECT_TRUE(lines[3]->bytes.empty());
    // Those who take nothing make room.
    clock.advance(milliseconds{1'100});
    turns();
    EXPECT_FALSE(lines[3]->bytes.empty());
    EXPECT_FALSE(lines[4]->bytes.empty());
    for (int round = 0; round < 6; ++round) {
        for (const auto& line : lines) line->allowAll();
        turns();
    }
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(lines[i]->events().size(), 20 - i);
}

TEST_F(ResumeInLoopTest, asksTheSourceWhereTheIdIsAhead) {
    declareLane();
    const auto line = open(spec({"a"}), from(idAhead(5)));
    turns();
    EXPECT_TRUE(line->bytes.empty()) << "nothing is sent before the source has answered";
    ASSERT_EQ(origins.questions.size(), 1u);
    EXPECT_EQ(origins.questions[0].hashes, (std::vector<std::uint32_t>{kHash}));
    EXPECT_EQ(counts().resolving, 1u);
    origins.questions[0].answer(endsAt(8));
    turns();
    EXPECT_EQ(counts().resolving, 0u);
    EXPECT_EQ(line->parsed().count("sluice.gap"), 0u);
    for (std::uint64_t offset = 0; offset < 8; ++offset)
        publishAt(lane, offset, "a", std::to_string(offset));
    turns();
    EXPECT_EQ(line->events(), (Texts{"5", "6", "7"}));
    EXPECT_EQ(counts().catchingUp, 0u);
}

TEST_F(ResumeInLoopTest, tellsAResetWhereTheSourceEndsBeforeTheId) {
    declareLane();
    const auto line = open(spec({"a"}), from(idAhead(50)));
    turns();
    origins.questions.at(0).answer(endsAt(3));
    turns();
    EXPECT_EQ(line->parsed().count("sluice.gap"), 1u);
    EXPECT_EQ(counts().gaps[static_cast<std::size_t>(GapReason::Reset)], 1u);
}

TEST_F(ResumeInLoopTest, goesOnWithoutAnAnswerAfterASecond) {
    declareLane();
    const auto line = open(spec({"a"}), from(idAhead(5)));
    turns();
    clock.advance(milliseconds{999});
    turns();
    EXPECT_TRUE(line->bytes.empty());
    clock.advance(milliseconds{1});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.open"), 1u);
    // An answer to a question that was given up says nothing any more; the stream asks again.
    for (int second = 0; second < 3; ++second) {
        clock.advance(milliseconds{1'000});
        turns();
    }
    ASSERT_GE(origins.questions.size(), 2u);
    EXPECT_LE(origins.questions.size(), 5u) << "at most once a second";
    origins.questions.back().answer(endsAt(3));
    turns();
    EXPECT_EQ(line->parsed().count("sluice.gap"), 1u);
}

TEST_F(ResumeInLoopTest, manyWhoAskTogetherAreOneQuestion) {
    declareLane();
    std::vector<std::shared_ptr<Line>> lines;
    for (std::uint64_t i = 0; i < 100; ++i)
        lines.push_back(open(spec({"a"}), from(idAhead(5 + i))));
    turns();
    EXPECT_EQ(origins.questions.size(), 1u);
    for (std::uint64_t i = 0; i < 50; ++i) lines.push_back(open(spec({"a"}), from(idAhead(5 + i))));
    turns();
    EXPECT_EQ(origins.questions.size(), 1u) << "one question at a time";
    const auto answerFirst = origins.questions[0].answer;
    answerFirst(endsAt(500));
    turns();
    ASSERT_EQ(origins.questions.size(), 2u) << "an answer is younger than whom it serves";
    for (std::size_t i = 0; i < 100; ++i) EXPECT_FALSE(lines[i]->bytes.empty());
    for (std::size_t i = 100; i < 150; ++i) EXPECT_TRUE(lines[i]->bytes.empty());
    const auto answerSecond = origins.questions[1].answer;
    answerSecond(endsAt(500));
    turns();
    for (const auto& line : lines) EXPECT_EQ(line->parsed().count("sluice.gap"), 0u);
    EXPECT_EQ(counts().herds, 100u) << "equal ids share a herd";
}

TEST_F(ResumeInLoopTest, anAnswerMayComeWhenTheLoopIsGone) {
    declareLane();
    const auto line = open(spec({"a"}), from(idAhead(5)));
    turns();
    endLoop();
    origins.questions.at(0).answer(endsAt(8));
    EXPECT_TRUE(line->isClosed);
}

TEST_F(ResumeInLoopTest, whoLeavesWhileItWaitsIsForgotten) {
    declareLane();
    const auto line = open(spec({"a"}), from(idAhead(5)));
    turns();
    loop().drain(milliseconds{100});
    clock.advance(milliseconds{100});
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_TRUE(line->parsed().unfinished().starts_with("retry: "));
    origins.questions.at(0).answer(endsAt(8));
    turns();
    EXPECT_EQ(counts().resolving, 0u);
    EXPECT_EQ(counts().subscriptions, 0u);
}

TEST_F(ResumeInLoopTest, lanesThatAreBornDoNotDisturbStreams) {
    declareLane();
    const auto live = open("a");
    const auto straggler = open(spec({"a"}), {}, 20);
    turns();
    publishAt(lane, 0, "a", "0");
    turns();
    const LaneIndex born = hub.bearLane(0, 1, {0, 0});
    publishAt(born, 0, "a", "1");
    publishAt(lane, 1, "a", "2");
    turns();
    straggler->allowAll();
    turns();
    EXPECT_EQ(live->events(), (Texts{"0", "1", "2"}));
    EXPECT_EQ(straggler->events(), (Texts{"0", "1", "2"}));
    EXPECT_EQ(counts().herds, 1u);
}

}  // namespace
}  // namespace sluice::test
