#include <algorithm>

#include "HubFixture.h"

/// A stream that catches up by what its sources send again: resume.md section 6 and test 9.
namespace sluice {
namespace {

using property::ReadGap;

class ReplayTurnTest : public HubTest {
  protected:
    void SetUp() override {
        options_.history.events = 4;
        start("nodeaaaa");
        lanes_ = family("orders", kOrders, 2);
    }
    void publishRange(std::uint64_t first, std::uint64_t last, LaneIndex lane,
                      std::string_view channel = "a") {
        for (std::uint64_t i = first; i <= last; ++i) publish(lane, i, channel);
    }
    /// The id of a reader of channel a who has everything up to now.
    std::string idNow() { return TestStream{hub(), origins_, channels({"a"})}.read()[0].id; }
    /// A stream that comes back with an id.
    std::unique_ptr<TestStream> back(const std::string& id) {
        auto stream = std::make_unique<TestStream>(hub(), origins_, channels({"a"}));
        stream->from(id);
        stream->mayReplay = true;
        return stream;
    }
    /// Does what a source is asked to: makes the legs that the last turn wanted.
    std::vector<std::uint32_t> grant(TestStream& stream) {
        if (!stream.replay) {
            log_ =
                std::make_shared<ReplayLog>(1, std::vector<std::string>{"a"}, ReplayLog::Bounds{});
            stream.replay = ReplayReader::attach(log_, nullptr);
        }
        std::vector<std::uint32_t> legs;
        for (const ReplayLeg& leg : stream.wants) legs.push_back(log_->addLeg(leg));
        return legs;
    }
    /// Messages first..last of channel a, sent again.
    void send(std::uint32_t leg, std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t i = first; i <= last; ++i) {
            ReplayEvent event;
            event.channels = {"a"};
            event.bytes = "data: " + std::to_string(i) + "\n";
            event.place = {{i, 0}, 0};
            EXPECT_TRUE(log_->append(leg, {i + 1, 0}, {std::move(event)}, producer_));
        }
    }
    void reached(std::uint32_t leg, std::uint64_t position) {
        EXPECT_TRUE(log_->reached(leg, {position, 0}, producer_));
    }
    static std::vector<std::string> numbers(int first, int last) {
        std::vector<std::string> all;
        for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
        return all;
    }
    static std::vector<std::string> reasonsOf(const std::vector<Seen>& blocks) {
        std::vector<std::string> reasons;
        for (const ReadGap& gap : gapsOf(blocks)) reasons.push_back(gap.reason);
        return reasons;
    }

    std::vector<LaneIndex> lanes_;
    std::shared_ptr<ReplayLog> log_;
    ReplayLog::Producer producer_;
    std::uint32_t leg_ = 0;
};

TEST_F(ReplayTurnTest, asksForLanesThatTheLogsHaveNoMore) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(blocks.size(), 1u) << "the first block, and no gap";
    EXPECT_EQ(blocks[0].id, id);
    EXPECT_EQ(stream->wants, (std::vector<ReplayLeg>{{lanes_[0], {}, {{10, 0}, 0}}}));
    EXPECT_TRUE(stream->turn().waits);
}

TEST_F(ReplayTurnTest, asksForNothingThatTheLogsHave) {
    publishRange(0, 9, lanes_[0]);
    const std::string id = idNow();
    publishRange(10, 12, lanes_[0]);
    const auto stream = back(id);
    EXPECT_EQ(dataOf(stream->read()), numbers(10, 12));
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, writesWhatIsSentAgainAndJoinsItsLogs) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    const std::uint32_t leg = grant(*stream)[0];
    EXPECT_TRUE(stream->turn().wants.empty()) << "it was asked for already";
    send(leg, 0, 2);
    std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(dataOf(blocks), numbers(0, 2));
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{1, 0}, 0}));
    EXPECT_EQ(placeIn(blocks[2].id, kOrders, 0), (Place{{3, 0}, 0}));
    EXPECT_FALSE(stream->stream().isLive());
    send(leg, 3, 7);
    blocks = stream->read();
    EXPECT_EQ(dataOf(blocks), numbers(3, 9));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_TRUE(stream->stream().isLive());
    EXPECT_EQ(stream->replay, nullptr) << "nothing lacks any more";
}

TEST_F(ReplayTurnTest, goesOnExactlyWhereverAClientWasCut) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    send(grant(*stream)[0], 0, 4);
    const std::vector<Seen> blocks = stream->read();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto again = back(blocks[i].id);
        again->read();
        send(grant(*again)[0], i + 1, 9);
        EXPECT_EQ(dataOf(again->read()), numbers(static_cast<int>(i) + 1, 9)) << i;
    }
}

