#include <array>

#include "MapperFixture.h"

namespace sluice {
namespace {

class WhenTest : public MappingTest {
  protected:
    void useWhen(std::string when, std::string from = "t") {
        MappingRule rule = ruleOf(std::move(from));
        rule.when = std::move(when);
        use({rule});
    }
};

TEST_F(WhenTest, filtersByThePayload) {
    useWhen("payload.amount > 0 && payload.status != 'DRAFT'");
    map(R"({"amount":1,"status":"PAID"})");
    EXPECT_EQ(fate(), "mapped");
    map(R"({"amount":1,"status":"DRAFT"})");
    EXPECT_EQ(fate(), "filtered");
    EXPECT_EQ(outcome.notes, Strings{});
    EXPECT_EQ(batch.messages().size(), 1u);  // W advances over it all the same
}

TEST_F(WhenTest, rejectsWhereAValueIsMissing) {
    useWhen("payload.amuont > 0");
    map(R"({"amount":1})");
    EXPECT_EQ(fate(), "rejected{no-value}");
    EXPECT_EQ(outcome.notes, Strings{"rejected{no-value}: topic 't', mapping 't' (a.yaml:7:5): "
                                     "when: payload.amuont has no value"});
    map(R"({"amount":1})");
    EXPECT_EQ(outcome.notes, Strings{});
}

TEST_F(WhenTest, absorbsWhatIsMissingAsCelDoes) {
    useWhen("payload.a > 0 || payload.b == 1");
    map(R"({"b":1})");
    EXPECT_EQ(fate(), "mapped");
    map(R"({"b":2})");
    EXPECT_EQ(fate(), "rejected{no-value}");
    useWhen("has(payload.a) && payload.a > 0");
    map("{}");
    EXPECT_EQ(fate(), "filtered");
    useWhen("default(payload.a, 1) == 1");
    map("{}");
    EXPECT_EQ(fate(), "mapped");
}

TEST_F(WhenTest, rejectsWhatIsNeitherTrueNorFalse) {
    useWhen("payload.a");
    map(R"({"a":1})");
    EXPECT_EQ(fate(), "rejected{bad-value}");
    map(R"({"a":true})");
    EXPECT_EQ(fate(), "mapped");
}

TEST_F(WhenTest, rejectsWhatCannotBeComputed) {
    useWhen("payload.a > 1");
    map(R"({"a":"text"})");
    EXPECT_EQ(fate(), "rejected{bad-value}");
    EXPECT_NE(outcome.notes.at(0).find("when: payload.a > 1: "), std::string::npos);
}

TEST_F(WhenTest, rejectsAPayloadThatIsNoJsonEvenIfTheErrorIsAbsorbed) {
    for (const char* when : {"payload.a > 1", "default(payload.a, 1) == 1", "!has(payload.a)",
                             "true || payload.a", "payload.a || true"}) {
        useWhen(when);
        map("<xml/>");
        EXPECT_EQ(fate(),
                  std::string_view{when}.starts_with("true") ? "mapped" : "rejected{not-json}")
            << when;
    }
}

TEST_F(WhenTest, doesNotParseWhatItDoesNotLookAt) {
    const std::array<Message::Header, 1> headers{{{"kind", "order"}}};
    Message message;
    message.topic = "t";
    message.payload = "<xml/>";
    message.headers = headers;
    useWhen("headers.kind == 'refund' && payload.a > 1");
    map(message);
    EXPECT_EQ(fate(), "filtered");
    useWhen("headers.kind == 'order' || payload.a > 1");
    map(message);
    EXPECT_EQ(fate(), "mapped");
}

TEST_F(WhenTest, decidesOncePerTopicWhereOnlyTheTopicMatters) {
    useWhen("x in ['eu', 'us']", "orders.{x}");
    map("<xml/>", {}, "orders.eu");
    EXPECT_EQ(fate(), "mapped");
    map("<xml/>", {}, "orders.fr");
    EXPECT_EQ(fate(), "filtered");
    map("<xml/>", {}, "users");
    EXPECT_EQ(fate(), "unmatched");
}

TEST_F(WhenTest, everyRuleDecidesForItself) {
    MappingRule broken = ruleOf("t", "a"), small = ruleOf("t", "b"), large = ruleOf("t", "c");
    broken.when = "payload.x > 1";
    small.when = "payload.a < 10";
    large.when = "payload.a >= 10";
    use({broken, small, large});
    map(R"({"a":1})");
    EXPECT_EQ(events(), Strings{"b||data: {\"a\":1}\n"});
    EXPECT_EQ(fate(), "mapped");
    EXPECT_EQ(rejectedEvents(Rejection::NoValue), 1u);
    EXPECT_EQ(outcome.eventsByRule, (std::vector<std::uint64_t>{0, 1, 0}));
}

TEST_F(WhenTest, aTombstonePassesAFilterThatCannotJudgeIt) {
    useWhen("payload.amount > 0");
    map(std::nullopt, "k");
    EXPECT_EQ(events(), Strings{"c|k|event: delete\ndata: {\"key\":\"k\"}\n"});
    useWhen("payload != null && payload.amount > 0");
    map(std::nullopt, "k");
    EXPECT_EQ(fate(), "filtered");
    useWhen("payload == null");
    map(std::nullopt, "k");
    EXPECT_EQ(fate(), "mapped");
    useWhen("headers.x == 'y'");
    map(std::nullopt, "k");
    EXPECT_EQ(fate(), "rejected{no-value}");
}

TEST_F(WhenTest, whatATombstoneLacksComesFromTheMessage) {
    MappingRule rule = ruleOf();
    rule.event = "{payload.kind}";
    rule.key = "{payload.id}";
    rule.data = fields({{"id", "{payload.id}"}});
    use({rule});
    map(std::nullopt, "k");
    EXPECT_EQ(events(), Strings{"c|k|event: delete\ndata: {\"key\":\"k\"}\n"});
    rule.event = "gone";
    rule.data = fields({{"id", "{key}"}});
    use({rule});
    map(std::nullopt, "k");
    EXPECT_EQ(events(), Strings{"c|k|event: gone\ndata: {\"id\":\"k\"}\n"});
    rule.channel = "c/{payload.region}";
    use({rule});
    map(std::nullopt, "k");
    EXPECT_EQ(fate(), "rejected{no-value}");
}

}  // namespace
}  // namespace sluice
