#include "LoopTest.h"
#include "delivery/StreamGathering.h"

// What operators see of the streams of a loop.
namespace sluice::test {
namespace {

class LookInLoop : public LoopTest {
  protected:
    std::shared_ptr<std::vector<StreamsSeen>> ask(StreamWish wish) {
        auto answers = std::make_shared<std::vector<StreamsSeen>>();
        StreamLook look{std::move(wish),
                        [answers](StreamsSeen seen) { answers->push_back(std::move(seen)); }};
        EXPECT_TRUE(loop().look(look));
        return answers;
    }
    StreamsSeen seen(StreamWish wish = {}) {
        const auto answers = ask(std::move(wish));
        turns();
        EXPECT_EQ(answers->size(), 1u);
        return answers->empty() ? StreamsSeen{} : answers->front();
    }
};

/// A filter that takes everything.
class AnyFilter final : public EventFilter {
  public:
    AnyFilter() : EventFilter{"key != 'x'"} {}
    bool takes(const Subject&) const noexcept override { return true; }
};

TEST_F(LookInLoop, showsWhoReadsWhat) {
    SubscriptionSpec wanted = spec({"a", "b/{x}"});
    wanted.types = {"order"};
    wanted.filter = std::make_shared<const AnyFilter>();
    StreamRequest request{
        std::make_unique<LineWire>(std::make_shared<Line>()), std::string{kHead}, wanted, {}};
    request.admission = std::make_unique<AdmissionState>();
    request.admission->subject = "ann";
    request.admission->tokenId = "secret-token";
    request.address = *IpAddress::parse("2001:db8::7");
    Adoption adoption{std::move(request), true};
    ASSERT_TRUE(loop().adopt(adoption));
    turns();
    clock.advance(std::chrono::seconds{90});
    const StreamsSeen all = seen();
    ASSERT_EQ(all.streams.size(), 1u);
    EXPECT_FALSE(all.hasMore);
    const StreamStatus& one = all.streams.front();
    EXPECT_EQ(one.address, "2001:db8::7");
    EXPECT_EQ(one.subject, "ann");
    EXPECT_EQ(one.channels, (Texts{"a", "b/{x}"}));
    EXPECT_EQ(one.types, Texts{"order"});
    EXPECT_EQ(one.filter, "key != 'x'");
    EXPECT_EQ(one.state, StreamState::Live);
    EXPECT_EQ(one.lag, StreamLag{});
    EXPECT_NEAR(static_cast<double>(one.ageMs), 90'000, 1'000);
}

TEST_F(LookInLoop, countsWhatASlowReaderHasNotGot) {
    const auto quick = open("a"), slow = open("a"), other = open("b");
    turns();
    slow->allow(10);
    for (int i = 0; i < 5; ++i) {
        publish("a", "event " + std::to_string(i));
        turns();
        clock.advance(std::chrono::seconds{1});
    }
    StreamWish furthest;
    furthest.isByLag = true;
    const StreamsSeen all = seen(furthest);
    ASSERT_EQ(all.streams.size(), 3u);
    const StreamStatus& first = all.streams.front();
    EXPECT_EQ(first.state, StreamState::Straggling);
    EXPECT_EQ(first.lag->events, 5u);
    EXPECT_EQ(first.lag->ms, 5'000);
    EXPECT_GT(first.unsentBytes, 40u);
    EXPECT_EQ(all.streams[1].lag, StreamLag{});
    StreamWish straggling;
    straggling.state = StreamState::Straggling;
    EXPECT_EQ(seen(straggling).streams.size(), 1u);
    slow->allowAll();
    loop().turn(0);
    EXPECT_EQ(quick->events().size(), 5u);
}

TEST_F(LookInLoop, countsThePartThatAFollowerTook) {
    const auto slow = open("a");
    turns();
    publish("a", std::string(100, 'x'));
    publish("a", std::string(100, 'y'));
    slow->room = 180;  // one of the two, about
    turns();
    const StreamsSeen all = seen();
    ASSERT_EQ(all.streams.size(), 1u);
    EXPECT_EQ(all.streams.front().lag->events, 1u);
}

TEST_F(LookInLoop, givesPageAfterPage) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 25; ++i) lines.push_back(open(i % 5 == 0 ? "a" : "b"));
    turns();
    StreamWish wish;
    wish.max = 10;
    std::size_t pages = 0, streams = 0;
    for (bool hasMore = true; hasMore; ++pages) {
        const StreamsSeen page = seen(wish);
        hasMore = page.hasMore;
        streams += page.streams.size();
        ASSERT_FALSE(page.streams.empty());
        wish.after = page.streams.back().number;
        if (pages == 0) {  // who leaves and comes makes no other page shift
            lines[3]->broken = lines[20]->broken = true;
            publish("b", "1");
            publish("a", "1");
            turns();
        }
    }
    EXPECT_EQ(pages, 3u);
    EXPECT_EQ(streams, 24u) << "one was seen before it left, one was not";
    StreamWish ofChannel;
    ofChannel.channel = "a";
    EXPECT_EQ(seen(ofChannel).streams.size(), 4u);
    ofChannel.subject = "nobody";
    EXPECT_EQ(seen(ofChannel).streams.size(), 0u);
}

TEST_F(LookInLoop, keepsThoseThatAreFurthestBehind) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 6; ++i) lines.push_back(open("c" + std::to_string(i)));
    turns();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i]->allow(i % 2 == 0 ? 0 : 1'000'000);
        publish("c" + std::to_string(i), "1");
        clock.advance(std::chrono::seconds{1});
        turns();
    }
    StreamWish wish;
    wish.isByLag = true;
    wish.max = 2;
    const StreamsSeen all = seen(wish);
    ASSERT_EQ(all.streams.size(), 2u);
    EXPECT_EQ(all.streams[0].channels, Texts{"c0"});
    EXPECT_EQ(all.streams[1].channels, Texts{"c2"});
    EXPECT_EQ(all.matching, 6u);
    EXPECT_TRUE(all.hasMore);
}