TEST_F(ReplayTurnTest, keepsTheCutOfLanesThatItDoesNotRead) {
    const std::string id = idNow();
    publishRange(0, 3, lanes_[1]);
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    ASSERT_EQ(stream->wants.size(), 2u);
    const std::vector<std::uint32_t> legs = grant(*stream);
    send(legs[0], 0, 9);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{10, 0}, 0}));
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 1), Place{});
    EXPECT_FALSE(stream->stream().isLive());
    send(legs[1], 0, 3);
    EXPECT_EQ(dataOf(stream->read()), numbers(0, 3));
    EXPECT_TRUE(stream->stream().isLive());
}

// -- test 9: what a replay ends at

TEST_F(ReplayTurnTest, endsWhereALaneEndsInAnAbortedTransaction) {
    const std::string id = idNow();
    publishRange(0, 5, lanes_[0]);
    hub().at(lanes_[0], {10, 0});  // 6 to 9 were aborted
    hub().lost(lanes_[0], {12, 0});
    const auto stream = back(id);
    stream->read();
    EXPECT_EQ(stream->wants[0].to, (Place{{12, 0}, 0}));
    const std::uint32_t leg = grant(*stream)[0];
    send(leg, 0, 5);
    stream->read();
    EXPECT_FALSE(stream->stream().isLive());
    reached(leg, 12);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{12, 0}, 0}));
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, endsWhereTheTailWasCompacted) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    age(std::chrono::hours{2});  // the log is empty: its floor is W
    const auto stream = back(id);
    stream->read();
    const std::uint32_t leg = grant(*stream)[0];
    send(leg, 0, 4);
    reached(leg, 10);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(dataOf(blocks), numbers(0, 4));
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{10, 0}, 0}));
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, endsInALaneThatIsEmpty) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0], "elsewhere");
    hub().lost(lanes_[0], {11, 0});
    const auto stream = back(id);
    stream->read();
    ASSERT_EQ(stream->wants.size(), 1u);
    reached(grant(*stream)[0], 11);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_TRUE(dataOf(blocks).empty());
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{11, 0}, 0}));
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, asksAgainWhileTheFloorMovesAtEveryStep) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    std::vector<Seen> all = stream->read();
    std::uint64_t end = 10;
    for (std::uint64_t sent = 0; sent < 30; sent += 2) {
        // While the replay brings two the node gets two more, and forgets two.
        std::vector<std::uint32_t> legs = grant(*stream);
        for (std::uint32_t leg = 0; leg < legs.size(); ++leg) leg_ = legs[leg];
        const std::uint64_t to = log_->position(leg_).position.first + 2;
        send(leg_, to - 2, to - 1);
        publishRange(end, end + 1, lanes_[0]);
        end += 2;
        for (const Seen& block : stream->read()) all.push_back(block);
        EXPECT_FALSE(stream->stream().isLive());
    }
    grant(*stream);
    std::uint32_t last = leg_;
    while (!stream->stream().isLive()) {
        if (!stream->wants.empty()) last = grant(*stream).back();
        while (log_->hasEnded(last) == false) {
            const std::uint64_t at = log_->position(last).position.first;
            send(last, at, at);
        }
        for (const Seen& block : stream->read()) all.push_back(block);
    }
    EXPECT_EQ(dataOf(all), numbers(0, static_cast<int>(end) - 1));
    EXPECT_TRUE(gapsOf(all).empty());
}

// -- what a replay cannot bring

TEST_F(ReplayTurnTest, tellsWhatTheSourceHasNoMoreAsExpired) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    const std::uint32_t leg = grant(*stream)[0];
    EXPECT_TRUE(log_->expired(leg, {4, 0}, producer_));
    send(leg, 4, 9);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"expired"}));
    const ReadGap gap = gapsOf(blocks)[0];
    EXPECT_EQ(gap.lanes[0].from, Place{});
    EXPECT_EQ(gap.lanes[0].to, (Place{{4, 0}, 0}));
    EXPECT_FALSE(gap.mayRepeat);
    EXPECT_EQ(dataOf(blocks), numbers(4, 9));
}

