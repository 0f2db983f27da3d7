#include "MapperFixture.h"
#include "mapping/MappingSample.h"

namespace sluice {
namespace {

using cel::Kind;

class SampleTest : public testing::Test {
  protected:
    void use(std::vector<MappingRule> rules) {
        MappingOptions options;
        options.payloadBytesMax = 100;
        options.rules = std::move(rules);
        std::vector<MappingError> errors;
        const std::vector<MappingInput> inputs{{"in", '.', PayloadFormat::Json, {}}};
        auto table = MappingTable::compile(options, inputs, errors);
        ASSERT_TRUE(table) << errors.front().message;
        sample.emplace(std::move(table), "in");
    }
    void useWhen(std::string when) {
        MappingRule rule = ruleOf();
        rule.when = std::move(when);
        use({rule});
    }

    void add(std::optional<std::string_view> payload, std::string_view topic = "t") {
        Message message;
        message.topic = topic;
        message.payload = payload;
        sample->add(message);
    }

    const MappingSample::OfRule& rule(std::size_t index = 0) { return sample->rules().at(index); }
    /// "OPERATION COUNT KIND", with "!" where it is always so.
    std::string mismatches() {
        std::string text;
        for (const auto& one : rule().mismatches())
            text += (text.empty() ? "" : ", ") + one.operation + " " + std::to_string(one.count) +
                    " " + std::string{cel::wordFor(one.kind)} + (one.isAlways ? "!" : "");
        return text;
    }

    std::optional<MappingSample> sample;
};

TEST_F(SampleTest, countsWhatBecameOfEachMessageByRule) {
    MappingRule first = ruleOf("orders.{region}", "c/{payload.id}"), pass = first;
    first.when = "payload.a > 0";
    pass.onError.kind = OnError::Kind::Pass;
    pass.channel = "d";
    pass.key = "{payload.id}";
    use({first, pass, ruleOf("other")});
    add(R"({"a":1,"id":1})", "orders.eu");
    add(R"({"a":0,"id":1})", "orders.eu");
    add(R"({"a":1})", "orders.eu");
    add(R"({})", "orders.eu");
    add("nonsense", "orders.eu");
    add("{}", "refunds");
    EXPECT_EQ(sample->messages(), 6u);
    EXPECT_EQ(sample->unmatched(), 1u);
    EXPECT_NE(sample->unmatchedNote().find("no mapping takes topic 'refunds'"), std::string::npos);
    EXPECT_EQ(rule().taken, 5u);
    EXPECT_EQ(rule().mapped, 1u);
    EXPECT_EQ(rule().filtered, 1u);
    EXPECT_EQ(rule().rejectedInAll(), 3u);
    const auto noValue = static_cast<std::size_t>(Rejection::NoValue);
    EXPECT_EQ(rule().rejected[noValue], 2u);
    ASSERT_TRUE(rule().samples[noValue]);
    EXPECT_EQ(rule().samples[noValue]->payload, R"({"a":1})");
    EXPECT_EQ(rule(1).passed, 3u);
    EXPECT_EQ(rule(2).taken, 0u);
    EXPECT_FALSE(rule().isHopeless());
    EXPECT_FALSE(rule(2).isHopeless());
}

TEST_F(SampleTest, countsWhatFieldsAre) {
    useWhen("payload.a == 1 && payload.b.c == 'x' && headers.h == 'x' && key == 'k'");
    add(R"({"a":1,"b":{"c":"x"}})");
    add(R"({"a":"1","b":2})");
    add("nonsense");
    add(std::nullopt);
    add(std::string(101, '1'));
    ASSERT_EQ(rule().fields.size(), 4u);
    EXPECT_EQ(rule().fields[0].name, "payload.a");
    EXPECT_EQ(rule().fields[0].of(Kind::Int), 1u);
    EXPECT_EQ(rule().fields[0].of(Kind::String), 1u);
    EXPECT_EQ(rule().fields[0].seen(), 2u);
    EXPECT_EQ(rule().fields[1].name, "payload.b.c");
    EXPECT_EQ(rule().fields[1].of(Kind::Error), 1u);
    EXPECT_EQ(rule().fields[2].name, "headers.h");
    EXPECT_EQ(rule().fields[3].name, "key");
    EXPECT_EQ(rule().fields[3].seen(), 0u);
}

TEST_F(SampleTest, findsWhatAFieldWasMeantToBe) {
    useWhen("payload.customer.nam == 'x' && payload.items[1].prize > 1 && payload.colour == ''");
    add(R"({"customer":{"name":"x"},"items":[0,{"price":1}]})");
    ASSERT_EQ(rule().fields.size(), 3u);
    EXPECT_EQ(rule().fields[0].similar, "payload.customer.name");
    EXPECT_EQ(rule().fields[1].similar, "payload.items[1].price");
    EXPECT_EQ(rule().fields[2].similar, "");
}

TEST_F(SampleTest, findsValuesOfAnotherTypeThanIsMeant) {
    useWhen("payload.a > 1");
    add(R"({"a":2})");
    add(R"({"a":2.5})");
    add(R"({"a":"2"})");
    add(R"({"a":null})");
    add(R"({"a":"3"})");
    add(R"({})");
    EXPECT_EQ(mismatches(), "payload.a > 1 3 string");
    EXPECT_FALSE(rule().isHopeless());
}

TEST_F(SampleTest, findsComparisonsThatNeverHold) {
    useWhen("payload.a == 1");
    add(R"({"a":"1"})");
    add(R"({"a":"1"})");
    EXPECT_EQ(mismatches(), "payload.a == 1 2 string!");
    EXPECT_EQ(rule().filtered, 2u);
    EXPECT_TRUE(rule().isHopeless());
}

TEST_F(SampleTest, takesNullForNothingWhereItIsCompared) {
    useWhen("payload.a == 1 || payload.b");
    add(R"({"a":null,"b":false})");
    add(R"({"a":null,"b":"no"})");
    EXPECT_EQ(mismatches(), "payload.b 1 string");
}

TEST_F(SampleTest, isNotHopelessWhereAnotherComparisonHolds) {
    useWhen("payload.a == 1 || payload.a == '1'");
    add(R"({"a":"1"})");
    EXPECT_EQ(mismatches(), "payload.a == 1 1 string!");
    EXPECT_FALSE(rule().isHopeless());
}

TEST_F(SampleTest, isHopelessWhereAllIsRejected) {
    useWhen("payload.amuont > 1");
    add(R"({"amount":1})");
    EXPECT_TRUE(rule().isHopeless());
    useWhen("payload.flag");
    add(R"({"flag":"yes"})");
    EXPECT_EQ(mismatches(), "payload.flag 1 string!");
    EXPECT_TRUE(rule().isHopeless());
}

TEST_F(SampleTest, keepsHiddenValuesHidden) {
    MappingRule rule = ruleOf("t", "c/{payload.id}");
    rule.redact = {"payload.card"};
    use({rule});
    add(R"({"card":"4111"})");
    const auto noValue = static_cast<std::size_t>(Rejection::NoValue);
    ASSERT_TRUE(sample->rules().at(0).samples[noValue]);
    EXPECT_EQ(sample->rules().at(0).samples[noValue]->payload, R"({"card":null})");
}

}  // namespace
}  // namespace sluice
