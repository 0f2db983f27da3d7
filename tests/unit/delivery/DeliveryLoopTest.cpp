#include <algorithm>
#include <set>

#include "delivery/Shed.h"
#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using DeliveryLoopTest = LoopTest;

TEST_F(DeliveryLoopTest, sendsHeadAndOpenBlockInOneWrite) {
    const auto line = open("a");
    turns();
    EXPECT_EQ(line->writes, 1u);
    const SseParser read = line->parsed();
    EXPECT_EQ(read.head(), kHead);
    ASSERT_EQ(read.blocks().size(), 1u);
    EXPECT_EQ(read.blocks()[0].event, "sluice.open");
    EXPECT_EQ(read.blocks()[0].retryMs, 2'000u);
    EXPECT_TRUE(read.blocks()[0].id);
}

TEST_F(DeliveryLoopTest, sendsWhatIsPublishedWhileItIsThere) {
    publish("a", "before");
    const auto line = open("a");
    turns();
    publish("a", "one");
    publish("b", "elsewhere");
    publish("a", "two");
    turns();
    EXPECT_EQ(line->events(), (Texts{"one", "two"}));
    EXPECT_EQ(line->writes, 2u) << "events that are there together leave together";
    EXPECT_EQ(counts().deliveries, 2u);
}

TEST_F(DeliveryLoopTest, mergesChannelsInTheOrderOfTheHub) {
    const auto line = open(spec({"a", "b"}));
    turns();
    for (int i = 0; i < 6; ++i) publish(i % 2 == 0 ? "a" : "b", std::to_string(i));
    turns();
    EXPECT_EQ(line->events(), (Texts{"0", "1", "2", "3", "4", "5"}));
}

TEST_F(DeliveryLoopTest, beginsWithTheLastEventsWhereAsked) {
    for (int i = 0; i < 9; ++i) publish("a", std::to_string(i));
    const auto line = open(spec({"a"}), last(3));
    turns();
    publish("a", "9");
    turns();
    EXPECT_EQ(line->events(), (Texts{"6", "7", "8", "9"}));
}

TEST_F(DeliveryLoopTest, composesOnceForAThousandMembers) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 1'000; ++i) lines.push_back(open("a"));
    turns();
    EXPECT_EQ(counts().herds, 1u);
    EXPECT_EQ(counts().subscriptions, 1u);
    publish("a", "x");
    turns();
    for (const auto& line : lines) {
        EXPECT_EQ(line->bytes, lines[0]->bytes);
        EXPECT_EQ(line->writes, 2u);
    }
    EXPECT_EQ(counts().deliveries, 1'000u);
    EXPECT_EQ(counts().live, 1'000u);
}

TEST_F(DeliveryLoopTest, lateComersJoinTheHerd) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 20; ++i) {
        lines.push_back(open("a"));
        turns(2);
        publish("a", std::to_string(i));
        turns(2);
    }
    EXPECT_EQ(counts().herds, 1u);
    for (std::size_t i = 0; i < lines.size(); ++i)
        EXPECT_EQ(lines[i]->events().size(), lines.size() - i);
}

TEST_F(DeliveryLoopTest, aStreamWithALimitEndsAndTheOthersGoOn) {
    ResumeRequest limited;
    limited.limit = 2;
    const auto ends = open(spec({"a"}), limited);
    const auto stays = open("a");
    turns();
    for (int i = 0; i < 4; ++i) {
        publish("a", std::to_string(i));
        turns();
    }
    EXPECT_EQ(ends->events(), (Texts{"0", "1"}));
    EXPECT_TRUE(ends->parsed().hasEnded());
    EXPECT_TRUE(ends->isClosed);
    EXPECT_EQ(stays->events().size(), 4u);
    EXPECT_EQ(counts().closed[static_cast<std::size_t>(CloseReason::Ended)], 1u);
}

TEST_F(DeliveryLoopTest, aPatternTakesChannelsThatAreBornLater) {
    publish("orders/eu", "known");
    const auto line = open(spec({"orders/{region}"}));
    turns();
    publish("orders/us", "new");
    turns();
    publish("orders/eu", "old");
    publish("orders/us", "again");
    publish("orders/us/x", "deeper");
    turns();
    EXPECT_EQ(line->events(), (Texts{"new", "old", "again"}));
    EXPECT_EQ(line->parsed().count("sluice.gap"), 0u);
}

TEST_F(DeliveryLoopTest, aChannelWithoutLogWakesItsReadersAtItsFirstEvent) {
    const auto line = open("quiet");
    turns();
    publish("quiet", "first");
    turns();
    EXPECT_EQ(line->events(), (Texts{"first"}));
}

