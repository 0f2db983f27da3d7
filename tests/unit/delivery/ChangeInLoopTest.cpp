#include <random>
#include <set>

#include "LoopTest.h"
#include "event/EventId.h"

// PATCH /streams/{token} in a loop: other channels on a living stream.
namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using State = ChangeOutcome::State;

class ChangeInLoop : public LoopTest {
  protected:
    ChangeInLoop() { share.tokens = &tokens; }

    /// As a client finds it in `sluice.open`.
    std::string tokenOf(const Line& line) {
        const std::string open = line.parsed().blocks().at(0).data.value_or("");
        const std::size_t at = open.find(R"("stream":")");
        EXPECT_NE(at, std::string::npos) << open;
        return at == std::string::npos ? "" : open.substr(at + 10, StreamTokens::kLength);
    }
    std::shared_ptr<std::vector<ChangeOutcome>> change(const std::string& token,
                                                       std::vector<std::string> add,
                                                       std::vector<std::string> remove = {}) {
        auto answers = std::make_shared<std::vector<ChangeOutcome>>();
        StreamChange wanted;
        wanted.stream = tokens.read(token).value_or(StreamNumber{9, 9, 9});
        wanted.add = std::move(add);
        wanted.remove = std::move(remove);
        wanted.channelsMax = 8;
        wanted.addedAllowFilters = false;
        wanted.answer = [answers](const ChangeOutcome& outcome) { answers->push_back(outcome); };
        EXPECT_TRUE(loop().change(wanted));
        return answers;
    }
    static State only(const std::vector<ChangeOutcome>& answers) {
        EXPECT_EQ(answers.size(), 1u);
        return answers.empty() ? State::Gone : answers.front().state;
    }

    StreamTokens tokens;
};

TEST_F(ChangeInLoop, tokensAreEachStreamsOwn) {
    std::set<std::string> seen;
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 50; ++i) lines.push_back(open("a"));
    turns();
    EXPECT_LE(counts().herds, 2u);
    for (const auto& line : lines) {
        const std::string token = tokenOf(*line);
        EXPECT_TRUE(tokens.read(token)) << token;
        seen.insert(token);
    }
    EXPECT_EQ(seen.size(), 50u);
    EXPECT_FALSE(StreamTokens{}.read(*seen.begin())) << "another process has another key";
    std::string guess = *seen.begin();
    for (std::size_t i = 0; i < guess.size(); ++i) {
        std::string other = guess;
        other[i] = other[i] == 'B' ? 'C' : 'B';
        EXPECT_FALSE(tokens.read(other)) << i;
    }
}

TEST_F(ChangeInLoop, tokensComeWholeHoweverTheSocketTakesThem) {
    const std::size_t length = [this] {
        const auto line = open("a");
        turns();
        return line->bytes.size();
    }();
    for (std::size_t room = 0; room <= length; ++room) {
        const auto line = open(spec({"a"}), {}, room);
        turns();
        line->allowAll();
        turns();
        publish("a", "1");
        turns();
        ASSERT_EQ(line->events(), Texts{"1"}) << room;
        ASSERT_TRUE(tokens.read(tokenOf(*line))) << room;
    }
}

TEST_F(ChangeInLoop, addsAndRemovesFromHereOn) {
    const auto line = open(spec({"a", "b"}));
    turns();
    publish("c", "before");
    publish("a", "1");
    const auto answers = change(tokenOf(*line), {"c", "d/{x}"}, {"a"});
    turns();
    ASSERT_EQ(only(*answers), State::Done);
    EXPECT_EQ(answers->front().channels, (Texts{"b", "c", "d/{x}"}));
    for (const char* channel : {"a", "b", "c", "d/e"}) publish(channel, channel);
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "b", "c", "d/e"}));
    EXPECT_EQ(line->parsed().count("sluice.gap"), 0u);
}

TEST_F(ChangeInLoop, writesAnIdThatCoversTheNewChannels) {
    const auto lane = hub.declareLane(hub.declareFamily("in", "t", 7, Words::One), 0, {5, 0});
    const auto line = open("a");
    turns();
    change(tokenOf(*line), {"c"}, {"a"});
    turns();
    EXPECT_EQ(line->parsed().count("sluice.at"), 1u);
    const std::string after = line->parsed().lastEventId();
    publishAt(lane, 5, "c", "1");
    line->broken = true;
    publish("c", "2");
    turns();
    const auto resumed = open(spec({"c"}), from(after));
    turns();
    EXPECT_EQ(resumed->events(), (Texts{"1", "2"}));
    EXPECT_EQ(resumed->parsed().count("sluice.gap"), 0u);
}

