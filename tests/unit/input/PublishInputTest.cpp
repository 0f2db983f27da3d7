#include <set>

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

    static std::shared_ptr<const MappingTable> table(std::vector<MappingRule> rules) {
        MappingOptions options;
        options.rules = std::move(rules);
        const std::vector<MappingInput> inputs{httpMappingInput()};
        std::vector<MappingError> errors;
        auto table = MappingTable::compile(options, inputs, errors);
        EXPECT_TRUE(table) << errors.front().message;
        return table;
    }
    static MappingRule rule(std::string from, std::string channel, std::string when) {
        MappingRule rule;
        rule.input = "http";
        rule.from = std::move(from);
        rule.channel = std::move(channel);
        rule.when = std::move(when);
        rule.event = "{event}";
        return rule;
    }
    /// "CHANNEL:EVENTS" of all channels that have some.
    std::string kept() const {
        std::set<std::string> kept;
        for (const ChannelSummary& channel : hub.channels("", 100))
            kept.insert(channel.name + ":" + std::to_string(channel.events));
        std::string text;
        for (const std::string& one : kept) text += (text.empty() ? "" : " ") + one;
        return text;
    }

    ManualClock clock;
    Hub hub{{}, clock};
    MappingsInForce mappings{table({}), hub};
    PublishInput input{hub, mappings, clock, policy()};
};

TEST_F(PublishInputTest, saysWhatFoundNoRoomForItsChannel) {
    HubOptions options;
    options.channelsMax = 1;
    Hub small{options, clock};
    MappingsInForce none{table({}), small};
    PublishInput narrow{small, none, clock, policy()};
    const std::vector<std::string_view> two{"chat/a", "chat/b"}, one{"chat/a"};
    const std::vector<PublishItem> items{{one, "e", "k", "1"}, {two, "e", "k", "2"}};
    const auto outcome = narrow.publish(items);
    EXPECT_EQ(outcome.state, State::NoRoom);
    EXPECT_EQ(outcome.reason.substr(0, 11), "1 of 2 even");
    EXPECT_EQ(small.counts().noRoomForChannel, 1u);
    EXPECT_EQ(small.counts().appended, 1u);
}

TEST_F(PublishInputTest, whatMappingsMakeTakesThePlaceOfTheEvent) {
    mappings.replace(table({rule("chat/{room}", "rooms/{room}", "payload.a > 1")}));
    EXPECT_EQ(publish("chat/x", "{\"a\":2}").state, State::Accepted);
    EXPECT_EQ(kept(), "rooms/x:1");
    const auto filtered = publish("chat/x", "{\"a\":1}");
    EXPECT_EQ(filtered.state, State::Accepted);
    EXPECT_EQ(filtered.id, "");
    EXPECT_EQ(kept(), "rooms/x:1");
    EXPECT_EQ(input.counts().received, 2u);
    EXPECT_EQ(input.counts().mapped, 1u);
    EXPECT_EQ(input.counts().filtered, 1u);
    EXPECT_EQ(mappings.eventsByRule(), std::vector<std::uint64_t>{1});
}

TEST_F(PublishInputTest, channelsThatNoMappingTakesGetTheEventAsItIs) {
    mappings.replace(table({rule("chat/mapped", "rooms/m", "true")}));
    const std::vector<std::string_view> channels{"chat/a", "chat/mapped", "chat/b"};
    const PublishItem item{channels, "e", "k", "1"};
    EXPECT_EQ(input.publish({&item, 1}).accepted, 1u);
    EXPECT_EQ(kept(), "chat/a:1 chat/b:1 rooms/m:1");
    EXPECT_EQ(input.counts().received, 2u);
    EXPECT_EQ(input.counts().mapped, 2u);
}

TEST_F(PublishInputTest, refusesWhatMappingsReject) {
    mappings.replace(table({rule("chat/{room}", "rooms/{room}", "payload.a > 1")}));
    const std::vector<std::string_view> other{"chat/y"}, channels{"chat/x"};
    const std::vector<PublishItem> items{{other, "e", "", "{\"a\":2}"}, {channels, "e", "", "{}"}};
    const auto outcome = input.publish(items);
    EXPECT_EQ(outcome.state, State::Rejected);
    EXPECT_EQ(outcome.item, 1u);
    EXPECT_EQ(outcome.reason, "the mappings of chat/x reject it: when: payload.a has no value");
    EXPECT_EQ(kept(), "");
    EXPECT_EQ(input.counts().rejected[static_cast<std::size_t>(Rejection::NoValue)], 1u);
}

TEST_F(PublishInputTest, acceptsWhatMappingsKeepAsDeadLetters) {
    MappingRule keeping = rule("chat/{room}", "rooms/{room}", "payload.a > 1");
    keeping.onError = {OnError::Kind::ToChannel, "dead"};
    mappings.replace(table({keeping}));
    EXPECT_EQ(publish("chat/x", "no json").state, State::Accepted);
    EXPECT_EQ(kept(), "dead:1");
    EXPECT_EQ(input.counts().deadLetters, 1u);
    EXPECT_EQ(input.samples().size(), 1u);
}

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
    EXPECT_FALSE(PublishInput(hub, mappings, clock, {}).mayFeed(pattern("chat/a")));
}

TEST_F(PublishInputTest, takesAnotherPolicyAndKnowsWhatItMayHaveFed) {
    const std::uint64_t version = mappings.version();
    PublishPolicy other = policy();
    other.channels = {pattern("news")};
    input.setPolicy(other);
    EXPECT_GT(mappings.version(), version);
    EXPECT_EQ(publish("news", "1").state, State::Accepted);
    EXPECT_EQ(publish("chat/a", "1").state, State::Rejected);
    EXPECT_TRUE(input.mayFeed(pattern("chat/a"))) << "its events are there still";
    input.setPolicy({});
    EXPECT_EQ(publish("news", "1").state, State::Closing);
    EXPECT_TRUE(input.enabled() && input.mayFeed(pattern("news")));
    EXPECT_FALSE(input.mayFeed(pattern("other")));
}

TEST_F(PublishInputTest, acceptsNothingOnceItIsClosed) {
    input.close();
    EXPECT_EQ(publish("chat/a", "1").state, State::Closing);
}

}  // namespace
}  // namespace sluice
