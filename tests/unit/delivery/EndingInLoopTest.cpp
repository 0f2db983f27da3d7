#include "LoopTest.h"
#include "event/EventId.h"

// Streams that end because of who has them: `exp`, POST /streams/{token}/auth, POST /revoke.
namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using State = ChangeOutcome::State;

/// Allows what its list names.
class ListGuard final : public ChannelGuard {
  public:
    explicit ListGuard(std::vector<std::string> allowed) : allowed_{std::move(allowed)} {}
    bool allows(std::string_view channel) const noexcept override {
        return std::find(allowed_.begin(), allowed_.end(), channel) != allowed_.end();
    }
    bool reaches(std::string_view pattern) const noexcept override {
        const auto asked = Pattern::parse(pattern, '/', nullptr);
        return std::any_of(allowed_.begin(), allowed_.end(),
                           [&](const std::string& one) { return asked->matches(one); });
    }

  private:
    const std::vector<std::string> allowed_;
};

ChannelGuardPtr guardOf(std::vector<std::string> allowed) {
    return std::make_shared<const ListGuard>(std::move(allowed));
}

class EndingInLoop : public LoopTest {
  protected:
    EndingInLoop() { share.tokens = &tokens; }

    std::unique_ptr<AdmissionState> admission(const std::string& subject,
                                              std::chrono::milliseconds lifetime) {
        auto made = std::make_unique<AdmissionState>();
        made->subject = subject;
        made->tokenId = subject + "-1";
        made->issuedMs = clock.wallMs();
        if (lifetime.count() > 0) made->endsMs = clock.wallMs() + lifetime.count();
        made->warnMs = 60'000;
        return made;
    }
    std::shared_ptr<Line> openAs(const std::string& subject, std::chrono::milliseconds lifetime,
                                 SubscriptionSpec wanted, std::size_t room = ~std::size_t{0}) {
        auto line = std::make_shared<Line>();
        line->room = room;
        Adoption adoption{{std::make_unique<LineWire>(line),
                           std::string{kHead},
                           std::move(wanted),
                           {},
                           admission(subject, lifetime)},
                          true};
        EXPECT_TRUE(loop().adopt(adoption));
        return line;
    }
    void advance(std::chrono::milliseconds by) {
        clock.advance(by);
        turns();
    }
    static std::size_t toldOf(const Line& line) { return line.parsed().count("sluice.auth"); }
    std::uint64_t closedFor(CloseReason reason) {
        return counts().closed[static_cast<std::size_t>(reason)];
    }
    StreamNumber numberOf(const Line& line) {
        const std::string open = line.parsed().blocks().at(0).data.value_or("");
        const std::size_t at = open.find(R"("stream":")");
        return tokens.read(open.substr(at + 10, StreamTokens::kLength)).value();
    }
    ChangeOutcome renew(const Line& line, std::unique_ptr<AdmissionState> fresh,
                        ChannelGuardPtr guard) {
        return change(line, std::move(fresh), std::move(guard), {});
    }
    /// Adds channels, or renews the stream where there are none.
    ChangeOutcome change(const Line& line, std::unique_ptr<AdmissionState> fresh,
                         ChannelGuardPtr guard, const Texts& added) {
        ChangeOutcome outcome;
        StreamChange wanted;
        wanted.stream = numberOf(line);
        wanted.add = added;
        wanted.authority = std::make_unique<ChangeAuthority>();
        wanted.authority->guard = std::move(guard);
        wanted.authority->admission = std::move(fresh);
        wanted.authority->renews = added.empty();
        wanted.answer = [&outcome](const ChangeOutcome& answer) { outcome = answer; };
        EXPECT_TRUE(loop().change(wanted));
        turns();
        return outcome;
    }

    StreamTokens tokens;
};