TEST_F(ChangeInLoop, moveOneOfAHerdAndLeavesTheOthers) {
    const auto one = open("a"), two = open("a"), other = open("b");
    turns();
    change(tokenOf(*one), {"b"}, {"a"});
    turns();
    EXPECT_EQ(counts().herds, 2u) << "it joined the herd of the other one";
    publish("a", "1");
    publish("b", "2");
    turns();
    EXPECT_EQ(one->events(), Texts{"2"});
    EXPECT_EQ(two->events(), Texts{"1"});
    EXPECT_EQ(other->events(), Texts{"2"});
}

TEST_F(ChangeInLoop, refusesWhatCannotBe) {
    const auto line = open("a");
    turns();
    const std::string token = tokenOf(*line);
    auto none = change(token, {}, {"a"});
    turns();
    EXPECT_EQ(only(*none), State::None);
    auto many = change(token, {"1", "2", "3", "4", "5", "6", "7", "8"});
    turns();
    EXPECT_EQ(only(*many), State::TooMany);
    line->broken = true;
    publish("a", "x");
    turns();
    auto gone = change(token, {"b"});
    turns();
    EXPECT_EQ(only(*gone), State::Gone);
    const auto next = open("a");
    turns();
    auto stale = change(token, {"b"});
    turns();
    EXPECT_EQ(only(*stale), State::Gone) << "its place has another stream";
    EXPECT_NE(tokenOf(*next), token);
}

TEST_F(ChangeInLoop, waitsForAStreamThatCatchesUp) {
    for (int i = 0; i < 50; ++i) publish("a", std::string(5'000, 'x'));
    ResumeRequest earliest;
    earliest.start.kind = Start::Kind::Earliest;
    const auto line = open(spec({"a"}), earliest, 20'000);
    turns();
    auto inTime = change(tokenOf(*line), {"b"});
    turns();
    EXPECT_TRUE(inTime->empty());
    publish("b", "not yet");
    line->allowAll();
    turns(40);
    EXPECT_EQ(only(*inTime), State::Done);
    publish("b", "now");
    turns();
    EXPECT_EQ(line->events().size(), 51u);
    EXPECT_EQ(line->events().back(), "now");

    line->room = 0;
    for (int i = 0; i < 50; ++i) publish("a", std::string(5'000, 'x'));
    turns();
    auto late = change(tokenOf(*line), {"c"});
    turns();
    EXPECT_TRUE(late->empty());
    clock.advance(11s);
    turns();
    EXPECT_EQ(only(*late), State::Behind);
}

/// Random events, changes, stalls, cuts and resumes: each event of a channel that was in force when
/// it came, once, in order.
TEST_F(ChangeInLoop, losesAndDoublesNothingInRandomSchedules) {
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        std::mt19937 random{seed};
        const auto chance = [&random](std::uint32_t of) { return random() % of == 0; };
        std::set<std::string> channels{"a"};
        Texts wanted, got;
        auto line = open("a");
        turns();
        std::uint32_t next = 0;
        for (int step = 0; step < 80; ++step) {
            const std::string channel(1, static_cast<char>('a' + random() % 5));
            const std::string data = std::to_string(next++);
            publish(channel, data);
            if (channels.contains(channel)) wanted.push_back(data);
            if (chance(3)) turns(1);
            if (chance(8)) line->room = random() % 300;
            if (chance(4)) line->allowAll();
            if (chance(5)) {
                const std::string one(1, static_cast<char>('a' + random() % 5));
                line->allowAll();
                turns();
                const bool removes = channels.contains(one) && channels.size() > 1;
                const auto answers =
                    removes ? change(tokenOf(*line), {}, {one}) : change(tokenOf(*line), {one});
                turns();
                ASSERT_EQ(only(*answers), State::Done) << "seed " << seed;
                if (removes)
                    channels.erase(one);
                else
                    channels.insert(one);
            }
            if (chance(10)) {
                line->room = random() % 400;
                turns();
                const SseParser seen = line->parsed();
                const Texts events = seen.events();
                got.insert(got.end(), events.begin(), events.end());
                line->broken = true;
                line = open(spec({channels.begin(), channels.end()}), from(seen.lastEventId()));
                turns();
            }
        }
        line->allowAll();
        turns();
        const Texts events = line->events();
        got.insert(got.end(), events.begin(), events.end());
        EXPECT_EQ(got, wanted) << "seed " << seed;
        line->broken = true;
        publish("a", "end");
        publish("b", "end");
        turns();
    }
}

}  // namespace
}  // namespace sluice::test
