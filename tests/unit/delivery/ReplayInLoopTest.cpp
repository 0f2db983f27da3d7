#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;

/// A source of one lane, played by the test.
class TestReplays final : public ReplaySource {
  public:
    Refused replay(const ReplayRequest& request, std::unique_ptr<ReplayReader>& reader) override {
        ++asked;
        Refused refused;
        if (refuses) {
            for (const ReplayLeg& leg : request.legs) refused.emplace_back(leg.lane, *refuses);
            return refused;
        }
        logs.push_back(std::make_shared<ReplayLog>(asked, request.channels, bounds));
        reader = ReplayReader::attach(logs.back(), request.wake);
        for (const ReplayLeg& leg : request.legs) logs.back()->addLeg(leg);
        return refused;
    }
    ReplayLog& log(std::size_t index = 0) { return *logs.at(index); }
    /// Into the log that was asked for as number `index`.
    void send(std::uint64_t first, std::uint64_t last, std::size_t index = 0,
              const std::string& channel = "a") {
        for (std::uint64_t i = first; i <= last; ++i) {
            ReplayEvent event;
            event.channels = {channel};
            event.bytes = "data: " + std::to_string(i) + "\n";
            event.place = {{i, 0}, 0};
            ASSERT_TRUE(log(index).append(0, {i + 1, 0}, {std::move(event)}, producer));
        }
    }

    ReplayLog::Bounds bounds;
    std::vector<std::shared_ptr<ReplayLog>> logs;
    ReplayLog::Producer producer;
    std::optional<GapReason> refuses;
    unsigned asked = 0;
};

class ReplayInLoopTest : public LoopTest {
  protected:
    static constexpr std::uint32_t kHash = 0x01020304;

    /// Ten messages of which the log has the last ones, before the loop begins.
    void begin() {
        hub.setHistories({}, {4, 1u << 20, std::chrono::hours{1}});
        lane = hub.declareLane(hub.declareFamily("in", "topic", kHash, Words::One), 0, {0, 0});
        origins.feedsPlain = false;
        share.replays = &replays;
        for (std::uint64_t i = 0; i < 10; ++i) publishAt(lane, i, "a", std::to_string(i));
    }
    static std::string idAt(std::uint64_t position) {
        const std::vector<Place> places{Place{{position, 0}, 0}};
        const std::vector<FamilyCutView> cut{{kHash, Words::One, places}};
        std::string id;
        const Epoch other{'b', 'b', 'b', 'b', 'b', 'b', 'b', 'b'};
        EXPECT_TRUE(appendFullId(id, other, 1, 1'700'000'000'000, cut, 0));
        return id;
    }
    static Texts numbers(int first, int last) {
        Texts all;
        for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
        return all;
    }

    TestReplays replays;
    LaneIndex lane = kPlainLane;
};

TEST_F(ReplayInLoopTest, aStreamIsServedFromItsSourceAndJoins) {
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    EXPECT_EQ(replays.asked, 1u);
    EXPECT_EQ(line->parsed().blocks().size(), 1u) << "sluice.open";
    EXPECT_EQ(counts().catchingUp, 1u);
    replays.send(0, 3);
    turns();
    EXPECT_EQ(line->events(), numbers(0, 3));
    replays.send(4, 9);
    turns();
    EXPECT_EQ(line->events(), numbers(0, 9));
    EXPECT_TRUE(replays.log().isOver());
    EXPECT_EQ(counts().live, 1u);
    EXPECT_EQ(counts().gaps, (std::array<std::uint64_t, kGapReasons>{}));
    publishAt(lane, 10, "a", "10");
    turns();
    EXPECT_EQ(line->events(), numbers(0, 10));
    EXPECT_EQ(replays.asked, 1u);
}

/// Allows one channel.
class OneChannel final : public ChannelGuard {
  public:
    bool allows(std::string_view channel) const noexcept override { return channel == "a"; }
    bool reaches(std::string_view) const noexcept override { return true; }
};

