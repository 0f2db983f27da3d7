#include "MapperFixture.h"

namespace sluice {
namespace {

class RedactTest : public MappingTest {
  protected:
    MappingRule hiding(std::vector<std::string> paths) {
        MappingRule rule = ruleOf();
        rule.redact = std::move(paths);
        return rule;
    }
};

constexpr std::string_view kPayment =
    R"({"id":7, "card":{"number":"4242","exp" : "12/30"},"items":[{"n":"a","s":1.50},{"n":"b","s":2}]})";

TEST_F(RedactTest, hidesInThePayloadThatPasses) {
    use({hiding({"payload.card.number", "payload.items[*].s"})});
    map(kPayment);
    EXPECT_EQ(
        data(),
        R"({"id":7, "card":{"number":null,"exp" : "12/30"},"items":[{"n":"a","s":null},{"n":"b","s":null}]})");
}

TEST_F(RedactTest, hidesInWhatIsCopiedOrComputed) {
    MappingRule rule = hiding({"payload.card.number", "payload.items[*].s", "payload.id"});
    rule.data = fields({{"card", "{payload.card}"},
                        {"number", "{payload.card.number}"},
                        {"id", "{payload.id}"},
                        {"items", "{payload.items.filter(i, i.n == 'b')}"},
                        {"s", "{payload.items.map(i, i.s)}"},
                        {"exp", "{payload.card.exp}"},
                        {"whole", "{payload}"}});
    use({rule});
    map(kPayment);
    EXPECT_EQ(data(), R"({"card":{"number":null,"exp" : "12/30"},"number":null,"id":null,)"
                      R"("items":[{"n":"b","s":null}],"s":[null,null],"exp":"12/30",)"
                      R"("whole":{"id":null, "card":{"number":null,"exp" : "12/30"},)"
                      R"("items":[{"n":"a","s":null},{"n":"b","s":null}]}})");
}

TEST_F(RedactTest, leavesWhatDecidesAlone) {
    MappingRule rule = hiding({"payload.card.number", "payload.id"});
    rule.when = "payload.card.number.startsWith('42')";
    rule.key = "{payload.id}";
    use({rule});
    map(kPayment);
    EXPECT_EQ(fate(), "mapped");
    EXPECT_EQ(events().at(0).substr(0, 4), "c|7|");
}

TEST_F(RedactTest, sendsNothingThatCannotBeRedacted) {
    use({hiding({"payload.card"})});
    map(R"({"card":"4242")");
    EXPECT_EQ(fate(), "rejected{not-json}");
    MappingRule rule = hiding({"payload.card"});
    rule.onError.kind = OnError::Kind::Pass;
    use({rule});
    map(R"({"card":"4242")");
    EXPECT_EQ(fate(), "rejected{not-json}");
    ASSERT_EQ(outcome.samples.size(), 1u);
    EXPECT_EQ(outcome.samples[0].payload, "");
    EXPECT_EQ(outcome.samples[0].payloadBytes, 14u);
}

TEST_F(RedactTest, hidesInWhatIsKeptOfFailures) {
    MappingRule rule = hiding({"payload.card"});
    rule.when = "payload.missing";
    rule.onError = {OnError::Kind::ToFile, "f"};
    use({rule});
    map(R"({"card":"4242"})");
    ASSERT_EQ(outcome.letters.size(), 1u);
    EXPECT_EQ(outcome.letters[0].line.find("4242"), std::string::npos);
    EXPECT_EQ(outcome.samples.at(0).payload, R"({"card":null})");
}

TEST_F(RedactTest, doesNotTellHiddenValuesInErrors) {
    MappingRule rule = hiding({"payload.card"});
    rule.when = "int(payload.card) > 0";
    rule.onError = {OnError::Kind::ToFile, "f"};
    use({rule});
    map(R"({"card":"secret"})");
    EXPECT_EQ(fate(), "rejected{bad-value}");
    EXPECT_EQ(outcome.letters.at(0).line.find("secret"), std::string::npos);
    EXPECT_EQ(outcome.notes.at(0).find("secret"), std::string::npos);
    EXPECT_NE(outcome.notes.at(0).find("hidden"), std::string::npos);
}

TEST_F(RedactTest, doesNotTellHiddenValuesInNamesThatCannotBe) {
    MappingRule event = hiding({"payload.card"}), channel = event;
    event.event = "{payload.card}";
    channel.channel = "c/{payload.card}";
    for (MappingRule* const rule : {&event, &channel}) {
        rule->onError = {OnError::Kind::ToFile, "f"};
        use({*rule});
        map(R"({"card":"4242\n)" + std::string(300, '4') + R"("})");
        ASSERT_EQ(outcome.letters.size(), 1u);
        EXPECT_EQ(outcome.letters[0].line.find("4242"), std::string::npos);
        EXPECT_EQ(outcome.notes.at(0).find("4242"), std::string::npos);
        EXPECT_EQ(outcome.samples.at(0).text.find("4242"), std::string::npos);
    }
}

}  // namespace
}  // namespace sluice
