#include <algorithm>

#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

class StragglerTest : public LoopTest {
  protected:
    /// Bytes of a stream that saw five events come in two writes, uninterrupted.
    std::string whole() {
        const auto line = open("a");
        turns();
        publishFive();
        line->broken = true;
        const std::string bytes = line->bytes;
        publish("a", "gone");
        turns();
        return bytes;
    }
    void publishFive() {
        publish("a", "0");
        publish("a", "1\nsecond line");
        turns();
        publish("a", "2", "typed");
        publish("a", "3");
        publish("a", "4");
        turns();
    }
};

const Texts kFive{"0", "1\nsecond line", "2", "3", "4"};

TEST_F(StragglerTest, losesNothingWhereverAWriteIsCut) {
    const std::size_t length = whole().size();
    for (std::size_t room = 0; room < length; ++room) {
        const auto healthy = open("a");
        const auto line = open(spec({"a"}), {}, room);
        turns();
        publishFive();
        EXPECT_EQ(counts().straggling, 1u) << "cut at " << room;
        EXPECT_EQ(counts().resolving + counts().catchingUp, 0u);
        line->allowAll();
        turns();
        ASSERT_EQ(line->events(), kFive) << "cut at " << room;
        ASSERT_EQ(healthy->events(), kFive);
        EXPECT_EQ(counts().straggling, 0u);
        EXPECT_EQ(counts().stragglerBytes, 0u);
        EXPECT_EQ(counts().herds, 1u) << "it is back in the herd, cut at " << room;
        publish("a", "5");
        turns();
        ASSERT_EQ(line->events().back(), "5");
        ASSERT_EQ(line->parsed().lastEventId(), healthy->parsed().lastEventId());
        healthy->broken = line->broken = true;
        publish("a", "end");
        turns();
        ASSERT_EQ(counts().subscriptions, 0u);
    }
}

TEST_F(StragglerTest, goesOnByteByByte) {
    const auto line = open(spec({"a"}), {}, 0);
    turns();
    publishFive();
    for (int i = 0; i < 2'000 && line->events().size() < 5; ++i) {
        line->allow(1);
        turns(1);
    }
    EXPECT_EQ(line->events(), kFive);
}