TEST_F(ReplayTurnTest, tellsThatTheSourceEndsBelowAsReset) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    const std::uint32_t leg = grant(*stream)[0];
    send(leg, 0, 2);
    log_->end(leg, ReplayItem::Kind::Reset);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"reset"}));
    const ReadGap gap = gapsOf(blocks)[0];
    EXPECT_EQ(gap.lanes[0].from, (Place{{3, 0}, 0}));
    EXPECT_EQ(gap.lanes[0].to, (Place{{10, 0}, 0}));
    EXPECT_TRUE(gap.mayRepeat);
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, tellsWhatCannotBeReadWhenTheRestIsThere) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[1]);
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    const std::vector<std::uint32_t> legs = grant(*stream);
    log_->end(legs[0], ReplayItem::Kind::Failed);
    send(legs[1], 0, 4);
    std::vector<Seen> blocks = stream->read();
    EXPECT_TRUE(gapsOf(blocks).empty()) << "its cut stays below what it lacks";
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), Place{});
    send(legs[1], 5, 9);
    blocks = stream->read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"evicted"}));
    const ReadGap gap = gapsOf(blocks)[0];
    EXPECT_EQ(gap.channel, "a");
    ASSERT_EQ(gap.lanes.size(), 1u);
    EXPECT_EQ(gap.lanes[0].to, (Place{{6, 0}, 0}));
    const std::vector<std::string> data = dataOf(blocks);
    EXPECT_EQ(std::vector<std::string>(data.end() - 4, data.end()), numbers(6, 9));
    EXPECT_TRUE(stream->stream().isLive());
}

TEST_F(ReplayTurnTest, tellsBusyAtTheBoundAndSendsWhatIsKept) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    stream->refuse(lanes_[0], GapReason::Busy);
    const std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"busy"}));
    EXPECT_EQ(gapsOf(blocks)[0].lanes[0].to, (Place{{6, 0}, 0}));
    EXPECT_FALSE(gapsOf(blocks)[0].mayRepeat);
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
}

TEST_F(ReplayTurnTest, dropsTheReplayAtAReset) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    publishRange(0, 9, lanes_[1]);
    const auto stream = back(id);
    stream->read();
    const std::vector<std::uint32_t> legs = grant(*stream);
    send(legs[0], 0, 2);
    send(legs[1], 0, 2);
    hub().reset(lanes_[0], {0, 0});  // made again, and has less now
    publishRange(0, 1, lanes_[0]);
    std::vector<Seen> blocks = stream->read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"reset"}));
    EXPECT_TRUE(dataOf(blocks).empty()) << "nothing of what was there before";
    EXPECT_EQ(stream->replay, nullptr);
    ASSERT_EQ(stream->wants.size(), 1u);
    EXPECT_EQ(stream->wants[0].lane, lanes_[1]);
    send(grant(*stream)[0], 0, 9);
    blocks = stream->read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_TRUE(stream->stream().isLive());
    std::vector<std::string> data = dataOf(blocks);
    EXPECT_EQ(std::vector<std::string>(data.begin(), data.begin() + 10), numbers(0, 9));
    EXPECT_EQ(data.size(), 12u) << "and the two of the new lane, from the log";
}

// -- by time

TEST_F(ReplayTurnTest, beginsWhereItsSourceStoodAtATime) {
    publishRange(0, 9, lanes_[0]);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Since, 0, 1'000})
        .answer(SourcePlaces{{{kOrders, {{3, 0}, {0, 0}}}}});
    stream.mayReplay = true;
    std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{3, 0}, 0}));
    ASSERT_EQ(stream.wants.size(), 1u);
    EXPECT_EQ(stream.wants[0].from, (Place{{3, 0}, 0}));
    send(grant(stream)[0], 3, 9);
    blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(3, 9));
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(ReplayTurnTest, beginsByItsAppendsWhereTheSourceCannotSay) {
    publishRange(0, 9, lanes_[0]);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Since, 0, 0}).answer(SourcePlaces{});
    stream.mayReplay = true;
    const std::vector<Seen> blocks = stream.read();
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
    EXPECT_EQ(reasonsOf(blocks), (std::vector<std::string>{"evicted"}));
    EXPECT_TRUE(stream.stream().isLive());
}

TEST_F(ReplayTurnTest, tellsOfLanesWhoseSourceCannotSayWhatTheLogsHaveNoMore) {
    const LaneIndex stock = family("stock", kStock, 1)[0];
    publishRange(0, 4, stock);
    publishRange(0, 4, lanes_[0]);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Since, 0, 0}).answer(SourcePlaces{{{kOrders, {{0, 0}, {0, 0}}}}});
    stream.mayReplay = true;
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"evicted"}));
    ASSERT_EQ(gapsOf(blocks)[0].lanes.size(), 1u) << "the other source is read again";
    EXPECT_EQ(stream.wants.size(), 1u);
}