TEST_F(DeliveryLoopTest, forgetsASubscriptionWithItsLastSubscriber) {
    const auto a = open(spec({"a", "orders/{region}"}));
    const auto b = open(spec({"a"}));
    turns();
    EXPECT_EQ(counts().subscriptions, 2u);
    EXPECT_GT(hub.counts().interests, 0u);
    a->broken = b->broken = true;
    publish("a", "x");
    publish("orders/eu", "x");
    turns();
    EXPECT_EQ(counts().subscriptions, 0u);
    EXPECT_EQ(counts().herds, 0u);
    EXPECT_EQ(counts().live, 0u);
    EXPECT_EQ(hub.counts().interests, 0u);
    EXPECT_EQ(loop().subscribers(), 0u);
    EXPECT_TRUE(a->isClosed && b->isClosed);
    const auto back = open(spec({"a"}));
    turns();
    publish("a", "y");
    turns();
    EXPECT_EQ(back->events(), (Texts{"y"}));
}

TEST_F(DeliveryLoopTest, refusesBeyondTheBoundOfInterests) {
    HubOptions small;
    small.interestsMax = 2;
    Hub smallHub{small, clock};
    DeliveryLoop smallLoop{options, {}, smallHub, origins, clock};
    const auto line = std::make_shared<Line>();
    Adoption adoption{
        {std::make_unique<LineWire>(line), std::string{kHead}, spec({"a", "b", "c"}), {}}, true};
    ASSERT_TRUE(smallLoop.adopt(adoption));
    smallLoop.turn(0);
    EXPECT_TRUE(line->isClosed);
    EXPECT_TRUE(line->parsed().unfinished().starts_with("retry: "));
    EXPECT_EQ(smallLoop.counts().closed[static_cast<std::size_t>(CloseReason::Refused)], 1u);
    EXPECT_EQ(smallHub.counts().interests, 0u);
    EXPECT_EQ(smallLoop.subscribers(), 0u);
}

TEST_F(DeliveryLoopTest, theInboxHasABound) {
    options.inboxMax = 3;
    for (int i = 0; i < 3; ++i) open("a");
    const auto line = std::make_shared<Line>();
    Adoption adoption{{std::make_unique<LineWire>(line), std::string{kHead}, spec({"a"}), {}},
                      true};
    EXPECT_FALSE(loop().adopt(adoption));
    EXPECT_TRUE(adoption.request.wire) << "what was refused stays the caller's";
    turns(1);
    EXPECT_TRUE(loop().adopt(adoption));
}