TEST_F(ReplayInLoopTest, nobodyGetsWhatHisGuardDoesNotAllow) {
    begin();
    SubscriptionSpec wanted = spec({"{any}"});
    wanted.guard = std::make_shared<const OneChannel>();
    const auto line = open(wanted, from(idAt(0)));
    turns();
    ASSERT_EQ(replays.asked, 1u);
    replays.send(0, 3);
    replays.send(4, 5, 0, "b");
    replays.send(6, 9);
    turns();
    Texts expected = numbers(0, 3);
    for (const std::string& number : numbers(6, 9)) expected.push_back(number);
    EXPECT_EQ(line->events(), expected);
    EXPECT_EQ(counts().live, 1u);
}

TEST_F(ReplayInLoopTest, aClientThatGoesCancelsItsReplay) {
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    replays.send(0, 1);
    line->broken = true;
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_TRUE(replays.log().isOver());
}

TEST_F(ReplayInLoopTest, streamsThatComeTogetherAreOneReader) {
    begin();
    const auto one = open(spec({"a"}), from(idAt(0)));
    const auto other = open(spec({"a"}), from(idAt(0)));
    turns();
    EXPECT_EQ(replays.asked, 1u);
    replays.send(0, 9);
    turns();
    EXPECT_EQ(one->events(), numbers(0, 9));
    EXPECT_EQ(other->events(), numbers(0, 9));
    EXPECT_EQ(counts().herds, 1u);
}

TEST_F(ReplayInLoopTest, aRefusedStreamIsToldAndGetsWhatIsKept) {
    begin();
    replays.refuses = GapReason::Busy;
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    EXPECT_EQ(counts().gaps[static_cast<std::size_t>(GapReason::Busy)], 1u);
    EXPECT_EQ(line->events(), numbers(6, 9));
    EXPECT_EQ(counts().live, 1u);
}

