#include "MapperFixture.h"

namespace sluice {
namespace {

class OnErrorTest : public MappingTest {
  protected:
    MappingRule rule(OnError::Kind kind, std::string target = {}) {
        MappingRule made = ruleOf();
        made.when = "payload.amount > 0";
        made.event = "order";
        made.onError = {kind, std::move(target)};
        return made;
    }
};

TEST_F(OnErrorTest, dropsByDefault) {
    use({rule(OnError::Kind::Drop)});
    map("no json");
    EXPECT_EQ(events(), Strings{});
    EXPECT_EQ(fate(), "rejected{not-json}");
}

TEST_F(OnErrorTest, passesThePayloadAsItIs) {
    MappingRule passing = rule(OnError::Kind::Pass);
    passing.data = fields({{"a", "{payload.a}"}});
    passing.key = "{payload.id}";
    use({passing});
    map("no json", "k");
    EXPECT_EQ(events(), Strings{"c|k|event: order\ndata: no json\n"});
    EXPECT_EQ(fate(), "mapped");
    EXPECT_EQ(rejectedEvents(Rejection::NotJson), 1u);
    EXPECT_EQ(outcome.eventsByRule, std::vector<std::uint64_t>{1});
    map(R"({"id":"i"})", "k");
    EXPECT_EQ(events(), Strings{"c|i|event: order\ndata: {\"id\":\"i\"}\n"});
}

TEST_F(OnErrorTest, cannotPassWhatHasNoChannel) {
    MappingRule passing = rule(OnError::Kind::Pass);
    passing.channel = "c/{payload.x}";
    use({passing});
    map("no json");
    EXPECT_EQ(fate(), "rejected{not-json}");
}

TEST_F(OnErrorTest, keepsDeadLettersInAChannel) {
    use({rule(OnError::Kind::ToChannel, "dead/{topic}")});
    Message message;
    message.topic = "t";
    message.key = "k";
    message.payload = "no \"json\"";
    message.lane = 1;
    message.laneOfFamily = 3;
    message.position = {42, 0};
    message.timeMs = 1'500;
    map(message);
    EXPECT_EQ(
        events(),
        Strings{R"(dead/t|k|data: {"reason":"not-json","text":"the payload is no JSON: it is )"
                R"(no JSON text","mapping":1,"input":"in","topic":"t","partition":3,)"
                R"("offset":42,"key":"k","time":"1970-01-01T00:00:01.5Z",)"
                R"("payload":"no \"json\""})"
                "\n"});
    EXPECT_EQ(fate(), "rejected{not-json}");
    EXPECT_EQ(outcome.deadLetters, 1u);
    EXPECT_EQ(outcome.eventsByRule, std::vector<std::uint64_t>{0});
}

TEST_F(OnErrorTest, aDeadLetterHasAPlaceAmongTheEventsOfItsMessage) {
    use({rule(OnError::Kind::ToChannel, "dead"), ruleOf("t", "d")});
    map("{}");
    ASSERT_EQ(events().size(), 2u);
    EXPECT_EQ(events()[0].substr(0, 4), "dead");
    EXPECT_EQ(events()[1], "d||data: {}\n");
    EXPECT_EQ(fate(), "mapped");
}

TEST_F(OnErrorTest, keepsDeadLettersForAFile) {
    use({rule(OnError::Kind::ToFile, "lost.ndjson")});
    map("\xff");
    ASSERT_EQ(outcome.letters.size(), 1u);
    EXPECT_EQ(outcome.letters[0].file, "lost.ndjson");
    EXPECT_NE(outcome.letters[0].line.find(R"("payloadBase64":"/w=="})"), std::string::npos);
    EXPECT_EQ(events(), Strings{});
    map("a\nb");
    EXPECT_EQ(outcome.letters.at(0).line.find('\n'), std::string::npos);
}

TEST_F(OnErrorTest, countsInTheBooksOncePerMessage) {
    use({rule(OnError::Kind::ToFile, "f"), rule(OnError::Kind::Drop)});
    map("{}");
    EXPECT_EQ(fate(), "rejected{no-value}");
    EXPECT_EQ(rejectedEvents(Rejection::NoValue), 2u);
    EXPECT_EQ(outcome.letters.size(), 1u);
}

TEST_F(OnErrorTest, aTooLargePayloadLeavesItsLength) {
    use({rule(OnError::Kind::ToFile, "f")}, PayloadFormat::Json, 10);
    map(std::string(11, 'x'));
    EXPECT_EQ(fate(), "rejected{too-large}");
    EXPECT_NE(outcome.letters.at(0).line.find(R"("payloadBytes":11})"), std::string::npos);
}

TEST_F(OnErrorTest, keepsOneSamplePerReason) {
    use({rule(OnError::Kind::Drop)});
    map("{}");
    ASSERT_EQ(outcome.samples.size(), 1u);
    EXPECT_EQ(outcome.samples[0].reason, Rejection::NoValue);
    EXPECT_EQ(outcome.samples[0].text, "when: payload.amount has no value");
    EXPECT_EQ(outcome.samples[0].mapping, 1u);
    EXPECT_EQ(outcome.samples[0].payload, "{}");
    map("{}");
    EXPECT_TRUE(outcome.samples.empty());
    const std::string large = "x" + std::string(400, '\xc3') + "\xa4" + "yz";
    std::string text = "\"";
    for (int i = 0; i < 300; ++i) text += "\xc3\xa4";
    map(text);
    ASSERT_EQ(outcome.samples.size(), 1u);
    EXPECT_EQ(outcome.samples[0].payload.size(), kSampleBytesMax - 1);
    EXPECT_EQ(outcome.samples[0].payloadBytes, text.size());
}

TEST_F(OnErrorTest, readsOtherFormats) {
    MappingRule made = ruleOf();
    use({made}, PayloadFormat::Raw);
    map("text");
    EXPECT_EQ(data(), "text");
    map("\xff");
    EXPECT_EQ(data(), "/w==");
    made.when = "payload.startsWith('x')";
    use({made}, PayloadFormat::Text);
    map("xy");
    EXPECT_EQ(data(), "xy");
    map("\xff");
    EXPECT_EQ(fate(), "rejected{not-utf8}");
    map(std::nullopt, "k");
    EXPECT_EQ(fate(), "mapped");
}

}  // namespace
}  // namespace sluice