TEST_F(DeliveryLoopTest, aStormOfEqualRequestsIsOneResume) {
    for (int i = 0; i < 100; ++i) publish("a", std::to_string(i));
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 5'000; ++i) lines.push_back(open(spec({"a"}), last(10)));
    turns();
    for (const auto& line : lines) {
        ASSERT_EQ(line->bytes, lines[0]->bytes);
        ASSERT_EQ(line->writes, 1u);
    }
    EXPECT_EQ(lines[0]->events().size(), 10u);
    EXPECT_EQ(counts().herds, 1u);
    EXPECT_EQ(counts().adopted, 5'000u);
}

/// Every look at it takes a tenth of a slice.
class TickingClock final : public Clock {
  public:
    std::int64_t wallMs() const noexcept override { return 1'700'000'000'000; }
    std::int64_t steadyUs() const noexcept override { return us_ += kSliceUs / 10; }

  private:
    mutable std::int64_t us_ = 1'000'000;
};

TEST_F(DeliveryLoopTest, aLargeHerdDoesNotKeepOthersWaiting) {
    TickingClock ticking;
    DeliveryLoop sliced{options, {}, hub, origins, ticking};
    const auto openIn = [&](const std::string& channel) {
        auto line = std::make_shared<Line>();
        Adoption adoption{
            {std::make_unique<LineWire>(line), std::string{kHead}, spec({channel}), {}}, true};
        EXPECT_TRUE(sliced.adopt(adoption));
        return line;
    };
    std::vector<std::shared_ptr<Line>> many;
    for (int i = 0; i < 3'000; ++i) many.push_back(openIn("many"));
    const auto few = openIn("few");
    for (int i = 0; i < 1'000; ++i) sliced.turn(0);
    ASSERT_EQ(sliced.counts().live, 3'001u);

    const auto served = [&] {
        std::size_t lines = 0;
        for (const auto& line : many) lines += line->events().empty() ? 0 : 1;
        return lines;
    };
    publish("many", "x");
    sliced.turn(0);
    EXPECT_GT(served(), 0u);
    publish("few", "y");
    publish("many", "z");
    sliced.turn(0);
    sliced.turn(0);
    EXPECT_EQ(few->events(), (Texts{"y"}));
    EXPECT_LT(served(), many.size()) << "the large write is still under way";
    // One of those who wait for the rest leaves, one of those who have it, too.
    many.front()->broken = many.back()->broken = true;
    for (int i = 0; i < 300; ++i) sliced.turn(0);
    for (const auto& line : many) {
        if (line->broken) continue;
        ASSERT_EQ(line->events(), (Texts{"x", "z"}));
    }
    EXPECT_EQ(sliced.counts().herds, 2u);
}

TEST_F(DeliveryLoopTest, lateComersJoinAHerdThatIsAlwaysWriting) {
    TickingClock ticking;
    DeliveryLoop busy{options, {}, hub, origins, ticking};
    std::vector<std::shared_ptr<Line>> lines;
    const auto openOne = [&] {
        lines.push_back(std::make_shared<Line>());
        Adoption adoption{
            {std::make_unique<LineWire>(lines.back()), std::string{kHead}, spec({"a"}), {}}, true};
        EXPECT_TRUE(busy.adopt(adoption));
    };
    for (int i = 0; i < 1'000; ++i) openOne();
    for (int i = 0; i < 500; ++i) busy.turn(0);
    for (int i = 0; i < 200; ++i) {
        if (i % 10 == 0) openOne();
        publish("a", std::to_string(i));
        busy.turn(0);
    }
    for (int i = 0; i < 500; ++i) busy.turn(0);
    EXPECT_EQ(busy.counts().live, 1'020u);
    EXPECT_EQ(busy.counts().herds, 1u);
    const Texts all = lines.front()->events();
    EXPECT_EQ(all.size(), 200u);
    for (const auto& line : lines) {
        const Texts events = line->events();
        ASSERT_TRUE(std::equal(events.rbegin(), events.rend(), all.rbegin()));
    }
}

TEST_F(DeliveryLoopTest, streamsWithoutChunksGetTheSameBlocks) {
    SubscriptionSpec plainBody = spec({"a"});
    plainBody.framing = Framing::Close;
    const auto line = open(plainBody);
    turns();
    publish("a", "x");
    turns();
    EXPECT_EQ(line->parsed(false).events(), (Texts{"x"}));
}

TEST_F(DeliveryLoopTest, aFilterThatTakesNothingLosesNothing) {
    SubscriptionSpec filtered = spec({"a"});
    filtered.types = {"wanted"};
    const auto line = open(filtered);
    turns();
    publish("a", "1", "other");
    turns();
    publish("a", "2", "wanted");
    turns();
    EXPECT_EQ(line->events(), (Texts{"2"}));
}

TEST_F(DeliveryLoopTest, observesTheDelayOncePerMember) {
    const auto a = open("a");
    const auto b = open("a");
    turns();
    publish("a", "x");
    clock.advance(std::chrono::milliseconds{7});
    turns();
    const DelayHistogram delay = counts().delay;
    EXPECT_EQ(delay.buckets[6], 2u) << "5 to 10 ms";
    EXPECT_EQ(delay.sumUs, 14'000u);
}

TEST_F(DeliveryLoopTest, drainSaysGoodByeToAllWithRetriesOfTheirOwn) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 50; ++i) lines.push_back(open("a"));
    turns();
    publish("a", "x");
    turns();
    loop().drain(std::chrono::seconds{8});
    turns(1);
    EXPECT_GT(loop().subscribers(), 0u) << "spread over time";
    for (int i = 0; i < 100; ++i) {
        clock.advance(std::chrono::milliseconds{10});
        turns(1);
    }
    EXPECT_EQ(loop().subscribers(), 0u);
    std::set<std::uint32_t> retries;
    for (const auto& line : lines) {
        const SseParser read = line->parsed();
        EXPECT_TRUE(read.hasEnded());
        EXPECT_TRUE(line->isClosed);
        EXPECT_EQ(read.blocks().back().event, "sluice.at");
        EXPECT_NE(read.lastEventId().find('~'), std::string::npos) << "the full cut";
        retries.insert(read.blocks().back().retryMs.value());
    }
    EXPECT_EQ(retries.size(), lines.size());
    EXPECT_GE(*retries.rbegin() - *retries.begin(), 7'000u);
    EXPECT_EQ(counts().closed[static_cast<std::size_t>(CloseReason::Drained)], 50u);
}

TEST_F(DeliveryLoopTest, drainClosesWhoTakesNothingWhenTheWindowIsOver) {
    const auto stuck = open(spec({"a"}), {}, 10);
    const auto partly = open("a");
    turns();
    partly->room = 5;
    publish("a", "x");
    turns();
    loop().drain(std::chrono::seconds{1});
    turns();
    partly->allowAll();
    clock.advance(std::chrono::milliseconds{500});
    turns();
    EXPECT_TRUE(partly->isClosed);
    EXPECT_TRUE(partly->parsed().hasEnded());
    EXPECT_EQ(partly->events(), (Texts{"x"}));
    EXPECT_FALSE(stuck->isClosed);
    clock.advance(std::chrono::milliseconds{500});
    turns();
    EXPECT_TRUE(stuck->isClosed);
    EXPECT_TRUE(loop().waitUntilEmpty(std::chrono::milliseconds{0}));
}

TEST_F(DeliveryLoopTest, shedsWhoComesWhileItDrains) {
    loop().drain(std::chrono::seconds{1});
    turns();
    const auto line = std::make_shared<Line>();
    Adoption adoption{{std::make_unique<LineWire>(line), std::string{kHead}, spec({"a"}), {}},
                      true};
    EXPECT_FALSE(loop().adopt(adoption));
}

TEST_F(DeliveryLoopTest, endsItsTurnsAfterStop) {
    const auto line = open("a");
    turns();
    loop().stop();
    EXPECT_FALSE(loop().turn(0));
    endLoop();
    EXPECT_TRUE(line->isClosed);
}

}  // namespace
}  // namespace sluice::test