TEST_F(ReplayTurnTest, tellsWhatItCannotReadAgainOfThatTime) {
    publishRange(0, 9, lanes_[0]);
    TestStream stream{hub(), origins_, channels({"a"})};
    stream.start({Start::Kind::Since, 0, 1'000})
        .answer(SourcePlaces{{{kOrders, {{3, 0}, {0, 0}}}}});
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(reasonsOf(blocks), (std::vector<std::string>{"evicted"}));
    EXPECT_EQ(gapsOf(blocks)[0].lanes[0].from, (Place{{3, 0}, 0}));
    EXPECT_EQ(dataOf(blocks), numbers(6, 9));
}

TEST_F(ReplayTurnTest, tellsNothingOfAPlainLaneThatHadNothingSinceThatTime) {
    origins_.plain = {"http"};
    const auto begin = [this] {
        TestStream stream{hub(), origins_, channels({"a"})};
        stream.start({Start::Kind::Since, 0, 1'000})
            .answer(SourcePlaces{{{kOrders, {{0, 0}, {0, 0}}}}});
        stream.mayReplay = true;
        return reasonsOf(stream.read());
    };
    publishRange(0, 9, lanes_[0]);
    EXPECT_TRUE(begin().empty());
    publishPlain("b", "x");
    EXPECT_EQ(begin(), (std::vector<std::string>{"evicted"})) << "it may have been in a";
}

// -- what comes of it

TEST_F(ReplayTurnTest, endsAtItsLimit) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->limit(3);
    stream->read();
    send(grant(*stream)[0], 0, 9);
    const std::vector<Seen> blocks = stream->read();
    EXPECT_EQ(dataOf(blocks), numbers(0, 2));
    EXPECT_EQ(placeIn(blocks.back().id, kOrders, 0), (Place{{3, 0}, 0}));
    EXPECT_TRUE(stream->stream().hasEnded());
}

TEST_F(ReplayTurnTest, writesNoMoreThanItsQuantum) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    send(grant(*stream)[0], 0, 9);
    for (int i = 0; i < 5; ++i) {
        const TurnOutput out = stream->turn(1);
        EXPECT_EQ(out.events, 1u);
        EXPECT_TRUE(out.more);
    }
}

TEST_F(ReplayTurnTest, saysWhereItStandsWhereNothingWasTaken) {
    SubscriptionSpec spec = channels({"a"});
    spec.types = {"other"};
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    TestStream stream{hub(), origins_, spec};
    stream.from(id);
    stream.mayReplay = true;
    stream.read();
    send(grant(stream)[0], 0, 3);
    const std::vector<Seen> blocks = stream.read();
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].event, "sluice.at");
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), (Place{{4, 0}, 0}));
}

TEST_F(ReplayTurnTest, usesOfASharedLogWhatItHasNot) {
    publishRange(0, 2, lanes_[0]);
    const std::string id = idNow();
    publishRange(3, 14, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    log_ = std::make_shared<ReplayLog>(1, std::vector<std::string>{"a"}, ReplayLog::Bounds{});
    stream->replay = ReplayReader::attach(log_, nullptr);
    // Another stream's, which begins behind this one's cut: it is not its own.
    const std::uint32_t behind = log_->addLeg({lanes_[0], {{5, 0}, 0}, {{15, 0}, 0}});
    send(behind, 5, 6);
    EXPECT_TRUE(stream->read().empty());
    ASSERT_EQ(stream->wants.size(), 1u);
    EXPECT_EQ(stream->wants[0].from, (Place{{3, 0}, 0}));
    const std::uint32_t before = log_->addLeg({lanes_[0], {}, {{15, 0}, 0}});
    send(before, 0, 5);
    EXPECT_EQ(dataOf(stream->read()), numbers(3, 5));
    send(behind, 7, 8);
    EXPECT_TRUE(stream->read().empty()) << "[5, 7) of that leg was passed over: it has a hole";
    send(before, 6, 14);
    EXPECT_EQ(dataOf(stream->read()), numbers(6, 14));
}

TEST_F(ReplayTurnTest, waitsAndShowsLifeWhileItsSourceIsSlow) {
    const std::string id = idNow();
    publishRange(0, 9, lanes_[0]);
    const auto stream = back(id);
    stream->read();
    grant(*stream);
    const TurnOutput ping = stream->turn(64u << 10, true);
    const std::vector<Seen> blocks = read(ping.bytes);
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(placeIn(blocks[0].id, kOrders, 0), Place{});
    EXPECT_TRUE(ping.waits);
}

}  // namespace
}  // namespace sluice
