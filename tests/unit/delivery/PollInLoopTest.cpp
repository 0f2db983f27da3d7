#include <random>

#include <Poco/JSON/Parser.h>

#include "LoopTest.h"
#include "event/EventId.h"

// GET /poll in a loop: streams that end with their first write that has something in it.
namespace sluice::test {
namespace {

using namespace std::chrono_literals;

/// An answer, taken apart by a parser that shares no code with core.
struct Answer {
    Texts data, gaps;
    std::string id;
};

class PollInLoop : public LoopTest {
  protected:
    static SubscriptionSpec polled(std::vector<std::string> channels) {
        SubscriptionSpec made = spec(std::move(channels));
        made.format = Format::Poll;
        made.envelope = true;
        return made;
    }
    std::shared_ptr<Line> poll(ResumeRequest resume = {}) {
        const auto line = open(polled({"a", "b"}), std::move(resume));
        turns();
        return line;
    }
    static bool isAnswered(const Line& line) { return line.isClosed; }

    /// The whole answer; fails the test where there is none.
    static Answer answer(const Line& line) {
        EXPECT_TRUE(line.isClosed);
        const std::size_t head = line.bytes.find("\r\n\r\n");
        std::size_t size = 0;
        const std::string body = line.bytes.substr(head + 4);
        const std::size_t begin = body.find("\r\n") + 2;
        size = std::stoul(body, nullptr, 16);
        EXPECT_EQ(body.substr(begin + size), "\r\n0\r\n\r\n") << "one chunk and the end";
        const auto json = Poco::JSON::Parser{}.parse(body.substr(begin, size));
        const auto& object = *json.extract<Poco::JSON::Object::Ptr>();
        Answer answer;
        answer.id = object.getValue<std::string>("id");
        EXPECT_TRUE(parseEventId(answer.id)) << answer.id;
        for (std::size_t i = 0; i < object.getArray("events")->size(); ++i) {
            const auto event = object.getArray("events")->getObject(static_cast<unsigned>(i));
            answer.data.push_back(event->has("text") ? event->getValue<std::string>("text")
                                                     : event->getValue<std::string>("data"));
            EXPECT_TRUE(event->has("channel") && event->has("id") && event->has("time"));
        }
        for (std::size_t i = 0; i < object.getArray("gaps")->size(); ++i)
            answer.gaps.push_back(object.getArray("gaps")
                                      ->getObject(static_cast<unsigned>(i))
                                      ->getValue<std::string>("reason"));
        return answer;
    }
};

TEST_F(PollInLoop, waitsForTheFirstEventWithItsHeadSent) {
    const auto line = poll();
    EXPECT_EQ(line->bytes, kHead) << "and nothing behind it";
    EXPECT_FALSE(isAnswered(*line));
    publish("a", "1");
    publish("b", "two");
    turns();
    EXPECT_EQ(answer(*line).data, (Texts{"1", "two"}));
    EXPECT_EQ(counts().closed[static_cast<std::size_t>(CloseReason::Ended)], 1u);
}

TEST_F(PollInLoop, goesOnWithTheIdOfTheAnswer) {
    const auto first = poll();
    publish("a", "1");
    turns();
    publish("a", "2");
    const auto second = poll(from(answer(*first).id));
    EXPECT_EQ(answer(*second).data, Texts{"2"}) << "at once";
    const auto third = poll(from(answer(*second).id));
    EXPECT_FALSE(isAnswered(*third));
    publish("b", "3");
    turns();
    EXPECT_EQ(answer(*third).data, Texts{"3"});
}

TEST_F(PollInLoop, isAnsweredEmptyAfterItsTime) {
    const auto early = poll();
    clock.advance(options.poll / 2);
    turns();
    const auto late = poll();
    EXPECT_FALSE(isAnswered(*early));
    clock.advance(options.poll / 2);
    turns();
    EXPECT_EQ(answer(*early).data, Texts{});
    EXPECT_FALSE(isAnswered(*late)) << "of the same herd, but not due";
    publish("a", "1");
    turns();
    EXPECT_EQ(answer(*late).data, Texts{"1"});
    EXPECT_EQ(answer(*poll(from(answer(*early).id))).data, Texts{"1"});
}

TEST_F(PollInLoop, tellsGapsInItsAnswer) {
    const auto line = poll(from("nonsense"));
    EXPECT_EQ(answer(*line).gaps, Texts{"bad-id"});
}

TEST_F(PollInLoop, sharesItsAnswerWithItsHerd) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 100; ++i) lines.push_back(open(polled({"a"})));
    turns();
    EXPECT_LE(counts().herds, 2u);
    publish("a", "1");
    turns();
    for (const auto& line : lines) EXPECT_EQ(answer(*line).data, Texts{"1"});
    EXPECT_EQ(loop().subscribers(), 0u);
}