TEST_F(EndingInLoop, tellsAStreamOnceThatItEndsAndThenEndsIt) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    const auto other = openAs("bob", 0ms, spec({"a"}));
    turns();
    advance(8min);
    EXPECT_EQ(toldOf(*line), 0U);
    advance(1min);
    ASSERT_EQ(toldOf(*line), 1U);
    publish("a", "1");
    advance(59s);
    EXPECT_EQ(toldOf(*line), 1U);
    EXPECT_FALSE(line->isClosed);
    advance(1s);
    EXPECT_TRUE(line->isClosed);
    const auto blocks = line->parsed().blocks();
    EXPECT_EQ(blocks.back().event, "sluice.at") << "it learns where it stands";
    EXPECT_TRUE(blocks.back().id);
    EXPECT_EQ(line->events(), Texts{"1"});
    EXPECT_EQ(closedFor(CloseReason::Expired), 1U);
    EXPECT_FALSE(other->isClosed);
    EXPECT_EQ(toldOf(*other), 0U);
}

TEST_F(EndingInLoop, saysWhenItEnds) {
    const auto line = openAs("ann", 30s, spec({"a"}));
    turns();
    const auto blocks = line->parsed().blocks();
    ASSERT_EQ(blocks.back().event, "sluice.auth") << "warn is longer than the rest of its life";
    EXPECT_EQ(blocks.back().data, R"({"endsMs":1700000030000,"inMs":30000})");
    EXPECT_FALSE(blocks.back().id) << "it says nothing of the stream's place";
}

TEST_F(EndingInLoop, tellsWhereverTheSocketStops) {
    const auto whole = openAs("ann", 10min, spec({"a"}));
    turns();
    const std::size_t begin = whole->bytes.size();
    advance(9min);
    const std::size_t length = whole->bytes.size() - begin;
    ASSERT_GT(length, 0U);
    for (std::size_t room = 0; room <= length; ++room) {
        const auto line = openAs("ann", 10min, spec({"a"}));
        turns();
        line->allow(room);
        advance(9min);
        publish("a", "1");
        turns();
        line->allowAll();
        turns(8);
        advance(200ms);  // a ping may have been cut first
        EXPECT_EQ(toldOf(*line), 1U) << room;
        EXPECT_EQ(line->events(), Texts{"1"}) << room;
        advance(1min);
        EXPECT_TRUE(line->isClosed);
    }
}

TEST_F(EndingInLoop, goesOnWithAFreshToken) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    turns();
    advance(9min);
    EXPECT_EQ(renew(*line, admission("ann", 10min), guardOf({"a"})).state, State::Done);
    advance(5min);
    publish("a", "1");
    turns();
    EXPECT_EQ(line->events(), Texts{"1"});
    EXPECT_EQ(toldOf(*line), 1U);
    advance(4min);
    EXPECT_EQ(toldOf(*line), 2U);
    advance(1min);
    EXPECT_TRUE(line->isClosed);
}

TEST_F(EndingInLoop, endsWithTheFirstOfTheTokensThatGaveItsChannels) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    turns();
    auto other = admission("ann", 3min);
    other->tokenId = "ann-2";
    EXPECT_EQ(change(*line, std::move(other), guardOf({"b"}), {"b"}).state, State::Done);
    publish("b", "1");
    turns();
    EXPECT_EQ(line->events(), Texts{"1"});
    advance(3min);
    EXPECT_TRUE(line->isClosed);
}

TEST_F(EndingInLoop, isDismissedWithAnyOfTheTokensThatGaveItsChannels) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    turns();
    auto other = admission("ann", 10min);
    other->tokenId = "ann-2";
    EXPECT_EQ(change(*line, std::move(other), guardOf({"b"}), {"b"}).state, State::Done);
    loop().dismiss({"", "ann-2", clock.wallMs()});
    turns();
    EXPECT_TRUE(line->isClosed);
    EXPECT_EQ(closedFor(CloseReason::Revoked), 1U);
}

TEST_F(EndingInLoop, isChangedByItsOwnSourceOfTokensOnly) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    turns();
    auto other = admission("ann", 10min);
    other->source = 7;
    EXPECT_EQ(change(*line, std::move(other), guardOf({"b"}), {"b"}).state, State::NotYours);
}