TEST_F(LookInLoop, countsReadersOfChannels) {
    const auto one = open(spec({"a", "b"})), two = open("a"), three = open("n/{x**}");
    turns();
    StreamWish wish;
    wish.countsChannels = true;
    using Counts = std::map<std::string, std::uint64_t, std::less<>>;
    EXPECT_EQ(seen(wish).channels, (Counts{{"a", 2}, {"b", 1}, {"n/{x**}", 1}}));
}

TEST_F(LookInLoop, countsOnlySoManyChannels) {
    options.inboxMax = kChannelsCountedMax + 10;
    std::vector<std::shared_ptr<Line>> lines;
    for (std::size_t i = 0; i < kChannelsCountedMax / 50 + 1; ++i) {
        std::vector<std::string> channels;
        for (std::size_t j = 0; j < 50; ++j)
            channels.push_back("c" + std::to_string(i) + "." + std::to_string(j));
        std::sort(channels.begin(), channels.end());
        lines.push_back(open(spec(std::move(channels))));
    }
    turns(20);
    StreamWish wish;
    wish.countsChannels = true;
    const auto answers = ask(wish);
    for (int i = 0; i < 1'000 && answers->empty(); ++i) turns();
    ASSERT_EQ(answers->size(), 1u);
    EXPECT_EQ(answers->front().channels.size(), kChannelsCountedMax);
    EXPECT_EQ(answers->front().notCounted, 50u);
}

TEST_F(LookInLoop, letsOnlySoManyLook) {
    std::vector<std::shared_ptr<std::vector<StreamsSeen>>> asked;
    for (std::size_t i = 0; i < Inbox::kLooksMax; ++i) asked.push_back(ask({}));
    StreamLook tooMany{{}, [](StreamsSeen) {}};
    EXPECT_FALSE(loop().look(tooMany));
    turns();
    for (const auto& answers : asked) EXPECT_EQ(answers->size(), 1u);
    EXPECT_TRUE(loop().look(tooMany));
    loop().stop();
    EXPECT_FALSE(loop().look(tooMany));
}

TEST(StreamGathering, mergesLoopsInTheOrderOfNumbers) {
    const auto gathering = std::make_shared<StreamGathering>(3);
    StreamWish wish;
    wish.max = 3;
    wish.after = StreamNumber{1, 7, 0};
    EXPECT_FALSE(StreamGathering::lookAt(gathering, wish, 0).answer) << "the page begins behind it";
    const StreamLook second = StreamGathering::lookAt(gathering, wish, 1);
    const StreamLook third = StreamGathering::lookAt(gathering, wish, 2);
    EXPECT_EQ(second.wish.after, wish.after);
    EXPECT_FALSE(third.wish.after);
    const auto page = [](std::uint32_t loop, std::size_t streams) {
        StreamsSeen seen;
        seen.streams.resize(streams);
        for (StreamStatus& one : seen.streams) one.number.loop = loop;
        return seen;
    };
    third.answer(page(2, 2));
    EXPECT_FALSE(gathering->wait(wish, std::chrono::milliseconds{1})) << "one is missing";
    second.answer(page(1, 2));
    const auto all = gathering->wait(wish, std::chrono::seconds{10});
    ASSERT_TRUE(all);
    ASSERT_EQ(all->streams.size(), 3u);
    EXPECT_EQ(all->streams[1].number.loop, 1u);
    EXPECT_EQ(all->streams[2].number.loop, 2u);
    EXPECT_TRUE(all->hasMore);
}

}  // namespace
}  // namespace sluice::test