TEST_F(ReplayInLoopTest, aStreamThatWaitsForItsSourceIsAliveAndNeverStalled) {
    options.keepalive = milliseconds{5'000};
    options.stall = milliseconds{2'000};
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    for (int i = 0; i < 12; ++i) {
        clock.advance(milliseconds{1'000});
        turns();
    }
    EXPECT_FALSE(line->isClosed);
    EXPECT_EQ(line->parsed().lastEventId().substr(0, 2), "1.");
    EXPECT_GE(line->parsed().blocks().size(), 2u) << "signs of life";
    replays.send(0, 9);
    turns();
    EXPECT_EQ(line->events(), numbers(0, 9));
}

TEST_F(ReplayInLoopTest, aReaderThatTakesNothingMakesTheSourceWaitAndIsClosedAsStalled) {
    options.stall = milliseconds{2'000};
    replays.bounds.eventsMax = 2;
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)), 1'000);
    turns();
    line->room = 0;
    replays.send(0, 1);
    turns();
    replays.send(2, 3);
    turns();
    EXPECT_EQ(replays.log().events(), 2u) << "nobody reads on";
    for (int i = 0; i < 4; ++i) {
        clock.advance(milliseconds{1'000});
        turns();
    }
    EXPECT_TRUE(line->isClosed);
    EXPECT_TRUE(replays.log().isOver());
}

TEST_F(ReplayInLoopTest, aReaderThatIsSlowGetsAllOfIt) {
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    line->room = 0;
    replays.send(0, 5);
    turns();
    for (int i = 0; i < 4'000 && line->events().size() < 6; ++i) {
        line->allow(1);
        turns(1);
    }
    line->allowAll();
    turns();
    EXPECT_EQ(line->events(), numbers(0, 9)) << "the log has 6 to 9";
    EXPECT_EQ(replays.asked, 1u);
}

TEST_F(ReplayInLoopTest, whoFallsTooFarBehindItsHerdAsksForItself) {
    share.writesKeptBytesMax = 1;
    begin();
    const auto fast = open(spec({"a"}), from(idAt(0)));
    const auto slow = open(spec({"a"}), from(idAt(0)), 3'000);
    turns();
    slow->room = 0;
    replays.send(0, 2);
    turns();
    replays.send(3, 5);
    turns();
    EXPECT_EQ(fast->events(), numbers(0, 9)) << "the log has 6 to 9";
    slow->allowAll();
    turns();
    ASSERT_EQ(replays.asked, 2u);
    const std::size_t has = slow->events().size();
    replays.send(replays.log(1).position(0).position.first, 5, 1);
    turns();
    EXPECT_EQ(slow->events(), numbers(0, 9)) << has;
}

TEST_F(ReplayInLoopTest, aLogThatWentOnWithoutAReaderIsAskedForAgain) {
    replays.bounds.eventsMax = 1;
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    // Another reader of the log, and this loop does not turn.
    const auto other = ReplayReader::attach(replays.logs.at(0), nullptr);
    replays.send(0, 0);
    other->release(other->view().items.size());
    replays.send(1, 1);
    other->release(other->view().items.size());
    turns();
    EXPECT_EQ(replays.asked, 2u);
    for (std::uint64_t i = 0; i < 6; ++i) {  // the log has 6 to 9
        replays.send(i, i, 1);
        turns();
    }
    EXPECT_EQ(line->events(), numbers(0, 9));
}

TEST_F(ReplayInLoopTest, aPollIsAnsweredByWhatIsSentAgain) {
    begin();
    SubscriptionSpec poll = spec({"a"});
    poll.format = Format::Poll;
    poll.envelope = true;
    const auto line = open(poll, from(idAt(0)));
    turns();
    EXPECT_TRUE(line->bytes.find("\"events\"") == std::string::npos);
    replays.log().reached(0, {2, 0}, replays.producer);
    turns();
    EXPECT_FALSE(line->isClosed) << "nothing is for it yet";
    replays.send(2, 4);
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_NE(line->bytes.find("\"data\":2"), std::string::npos) << line->bytes;
    EXPECT_TRUE(replays.log().isOver());
}

TEST_F(ReplayInLoopTest, aStreamFromATimeOnBeginsWhereItsSourceStood) {
    begin();
    ResumeRequest request;
    request.start = {Start::Kind::Since, 0, 1'234};
    const auto line = open(spec({"a"}), request);
    turns();
    ASSERT_EQ(origins.seeks.size(), 1u);
    EXPECT_EQ(origins.seeks[0].timeMs, 1'234);
    EXPECT_EQ(origins.seeks[0].hashes, std::vector<std::uint32_t>{kHash});
    EXPECT_EQ(counts().resolving, 1u);
    SourcePlaces places;
    places.families.push_back({kHash, {{2, 0}}});
    origins.seeks[0].answer(places);
    turns();
    replays.send(2, 9);
    turns();
    EXPECT_EQ(line->events(), numbers(2, 9));
}

TEST_F(ReplayInLoopTest, aStreamFromATimeOnWaitsASecondForItsSource) {
    begin();
    ResumeRequest request;
    request.start = {Start::Kind::Since, 0, 0};
    const auto line = open(spec({"a"}), request);
    turns();
    EXPECT_TRUE(line->bytes.empty());
    clock.advance(milliseconds{1'000});
    turns();
    EXPECT_EQ(line->events(), numbers(6, 9)) << "what is kept";
    origins.seeks[0].answer({});
    turns();
    EXPECT_EQ(replays.asked, 0u);
}

TEST_F(ReplayInLoopTest, aDrainedStreamIsToldWhereItStands) {
    begin();
    const auto line = open(spec({"a"}), from(idAt(0)));
    turns();
    replays.send(0, 2);
    turns();
    const std::string before = line->parsed().lastEventId();
    loop().drain(milliseconds{100});
    turns();
    clock.advance(milliseconds{200});
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_EQ(line->parsed().lastEventId(), before);
    EXPECT_TRUE(replays.log().isOver());
}

}  // namespace
}  // namespace sluice::test