TEST_F(EndingInLoop, takesNoTokenOfSomebodyElseNorOneThatMayLess) {
    const auto line = openAs("ann", 10min, spec({"a", "b"}));
    turns();
    EXPECT_EQ(renew(*line, admission("eve", 20min), guardOf({"a", "b"})).state, State::NotYours);
    const ChangeOutcome less = renew(*line, admission("ann", 20min), guardOf({"a"}));
    EXPECT_EQ(less.state, State::NotAllowed);
    EXPECT_EQ(less.channels, Texts{"b"});
    const auto open = this->open("a");
    turns();
    EXPECT_EQ(renew(*open, admission("ann", 20min), guardOf({"a"})).state, State::NotYours);
    advance(10min);
    EXPECT_TRUE(line->isClosed);
}

TEST_F(EndingInLoop, narrowsPatternsToWhatAFreshTokenMay) {
    SubscriptionSpec wanted = spec({"t/{x}"});
    wanted.guard = guardOf({"t/a", "t/b"});
    const auto line = openAs("ann", 10min, wanted);
    turns();
    publish("t/a", "1");
    publish("t/b", "2");
    publish("t/c", "3");
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "2"}));
    EXPECT_EQ(renew(*line, admission("ann", 10min), guardOf({"t/b", "t/c"})).state, State::Done);
    publish("t/a", "4");
    publish("t/b", "5");
    publish("t/c", "6");
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "2", "5", "6"}));
}

TEST_F(EndingInLoop, guardsPatternsAlsoOfWhatWasThereBefore) {
    publish("t/a", "1");
    publish("t/b", "2");
    SubscriptionSpec wanted = spec({"t/{x}"});
    wanted.guard = guardOf({"t/a"});
    ResumeRequest earliest;
    earliest.start.kind = Start::Kind::Earliest;
    const auto line = open(wanted, earliest);
    const auto all = open(spec({"t/{x}"}), earliest);
    turns();
    EXPECT_EQ(line->events(), Texts{"1"});
    EXPECT_EQ(all->events(), (Texts{"1", "2"}));
    publish("t/b", "3");
    publish("t/a", "4");
    turns();
    EXPECT_EQ(line->events(), (Texts{"1", "4"}));
    EXPECT_EQ(all->events(), (Texts{"1", "2", "3", "4"}));
    EXPECT_EQ(counts().subscriptions, 2U);
}

TEST_F(EndingInLoop, endsWhomItIsToldToAtOnce) {
    const auto ann = openAs("ann", 10min, spec({"a"}));
    const auto bob = openAs("bob", 10min, spec({"a"}));
    const auto anybody = open("a");
    turns();
    loop().dismiss({"ann", "", clock.wallMs()});
    turns();
    EXPECT_TRUE(ann->isClosed);
    EXPECT_FALSE(bob->isClosed);
    loop().dismiss({"", "bob-1", clock.wallMs()});
    turns();
    EXPECT_TRUE(bob->isClosed);
    EXPECT_FALSE(anybody->isClosed);
    EXPECT_EQ(closedFor(CloseReason::Revoked), 2U);
}

TEST_F(EndingInLoop, letsNobodyInWhoWasOnHisWay) {
    turns();
    loop().dismiss({"ann", "", clock.wallMs()});
    turns();
    const auto before = openAs("ann", 10min, spec({"a"}));
    turns();
    EXPECT_TRUE(before->isClosed);
    clock.advance(1s);
    const auto after = openAs("ann", 10min, spec({"a"}));
    turns();
    EXPECT_FALSE(after->isClosed) << "it was issued later";
}

TEST_F(EndingInLoop, endsStragglersThatWereDismissed) {
    const auto line = openAs("ann", 10min, spec({"a"}));
    turns();
    line->allow(3);
    publish("a", "1");
    turns();
    loop().dismiss({"ann", "", clock.wallMs()});
    turns();
    EXPECT_TRUE(line->isClosed);
}

}  // namespace
}  // namespace sluice::test
