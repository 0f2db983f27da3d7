#include <gtest/gtest.h>

#include "ManualClock.h"
#include "event/EventId.h"
#include "input/PublishInput.h"

namespace sluice {
namespace {

using State = PublishInput::Outcome::State;

class PublishInputTest : public testing::Test {
  protected:
    PublishInput::Outcome publish(std::string_view channel, std::string_view data) {
        const std::vector<std::string_view> channels{channel};
        const PublishItem item{channels, "e", "k", data};
        return input.publish({&item, 1});
    }
    static PublishPolicy policy() {
        PublishPolicy policy;
        policy.enabled = true;
        policy.channels.push_back(*Pattern::parse("chat/{room}", '/', nullptr));
        policy.dataBytesMax = 10;
        return policy;
    }
    static Pattern pattern(std::string_view text) { return *Pattern::parse(text, '/', nullptr); }

    ManualClock clock;
    Hub hub{{}, clock};
    PublishInput input{hub, clock, policy()};
};

TEST_F(PublishInputTest, answersWithAFullIdOfTheLastEvent) {
    publish("chat/a", "1");
    const auto outcome = publish("chat/a", "2");
    EXPECT_EQ(outcome.state, State::Accepted);
    EXPECT_EQ(outcome.accepted, 1u);
    const auto id = parseEventId(outcome.id);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->epoch, hub.epoch());
    EXPECT_EQ(id->seq, 2u);
    EXPECT_TRUE(id->cut);
    EXPECT_EQ(hub.counts().appended, 2u);
}

TEST_F(PublishInputTest, publishesAllItemsOrNone) {
    const std::vector<std::string_view> good{"chat/a"}, bad{"chat/a,b"};
    const std::vector<PublishItem> items{{good, "", "", "1"}, {bad, "", "", "2"}};
    const auto outcome = input.publish(items);
    EXPECT_EQ(outcome.state, State::Rejected);
    EXPECT_EQ(outcome.item, 1u);
    EXPECT_FALSE(outcome.reason.empty());
    EXPECT_EQ(hub.counts().appended, 0u);
}

TEST_F(PublishInputTest, rejectsWhatThePolicyDoesNotAllow) {
    EXPECT_EQ(publish("news", "1").state, State::Rejected);
    EXPECT_EQ(publish("chat/a", "12345678901").state, State::Rejected);
    EXPECT_EQ(publish("chat/a", "\xff").state, State::Rejected);
    const InputCounts counts = input.counts();
    EXPECT_EQ(counts.received, 3u);
    EXPECT_EQ(counts.rejectedInAll(), 3u);
}

TEST_F(PublishInputTest, feedsOnlyWhatMayBePublishedTo) {
    EXPECT_TRUE(input.mayFeed(pattern("chat/a")));
    EXPECT_TRUE(input.mayFeed(pattern("{x}/a")));
    EXPECT_FALSE(input.mayFeed(pattern("news")));
    EXPECT_FALSE(PublishInput(hub, clock, {}).mayFeed(pattern("chat/a")));
}

TEST_F(PublishInputTest, acceptsNothingOnceItIsClosed) {
    input.close();
    EXPECT_EQ(publish("chat/a", "1").state, State::Closing);
}

}  // namespace
}  // namespace sluice