TEST_F(PollInLoop, finishesAnAnswerThatTheSocketTookInPieces) {
    for (std::size_t room = 0; room < 400; room += 7) {
        const auto line = open(polled({"a"}), {}, room);
        turns();
        publish("a", "1");
        turns();
        line->allowAll();
        turns();
        // Whoever could not even take the head comes into the next event.
        if (!isAnswered(*line)) publish("a", "2");
        turns();
        ASSERT_TRUE(isAnswered(*line)) << room;
        EXPECT_EQ(answer(*line).data.size(), 1u) << room;
    }
}

class FirstEventInLoop : public PollInLoop {
  protected:
    std::shared_ptr<Line> ask(ResumeRequest resume = {}) {
        SubscriptionSpec made = spec({"a"});
        made.format = Format::FirstEvent;
        made.control = Control::OnlyPings;
        resume.limit = 1;
        const auto line = open(std::move(made), std::move(resume));
        turns();
        return line;
    }
};

TEST_F(FirstEventInLoop, endsBehindTheFirstEventAndGoesOnWithItsId) {
    const auto first = ask();
    EXPECT_FALSE(first->isClosed);
    for (const char* data : {"1", "2"}) publish("a", data);
    turns();
    EXPECT_TRUE(first->isClosed);
    EXPECT_EQ(first->events(), Texts{"1"});
    EXPECT_EQ(first->bytes.find("retry:"), std::string::npos) << "it would wait for so long";
    const auto second = ask(from(first->parsed().lastEventId()));
    EXPECT_TRUE(second->isClosed);
    EXPECT_EQ(second->events(), Texts{"2"});
}

TEST_F(FirstEventInLoop, endsByAPingAfterTheTimeOfAPoll) {
    const auto line = ask();
    clock.advance(options.poll);
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_NE(line->bytes.find(": sse ping\nid: "), std::string::npos) << line->bytes;
    EXPECT_TRUE(line->bytes.ends_with("\n\n\r\n0\r\n\r\n")) << line->bytes;
    EXPECT_EQ(line->events(), Texts{});
    EXPECT_EQ(line->bytes.find("data:"), std::string::npos) << "its reader would parse it";
}

TEST_F(PollInLoop, isAnsweredWhenTheNodeDrains) {
    const auto line = poll();
    loop().drain(100ms);
    turns();
    clock.advance(200ms);
    turns();
    EXPECT_EQ(answer(*line).data, Texts{});
    EXPECT_TRUE(parseEventId(answer(*line).id));
}

/// Random publishing, cuts of unfinished answers, and polls one after the other by ids.
TEST_F(PollInLoop, losesAndDoublesNothingInRandomSchedules) {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        std::mt19937 random{seed};
        const auto chance = [&random](std::uint32_t of) { return random() % of == 0; };
        const auto start = poll();
        clock.advance(options.poll);
        turns();
        std::string id = answer(*start).id;
        std::uint32_t next = 0;
        Texts got, sent;
        while (next < 60 || got.size() < sent.size()) {
            ASSERT_LT(next, 2'000u);
            for (std::uint32_t n = random() % 4; n > 0 && next < 60; --n) {
                sent.push_back(std::to_string(next++));
                publish(chance(2) ? "a" : "b", sent.back());
            }
            ResumeRequest request = from(id);
            if (chance(3)) request.limit = 1 + random() % 3;
            const auto line =
                open(polled({"a", "b"}), request, chance(3) ? random() % 500 : 100'000);
            turns(1 + static_cast<int>(random() % 4));
            if (chance(4)) clock.advance(options.poll);
            turns();
            if (!isAnswered(*line)) {  // cut: the client keeps its id
                line->broken = true;
                publish("a", sent.emplace_back(std::to_string(next++)));
                line->allowAll();
                turns();
                continue;
            }
            const Answer came = answer(*line);
            EXPECT_EQ(came.gaps, Texts{});
            got.insert(got.end(), came.data.begin(), came.data.end());
            id = came.id;
        }
        EXPECT_EQ(got, sent) << "seed " << seed;
    }
}

}  // namespace
}  // namespace sluice::test
