#include <gtest/gtest.h>

#include "mapping/Mapper.h"

namespace sluice {
namespace {

struct Rule {
    std::string from, channel, event, key;
};

/// A mapper of one input with these rules, and what it made.
class MapperTest : public testing::Test {
  protected:
    void rules(const std::vector<Rule>& rules, std::size_t payloadBytesMax = 1'000) {
        MappingOptions options;
        options.payloadBytesMax = payloadBytesMax;
        for (const Rule& rule : rules)
            options.rules.push_back(
                {"in", rule.from, rule.channel, rule.event, rule.key, {"a.yaml", 7, 5}});
        const std::vector<MappingInput> inputs{{"in", '.'}};
        std::vector<MappingError> errors;
        auto table = MappingTable::compile(options, inputs, errors);
        ASSERT_TRUE(table) << errors.front().message;
        mapper.emplace(std::move(table), "in");
    }

    void map(std::string_view topic, std::optional<std::string_view> payload,
             std::optional<std::string_view> key = std::nullopt) {
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.key = key;
        mapper->map(message, batch, outcome);
    }

    /// The events as "channel|key|lines".
    std::vector<std::string> events() const {
        std::vector<std::string> all;
        for (const EventBatch::Message& message : batch.messages())
            for (const EventBatch::Event& event : batch.events(message)) {
                const std::string_view bytes = batch.bytes(event);
                std::string text{batch.channel(event.channelsBegin)};
                text += "|" + std::string{bytes.substr(0, event.keyLength)};
                all.push_back(text + "|" + std::string{bytes.substr(event.keyLength)});
            }
        return all;
    }

    std::uint64_t rejected(Rejection reason) const {
        return outcome.rejected[static_cast<std::size_t>(reason)];
    }

    std::optional<Mapper> mapper;
    EventBatch batch;
    MapOutcome outcome;
};

using Strings = std::vector<std::string>;

TEST_F(MapperTest, appliesEveryMatchingRuleInFileOrder) {
    rules({{"orders.{r}", "o/{r}", "order", ""}, {"{x**}", "all", "", ""}, {"b", "b", "", ""}});
    map("orders.eu", "1", "k");
    EXPECT_EQ(events(), (Strings{"o/eu|k|event: order\ndata: 1\n", "all|k|data: 1\n"}));
    EXPECT_EQ(outcome.mapped, 1u);
    EXPECT_EQ(outcome.eventsByRule, (std::vector<std::uint64_t>{1, 1, 0}));
}

TEST_F(MapperTest, takesThePayloadAsItIs) {
    rules({{"t", "c", "", ""}});
    map("t", "{ \"a\" :1}");
    EXPECT_EQ(events(), Strings{"c||data: { \"a\" :1}\n"});
}

TEST_F(MapperTest, rendersKeyAndEventOfEachMessage) {
    rules({{"{x}", "c/{key}", "{x}-{key}", "{topic}:{key}"}});
    map("t", "1", "a");
    map("t", "2", "b");
    EXPECT_EQ(events(),
              (Strings{"c/a|t:a|event: t-a\ndata: 1\n", "c/b|t:b|event: t-b\ndata: 2\n"}));
}

TEST_F(MapperTest, aTombstoneIsADeleteUnlessTheRuleNamesAnEvent) {
    rules({{"t", "c", "", ""}, {"t", "d", "gone", "x{key}"}});
    map("t", std::nullopt, "k\"1");
    EXPECT_EQ(events(), (Strings{"c|k\"1|event: delete\ndata: {\"key\":\"k\\\"1\"}\n",
                                 "d|xk\"1|event: gone\ndata: {\"key\":\"xk\\\"1\"}\n"}));
}

TEST_F(MapperTest, aTombstoneWithoutKeySaysNull) {
    rules({{"t", "c", "", ""}});
    map("t", std::nullopt);
    EXPECT_EQ(events(), Strings{"c||event: delete\ndata: {\"key\":null}\n"});
}

TEST_F(MapperTest, countsWhatNoRuleTakesAndNamesTheNearestRuleOnce) {
    rules({{"orders.{r}", "o", "", ""}, {"users", "u", "", ""}});
    map("order.eu", "1");
    map("order.us", "1");
    EXPECT_EQ(outcome.unmatched, 2u);
    EXPECT_EQ(batch.messages().size(), 2u);  // W must advance over them all the same
    ASSERT_EQ(outcome.notes.size(), 1u);
    EXPECT_EQ(outcome.notes[0],
              "no mapping takes topic 'order.eu'; the nearest one takes 'orders.{r}' "
              "(a.yaml:7:5)");
}

TEST_F(MapperTest, rejectsByReasonAndNotesTheFirstOfEach) {
    rules({{"{t}", "c/{t}", "{headers.kind}", ""}});
    map("a", "1");
    map("a", "1");
    EXPECT_EQ(rejected(Rejection::NoValue), 2u);
    ASSERT_EQ(outcome.notes.size(), 1u);
    EXPECT_EQ(outcome.notes[0],
              "rejected{no-value}: topic 'a', mapping '{t}' (a.yaml:7:5): "
              "event: headers.kind has no value");
}

TEST_F(MapperTest, rejectsAPayloadThatIsNotUtf8WithAHint) {
    rules({{"t", "c", "", ""}});
    map("t", "\xff\xfe");
    EXPECT_EQ(rejected(Rejection::NotUtf8), 1u);
    EXPECT_NE(outcome.notes[0].find("format: raw"), std::string::npos);
}

TEST_F(MapperTest, rejectsAPayloadBeyondTheLimit) {
    rules({{"t", "c", "", ""}}, 4);
    map("t", "1234");
    map("t", "12345");
    EXPECT_EQ(outcome.mapped, 1u);
    EXPECT_EQ(rejected(Rejection::TooLarge), 1u);
}

TEST_F(MapperTest, rejectsChannelsAndEventsThatCannotBe) {
    rules({{"t", "c/{key}", "", ""}, {"u", "c", "{key}", ""}});
    map("t", "1", std::string(300, 'x'));
    map("u", "1", "a\nb");
    EXPECT_EQ(rejected(Rejection::BadChannel), 1u);
    EXPECT_EQ(rejected(Rejection::BadEvent), 1u);
}

TEST_F(MapperTest, aMessageThatYieldedAnEventIsMappedThoughARuleFailed) {
    rules({{"t", "c/{key}", "", ""}, {"t", "d", "", ""}});
    map("t", "1");
    EXPECT_EQ(events(), Strings{"d||data: 1\n"});
    EXPECT_EQ(outcome.mapped, 1u);
    EXPECT_EQ(rejected(Rejection::NoValue), 0u);
    EXPECT_EQ(outcome.rejectedEvents[static_cast<std::size_t>(Rejection::NoValue)], 1u);
}

TEST_F(MapperTest, forgetsTopicsBeyondItsBoundAndMapsOn) {
    rules({{"{t}", "{topic}", "", ""}});
    for (std::size_t i = 0; i <= Mapper::kTopicsMax + 1; ++i) {
        batch.clear();
        const std::string topic = "t" + std::to_string(i);
        map(topic, "1");
        ASSERT_EQ(events(), Strings{topic + "||data: 1\n"});
    }
}

}  // namespace
}  // namespace sluice