TEST_F(StragglerTest, followsItsHerdAndThenKeepsTheRestOfOneBlockOnly) {
    const auto healthy = open("a");
    const auto line = open("a");
    turns();
    line->room = 10;
    const std::string big(4'096, 'x');
    std::uint64_t most = 0;
    for (int i = 0; i < 1'000; ++i) {
        publish("a", big);
        turns(1);
        most = std::max(most, counts().stragglerBytes);
    }
    EXPECT_EQ(counts().straggling, 1u);
    EXPECT_GT(most, share.writesKeptBytesMax / 2);
    EXPECT_LE(most, share.writesKeptBytesMax + 10'000u);
    EXPECT_LE(counts().stragglerBytes, 4'096u + 1'200u) << "it lags too far: it goes alone";
    EXPECT_GT(counts().stragglerBytes, 4'000u);
    line->allowAll();
    turns(200);
    EXPECT_EQ(line->events().size(), 1'000u);
    EXPECT_EQ(counts().straggling, 0u);
    EXPECT_EQ(counts().stragglerBytes, 0u);
    EXPECT_EQ(counts().herds, 1u);
    EXPECT_EQ(counts().deliveries, 2'000u);
}

TEST_F(StragglerTest, manyThatLagComposeNothing) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 50; ++i) lines.push_back(open("a"));
    turns();
    for (const auto& line : lines) line->room = 40;
    for (int i = 0; i < 300; ++i) {
        publish("a", std::to_string(i));
        turns(1);
        for (std::size_t k = 0; k < lines.size(); ++k) lines[k]->allow(k * 10);
    }
    for (const auto& line : lines) line->allowAll();
    turns(3);
    EXPECT_EQ(counts().straggling, 0u);
    EXPECT_EQ(counts().herds, 1u) << "they all followed the one they fell behind";
    EXPECT_EQ(counts().stragglerBytes, 0u);
    EXPECT_EQ(counts().deliveries, 50u * 300u);
    for (const auto& line : lines) ASSERT_EQ(line->bytes, lines[0]->bytes);
}

TEST_F(StragglerTest, aHerdWhoseMembersAllLagWaitsForThem) {
    const auto a = open("a");
    const auto b = open("a");
    turns();
    a->room = 3;
    b->room = 9;
    publish("a", "0");
    turns();
    EXPECT_EQ(counts().straggling, 2u);
    EXPECT_EQ(counts().herds, 1u);
    publish("a", "1");
    turns();
    a->allowAll();
    turns();
    EXPECT_EQ(a->events(), (Texts{"0", "1"}));
    publish("a", "2");
    turns();
    b->allowAll();
    turns();
    EXPECT_EQ(b->bytes, a->bytes) << "byte by byte what its herd wrote";
    EXPECT_EQ(counts().herds, 1u);
}

TEST_F(StragglerTest, isToldWhatWasEvictedWhileItStoodStill) {
    HubOptions small;
    small.history.events = 20;
    Hub smallHub{small, clock};
    DeliveryLoop smallLoop{options, {}, smallHub, origins, clock};
    const auto line = std::make_shared<Line>();
    Adoption adoption{{std::make_unique<LineWire>(line), std::string{kHead}, spec({"a"}), {}},
                      true};
    ASSERT_TRUE(smallLoop.adopt(adoption));
    smallLoop.turn(0);
    line->room = 30;
    EventBatch batch;
    const std::string_view channel = "a";
    for (int i = 0; i < 100; ++i) {
        batch.clear();
        batch.beginMessage(kPlainLane, {});
        batch.addEvent(std::span{&channel, 1}, "", "", std::to_string(i));
        smallHub.publish(batch);
        smallLoop.turn(0);
    }
    line->allowAll();
    for (int i = 0; i < 5; ++i) smallLoop.turn(0);
    const SseParser read = line->parsed();
    EXPECT_EQ(read.count("sluice.gap"), 1u);
    EXPECT_EQ(read.events().front(), "0");
    EXPECT_EQ(read.events().back(), "99");
    const DeliveryCounts counts = smallLoop.counts();
    EXPECT_EQ(counts.gaps[static_cast<std::size_t>(GapReason::Evicted)], 1u);
    EXPECT_EQ(counts.deliveries, read.events().size());
}

TEST_F(StragglerTest, isClosedAfterTheStallTime) {
    const auto stuck = open("a");
    const auto healthy = open("a");
    turns();
    stuck->room = 3;
    publish("a", "x");
    turns();
    for (int second = 0; second < 29; ++second) {
        clock.advance(std::chrono::seconds{1});
        turns(1);
    }
    EXPECT_FALSE(stuck->isClosed);
    stuck->allow(1);  // any byte is progress
    turns(1);
    for (int second = 0; second < 29; ++second) {
        clock.advance(std::chrono::seconds{1});
        turns(1);
    }
    EXPECT_FALSE(stuck->isClosed);
    clock.advance(std::chrono::seconds{2});
    turns(1);
    EXPECT_TRUE(stuck->isClosed);
    EXPECT_FALSE(healthy->isClosed);
    EXPECT_EQ(counts().closed[static_cast<std::size_t>(CloseReason::Stalled)], 1u);
    EXPECT_EQ(counts().stragglerBytes, 0u);
}

TEST_F(StragglerTest, anEndThatIsCutIsSentToItsEnd) {
    ResumeRequest limited;
    limited.limit = 1;
    const std::size_t length = [&] {
        const auto line = open(spec({"a"}), limited);
        turns();
        publish("a", "x");
        turns();
        return line->bytes.size();
    }();
    for (std::size_t room = 0; room < length; ++room) {
        const auto line = open(spec({"a"}), limited, room);
        turns();
        publish("a", "x");
        turns();
        EXPECT_FALSE(line->isClosed);
        line->allowAll();
        turns();
        ASSERT_EQ(line->events(), (Texts{"x"})) << "cut at " << room;
        ASSERT_TRUE(line->parsed().hasEnded());
        ASSERT_TRUE(line->isClosed);
    }
}

TEST_F(StragglerTest, aGoodByeThatIsCutIsSentToItsEnd) {
    for (const std::size_t room : {0, 1, 7, 50, 120}) {
        Hub freshHub{hubOptions, clock};
        DeliveryLoop fresh{options, {}, freshHub, origins, clock};
        const auto line = std::make_shared<Line>();
        Adoption adoption{{std::make_unique<LineWire>(line), std::string{kHead}, spec({"a"}), {}},
                          true};
        ASSERT_TRUE(fresh.adopt(adoption));
        fresh.turn(0);
        line->room = room;
        fresh.drain(std::chrono::seconds{5});
        clock.advance(std::chrono::seconds{1});
        fresh.turn(0);
        line->allowAll();
        fresh.turn(0);
        EXPECT_TRUE(line->isClosed);
        EXPECT_TRUE(line->parsed().hasEnded());
        EXPECT_EQ(line->parsed().blocks().back().event, "sluice.at");
    }
}

TEST_F(StragglerTest, manyFindTheirWayBackIntoOneHerd) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 100; ++i) lines.push_back(open("a"));
    turns();
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i]->room = i * 3;
    for (int i = 0; i < 5; ++i) {
        publish("a", std::to_string(i));
        turns();
    }
    EXPECT_GT(counts().straggling, 50u);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i]->allowAll();
        if (i % 10 == 0) publish("a", "later");
        turns(1);
    }
    turns();
    publish("a", "last");
    turns();
    EXPECT_EQ(counts().straggling, 0u);
    EXPECT_EQ(counts().herds, 1u);
    for (const auto& line : lines) ASSERT_EQ(line->events(), lines[0]->events());
}

}  // namespace
}  // namespace sluice::test
