#include "LoopTest.h"

// Filters of subscribers in a loop: who gets what, and how often a filter looks.
namespace sluice::test {
namespace {

/// Takes what begins with a text, and counts.
class CountingFilter final : public EventFilter {
  public:
    explicit CountingFilter(std::string beginning) : beginning_{"data: " + std::move(beginning)} {}
    bool takes(const Subject& subject) const noexcept override {
        ++evaluations;
        if (!channel.empty() && subject.channel != channel) return false;
        return subject.dataLines.starts_with(beginning_);
    }

    mutable int evaluations = 0;
    std::string channel;  // if not empty, only events of this one

  private:
    const std::string beginning_;
};

class FilterInLoop : public LoopTest {
  protected:
    SubscriptionSpec filtered(std::vector<std::string> channels) {
        SubscriptionSpec made = spec(std::move(channels));
        made.filter = filter;
        return made;
    }
    std::shared_ptr<CountingFilter> filter = std::make_shared<CountingFilter>("yes");
};

TEST_F(FilterInLoop, sendsWhatTheFilterTakes) {
    const auto all = open("a"), some = open(filtered({"a"}));
    turns();
    for (const char* data : {"yes 1", "no 2", "yes 3"}) publish("a", data);
    turns();
    EXPECT_EQ(all->events(), (Texts{"yes 1", "no 2", "yes 3"}));
    EXPECT_EQ(some->events(), (Texts{"yes 1", "yes 3"}));
}

TEST_F(FilterInLoop, looksAtAnEventOnceForAllWhoHaveTheFilter) {
    std::vector<std::shared_ptr<Line>> lines;
    for (int i = 0; i < 100; ++i) {
        SubscriptionSpec wanted = filtered({"a"});
        if (i % 2 == 0) wanted.channels.push_back("c" + std::to_string(i % 20));
        wanted.envelope = i % 3 == 0;
        lines.push_back(open(wanted));
    }
    turns();
    EXPECT_GT(counts().subscriptions, 20u);
    for (int i = 0; i < 10; ++i) {
        publish("a", i % 2 == 0 ? "yes" : "no");
        turns(1);
    }
    turns();
    EXPECT_EQ(filter->evaluations, 10);
    for (const auto& line : lines) EXPECT_EQ(line->events().size(), 5u);
}

TEST_F(FilterInLoop, looksOnceAlsoForThoseWhoComeLater) {
    for (int i = 0; i < 100; ++i) publish("a", i % 10 == 0 ? "yes" : "no");
    ResumeRequest earliest;
    earliest.start.kind = Start::Kind::Earliest;
    const auto first = open(filtered({"a"}), earliest);
    turns();
    const auto second = open(filtered({"a"}), last(3));
    turns();
    EXPECT_EQ(first->events().size(), 10u);
    EXPECT_EQ(second->events().size(), 3u);
    EXPECT_EQ(filter->evaluations, 100);
}

TEST_F(FilterInLoop, takesAnEventOfTwoChannelsIfItTakesItOnOne) {
    filter->channel = "b";
    const auto line = open(filtered({"a", "b"}));
    turns();
    const std::string_view both[] = {"a", "b"};
    EventBatch batch;
    batch.beginMessage(kPlainLane, {});
    ASSERT_EQ(batch.addEvent(both, "", "", "yes"), EncodeError::None);
    hub.publish(batch);
    publish("a", "yes, elsewhere");
    turns();
    EXPECT_EQ(line->events(), Texts{"yes"});
}

TEST_F(FilterInLoop, keepsIdsMovingWhileNothingIsTaken) {
    const auto line = open(filtered({"a"}));
    turns();
    const std::string before = line->parsed().lastEventId();
    publish("a", "no");
    turns();
    EXPECT_EQ(line->parsed().lastEventId(), before);
    clock.advance(options.keepalive * 13 / 10);
    turns();
    const std::string after = line->parsed().lastEventId();
    EXPECT_NE(after, before) << "a position block";
    publish("a", "yes 1");
    turns();
    const auto resumed = open(filtered({"a"}), from(after));
    turns();
    EXPECT_EQ(resumed->events(), Texts{"yes 1"});
    EXPECT_EQ(filter->evaluations, 2) << "what the id covers is not looked at again";
}

}  // namespace
}  // namespace sluice::test
