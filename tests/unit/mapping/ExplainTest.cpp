#include "MapperFixture.h"
#include "mapping/RuleAccount.h"

namespace sluice {
namespace {

using Fate = RuleAccount::Fate;

MappingRule ruleWhen(std::string when) {
    MappingRule rule = ruleOf();
    rule.when = std::move(when);
    return rule;
}

class ExplainTest : public MappingTest {
  protected:
    std::vector<RuleAccount> explain(std::optional<std::string_view> payload,
                                     std::string_view topic = "t") {
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.key = "k";
        return mapper->explain(message);
    }

    static std::string textOf(const std::vector<Reasoning::Part>& parts) {
        std::string text;
        for (const Reasoning::Part& part : parts) {
            text += (text.empty() ? "" : "; ") + part.text + " is " + part.value;
            for (const auto& [name, value] : part.variables)
                text += " {" + name + " = " + value + "}";
        }
        return text;
    }
};

TEST_F(ExplainTest, tellsWhichPartWasFalse) {
    use({ruleWhen("payload.a > 1 && payload.b != 'x'")});
    const auto accounts = explain(R"({"a":5,"b":"x"})");
    ASSERT_EQ(accounts.size(), 1u);
    EXPECT_EQ(accounts[0].fate, Fate::Filtered);
    EXPECT_EQ(accounts[0].when->value, "false");
    EXPECT_EQ(textOf(accounts[0].when->deciding), "payload.b != 'x' is false {payload.b = 'x'}");
}

TEST_F(ExplainTest, tellsWhatWasMissingAndDidNotMatter) {
    use({ruleWhen("payload.a || payload.b == 2 || payload.n + 'x' == 'y'")});
    const auto accounts = explain(R"({"b":2,"n":1})");
    ASSERT_EQ(accounts.size(), 1u);
    EXPECT_EQ(accounts[0].fate, Fate::Mapped);
    EXPECT_EQ(textOf(accounts[0].when->deciding), "payload.b == 2 is true {payload.b = 2}");
    EXPECT_EQ(textOf(accounts[0].when->absorbed), "payload.a is missing");
}

TEST_F(ExplainTest, tellsWhyARuleFailed) {
    use({ruleWhen("payload.a > 1")});
    const auto accounts = explain(R"({"b":2})");
    ASSERT_EQ(accounts.size(), 1u);
    EXPECT_EQ(accounts[0].fate, Fate::Rejected);
    EXPECT_EQ(accounts[0].reason, Rejection::NoValue);
    EXPECT_EQ(accounts[0].why, "when: payload.a has no value");
    EXPECT_TRUE(accounts[0].when->isError);
    EXPECT_EQ(textOf(accounts[0].when->deciding),
              "payload.a > 1 is an error: `payload.a` is missing {payload.a = missing}");
}

TEST_F(ExplainTest, doesNotReasonAboutWhatIsNoJson) {
    use({ruleWhen("payload.a > 1")});
    const auto accounts = explain("nonsense");
    ASSERT_EQ(accounts.size(), 1u);
    EXPECT_EQ(accounts[0].reason, Rejection::NotJson);
    EXPECT_FALSE(accounts[0].when);
}

TEST_F(ExplainTest, tellsOfRulesThatTheTopicAloneFilters) {
    MappingRule rule = ruleOf("orders.{region}", "c");
    rule.when = "region == 'us'";
    use({rule});
    const auto accounts = explain("{}", "orders.eu");
    ASSERT_EQ(accounts.size(), 1u);
    EXPECT_EQ(accounts[0].fate, Fate::Filtered);
    EXPECT_EQ(textOf(accounts[0].when->deciding), "region == 'us' is false {region = 'eu'}");
    ASSERT_EQ(accounts[0].captures.size(), 1u);
    EXPECT_EQ(accounts[0].captures[0].second, "eu");
}

TEST_F(ExplainTest, tellsWhatOnErrorMakesOfIt) {
    MappingRule pass = ruleOf("t", "c"), letter = ruleOf("t", "c"), file = ruleOf("t", "c");
    pass.key = letter.key = file.key = "{payload.id}";
    pass.onError.kind = OnError::Kind::Pass;
    letter.onError = {OnError::Kind::ToChannel, "dead"};
    file.onError = {OnError::Kind::ToFile, "dead.ndjson"};
    use({pass, letter, file});
    const auto accounts = explain("{}");
    ASSERT_EQ(accounts.size(), 3u);
    EXPECT_EQ(accounts[0].fate, Fate::Passed);
    EXPECT_EQ(accounts[0].events.at(0).lines, "data: {}\n");
    EXPECT_EQ(accounts[1].fate, Fate::Rejected);
    EXPECT_EQ(accounts[1].events.at(0).channel, "dead");
    EXPECT_EQ(accounts[2].fate, Fate::Rejected);
    EXPECT_EQ(accounts[2].letter->file, "dead.ndjson");
}

TEST_F(ExplainTest, tellsWhatWasLeftOutEachTime) {
    MappingRule rule = ruleOf();
    rule.data = fields({{"a", "{payload.a}"}, {"b", "{payload.b}"}});
    use({rule});
    for (int i = 0; i < 2; ++i) {
        const auto accounts = explain("{}");
        ASSERT_EQ(accounts.size(), 1u);
        EXPECT_EQ(accounts[0].leftOut, 2u);
        EXPECT_EQ(accounts[0].firstLeftOut, "data: payload.a has no value");
    }
    EXPECT_EQ(explain("nonsense").at(0).leftOut, 0u);
}

TEST_F(ExplainTest, isEmptyWhereNoRuleTakesTheTopic) {
    use({ruleOf()});
    EXPECT_TRUE(explain("{}", "other").empty());
}

/// It is the mapper that explains: the events are those of `map`.
TEST_F(ExplainTest, givesTheEventsThatMapGives) {
    MappingRule projected = ruleOf("t", "c/{payload.id}"), letter = ruleOf("t", "d/{payload.id}"),
                redacted = ruleOf(), passed = ruleOf();
    projected.data = fields({{"a", "{payload.a}"}, {"id", "{payload.id}"}});
    projected.when = "payload.a != 0";
    letter.onError = {OnError::Kind::ToChannel, "dead"};
    redacted.redact = {"payload.a"};
    passed.event = "{payload.b}";
    passed.onError.kind = OnError::Kind::Pass;
    use({projected, letter, redacted, passed}, PayloadFormat::Json, 40);
    const std::string long_(41, '1');
    const std::vector<std::optional<std::string_view>> payloads{
        R"({"id":"i","a":1})", R"({"id":"i","a":0,"b":"e"})", R"({"a":1})", "nonsense", "\xff",
        std::nullopt,          "{\"id\":\"i\",\n\"a\":null}", "7",          long_};
    for (const auto& payload : payloads) {
        SCOPED_TRACE(payload.value_or("a tombstone"));
        map(payload, "k");
        std::vector<std::string> explained;
        for (const RuleAccount& account : explain(payload))
            for (const MadeEvent& event : account.events)
                explained.push_back(event.channel + "|" + event.key + "|" + event.lines);
        EXPECT_EQ(explained, events());
    }
}

}  // namespace
}  // namespace sluice
