#include <array>
#include <stdexcept>

#include <gtest/gtest.h>

#include "mapping/Template.h"

namespace sluice {
namespace {

Pattern from(std::string_view text) {
    return *Pattern::parse(text, '.', nullptr);
}

/// A template of a rule with this `from`, and what it makes of messages.
struct Parsed {
    Parsed(std::string_view text, std::string_view pattern, Template::Use use = Template::Use::Text,
           MappingInput input = {"in", '.', {}, {}})
        : takes{from(pattern)}, of{std::move(input)}, scope{takes, of, paths} {
        made = Template::parse(text, scope, use, problems);
    }

    /// The text for a message, or "REASON TEXT".
    std::string operator()(const Message& message) {
        Pattern::Captures captures;
        if (!takes.match(message.topic, captures)) return "no match";
        std::vector<SlotId> slots;
        for (SlotId slot = 0; slot < paths.size(); ++slot) slots.push_back(slot);
        const PathTree tree{paths, slots};
        values.begin(message, of.format, tree);
        values.enter(scope.references(), captures);
        std::string out;
        cel::Arena arena;
        const auto failure = made.value().render(values, arena, out);
        return failure ? std::string{nameOf(failure->reason)} + " " + failure->text() : out;
    }

    const Pattern takes;
    const MappingInput of;
    Paths paths;
    RuleScope scope;
    std::vector<cel::Problem> problems;
    std::optional<Template> made;
    MessageValues values;
};

std::string rendered(std::string_view text, std::string_view pattern, const Message& message,
                     Template::Use use = Template::Use::Text) {
    Parsed parsed{text, pattern, use};
    if (!parsed.made) return parsed.problems.front().message;
    return parsed(message);
}

std::string channelOf(std::string_view key) {
    Message message;
    message.topic = "t";
    message.key = key;
    return rendered("c/{key}", "t", message, Template::Use::Channel);
}

/// Of a JSON payload.
std::string inside(std::string_view text, std::string_view payload,
                   Template::Use use = Template::Use::Text) {
    Message message;
    message.topic = "t";
    message.payload = payload;
    return rendered(text, "t", message, use);
}

/// OFFSET+LENGTH CODE of all problems, warnings in brackets.
std::string problemsOf(std::string_view text, std::string_view pattern = "orders.{region}",
                       Template::Use use = Template::Use::Text) {
    const Parsed parsed{text, pattern, use};
    std::string all;
    bool failed = false;
    for (const cel::Problem& problem : parsed.problems) {
        EXPECT_FALSE(problem.message.empty()) << text;
        failed = failed || !problem.isWarning;
        std::string one = std::to_string(problem.offset) + "+" + std::to_string(problem.length) +
                          " " + problem.code;
        if (problem.isWarning) one = "[" + one + "]";
        all += (all.empty() ? "" : ", ") + one;
    }
    EXPECT_EQ(parsed.made.has_value(), !failed) << text;
    return all;
}

TEST(Template, insertsCapturesAndMetadata) {
    const std::array<Message::Header, 2> headers{{{"tenant", "acme"}, {"x-id", "7"}}};
    const std::array<Message::Variable, 1> variables{{{"qos", "1"}}};
    Message message;
    message.topic = "orders.eu";
    message.lane = 1;
    message.laneOfFamily = 3;
    message.position = {42, 0};
    message.key = "k1";
    message.timeMs = 1'500;
    message.headers = headers;
    message.variables = variables;
    EXPECT_EQ(rendered("{region}-{topic}-{key}", "orders.{region}", message), "eu-orders.eu-k1");
    EXPECT_EQ(rendered("{partition}/{offset}/{time}", "orders.{region}", message),
              "3/42/1970-01-01T00:00:01.5Z");
    EXPECT_EQ(rendered("{headers.tenant}{headers['x-id']}{ qos }", "orders.{region}", message),
              "acme71");
}

TEST(Template, offsetOfTwoWordsIsWrittenAsTheSourceDoes) {
    Message message;
    message.topic = "t";
    message.lane = 1;
    message.words = Words::Two;
    message.position = {1'700, 2};
    EXPECT_EQ(rendered("{offset}", "t", message), "1700-2");
}

TEST(Template, namesTheValueThatIsMissing) {
    const std::array<Message::Header, 1> headers{{{"tenant", std::nullopt}}};
    Message message;
    message.topic = "t";
    message.headers = headers;
    EXPECT_EQ(rendered("a{key}", "t", message), "no-value key has no value");
    EXPECT_EQ(rendered("{headers.tenant}", "t", message), "no-value headers.tenant has no value");
    EXPECT_EQ(rendered("{offset}", "t", message), "no-value offset has no value");
    EXPECT_EQ(rendered("{time}", "t", message), "no-value time has no value");
    EXPECT_EQ(rendered("{qos}", "t", message), "no-value qos has no value");
}

TEST(Template, theLastOfSeveralHeadersCounts) {
    const std::array<Message::Header, 2> headers{{{"a", "1"}, {"a", "2"}}};
    Message message;
    message.topic = "t";
    message.headers = headers;
    EXPECT_EQ(rendered("{headers.a}", "t", message), "2");
}

TEST(Template, doubledBracesAreText) {
    Message message;
    message.topic = "t";
    EXPECT_EQ(rendered("{{{topic}}}", "t", message), "{t}");
}

TEST(Template, encodesWhatAMessageInsertsInAChannel) {
    EXPECT_EQ(channelOf("plain"), "c/plain");
    EXPECT_EQ(channelOf("a/b"), "c/a%2Fb");
    EXPECT_EQ(channelOf("../x"), "c/%2E%2E%2Fx");
    EXPECT_EQ(channelOf("a,b?c#d%e"), "c/a%2Cb%3Fc%23d%25e");
    EXPECT_EQ(channelOf("\n\x7f"), "c/%0A%7F");
    EXPECT_EQ(channelOf("\xc2\x85\xc3\xa4"), "c/%C2%85\xc3\xa4");
}

TEST(Template, topicAndRestKeepTheirSlashes) {
    Message message;
    message.topic = "a/b,c";
    EXPECT_EQ(rendered("{topic}", "{x**}", message, Template::Use::Channel), "a/b%2Cc");
    EXPECT_EQ(rendered("r/{x**}", "{x**}", message, Template::Use::Channel), "r/a/b%2Cc");
    EXPECT_EQ(rendered("r/{x}", "{x}", message, Template::Use::Channel), "r/a%2Fb%2Cc");
}

TEST(Template, errorsSayWhere) {
    EXPECT_EQ(problemsOf("a{topic"), "1+1 template");
    EXPECT_EQ(problemsOf("ab}c"), "2+1 template");
    EXPECT_EQ(problemsOf("x{regoin}"), "2+6 unknown-name");
    EXPECT_EQ(problemsOf("x{region**}"), "2+8 template");
    EXPECT_EQ(problemsOf("x{nothing**}"), "2+9 template");
    EXPECT_EQ(problemsOf("x{}"), "1+2 template");
    EXPECT_EQ(problemsOf("{ }"), "0+3 template");
    EXPECT_EQ(problemsOf("x{ region + }").substr(0, 3), "11+");
    EXPECT_EQ(problemsOf("x{region > 1}").substr(0, 2), "9+");
}

TEST(Template, tellsAllProblemsAtOnce) {
    EXPECT_EQ(problemsOf("{regoin}}{tpoic}"), "1+6 unknown-name, 8+1 template, 10+5 unknown-name");
}

TEST(Template, aChannelBeginsWithWhatItsSenderCannotChoose) {
    using Use = Template::Use;
    EXPECT_EQ(problemsOf("{key}/a", "t", Use::Channel), "0+7 template");
    EXPECT_EQ(problemsOf("{payload.a}/a", "t", Use::Channel), "0+13 template");
    EXPECT_EQ(problemsOf("{topic + key}/a", "t", Use::Channel), "0+15 template");
    EXPECT_EQ(problemsOf("", "t", Use::Channel), "0+0 template");
    EXPECT_EQ(problemsOf("a,b", "t", Use::Channel), "0+3 template");
    EXPECT_EQ(problemsOf("sluice.at", "t", Use::Channel), "0+9 template");
    EXPECT_EQ(problemsOf("{x}/{key}", "t.{x}", Use::Channel), "");
    EXPECT_EQ(problemsOf("{x.lowerAscii()}/{payload.a}", "t.{x}", Use::Channel), "");
}

TEST(Template, warnsWhereThePayloadChoosesAmongChannelsThatBeginAlike) {
    using Use = Template::Use;
    EXPECT_EQ(problemsOf("orders-{payload.a}", "t", Use::Channel), "[0+18 free-channel]");
    EXPECT_EQ(problemsOf("{topic}{payload.a}/x", "t", Use::Channel), "[0+20 free-channel]");
    EXPECT_EQ(problemsOf("orders/{payload.a}", "t", Use::Channel), "");
    EXPECT_EQ(problemsOf("orders-{payload.a}", "t", Use::Text), "");
}

TEST(Template, aChannelCannotBeginWithNothing) {
    Message message;
    message.topic = "t.x";
    message.key = "chosen";
    EXPECT_EQ(rendered("{topic.substring(3)}{key}", "t.{x}", message, Template::Use::Channel),
              "bad-channel no channel can be named ''");
}

TEST(Template, knowsWhetherTheTopicDecides) {
    const auto fixed = [](std::string_view text) {
        return Parsed{text, "orders.{region}"}.made.value().fixedByTopic();
    };
    EXPECT_TRUE(fixed("o/{region}/{topic}"));
    EXPECT_TRUE(fixed("o/{region.upperAscii() + topic}"));
    EXPECT_FALSE(fixed("o/{key}"));
    EXPECT_FALSE(fixed("o/{region}{payload.a}"));
    EXPECT_EQ(Parsed("o/x", "t").made->literal(), "o/x");
    EXPECT_EQ(Parsed("", "t").made->literal(), "");
    EXPECT_FALSE(Parsed("{topic}", "t").made->literal());
}

TEST(Template, insertsWhatExpressionsGive) {
    EXPECT_EQ(inside("{payload.a}-{payload.b.c.lowerAscii()}", R"({"a":1.50,"b":{"c":"XY"}})"),
              "1.50-xy");
    EXPECT_EQ(inside("{payload.a + 1}", R"({"a":1})"), "2");
    EXPECT_EQ(inside("{payload.a}{payload.b}", R"({"a":true,"b":12345678901234567890})"),
              "true12345678901234567890");
    EXPECT_EQ(inside("{payload.a > 1 ? 'big' : 'small'}", R"({"a":1})"), "small");
}

TEST(Template, bracesAndQuotesInsideAnExpressionAreItsOwn) {
    EXPECT_EQ(inside("a{'}{'}b", "{}"), "a}{b");
    EXPECT_EQ(inside(R"(a{"'}"}b)", "{}"), "a'}b");
    EXPECT_EQ(inside(R"({'\'}'})", "{}"), "'}");
    EXPECT_EQ(inside(R"({r'\'})", "{}"), R"(\)");
    EXPECT_EQ(inside("{ {'a': 'b'}.a }", "{}"), "b");
    EXPECT_EQ(inside(R"({"""a"}"""}x)", "{}"), R"(a"}x)");
    EXPECT_EQ(inside("{{{'x'}}}", "{}"), "{x}");
}

TEST(Template, whatHasNoTextIsAFailure) {
    EXPECT_EQ(inside("{payload.a}", "{}"), "no-value payload.a has no value");
    EXPECT_EQ(inside("{payload.a}", R"({"a":null})"),
              "no-value payload.a: it is null, which has no text");
    EXPECT_EQ(inside("{payload.a}", R"({"a":[1]})").substr(0, 20), "bad-value payload.a:");
    EXPECT_EQ(inside("{1 / payload.a}", R"({"a":0})").substr(0, 9), "bad-value");
}

TEST(Template, valuesOfThePayloadAreEncodedInChannels) {
    EXPECT_EQ(inside("c/{payload.a}", R"({"a":"x/y"})", Template::Use::Channel), "c/x%2Fy");
    EXPECT_EQ(inside("c/{payload.a + '/z'}", R"({"a":"x"})", Template::Use::Channel), "c/x%2Fz");
    EXPECT_EQ(inside("c/{payload.a}", R"({"a":7})", Template::Use::Channel), "c/7");
}

TEST(Template, whatComesOfTheTopicAloneKeepsItsSlashes) {
    Message message;
    message.topic = "a.b";
    message.key = "k";
    EXPECT_EQ(rendered("{topic.replace('.', '/')}", "a.{x}", message, Template::Use::Channel),
              "a/b");
    EXPECT_EQ(
        rendered("c/{(topic + key).replace('.', '/')}", "a.{x}", message, Template::Use::Channel),
        "c/a%2Fbk");
}

TEST(Template, readsTextAndBytesWhereTheInputGivesNoJson) {
    Message message;
    message.topic = "t";
    message.payload = "21.5;C";
    Parsed text{
        "{payload.split(';')[1]}", "t", Template::Use::Text, {"in", '.', PayloadFormat::Text, {}}};
    EXPECT_EQ(text(message), "C");
    Parsed raw{"{payload.size()}", "t", Template::Use::Text, {"in", '.', PayloadFormat::Raw, {}}};
    EXPECT_EQ(raw(message), "6");
    const Parsed wrong{
        "{payload.a}", "t", Template::Use::Text, {"in", '.', PayloadFormat::Text, {}}};
    EXPECT_FALSE(wrong.made);
}

TEST(Template, knowsTheVariablesOfAnInput) {
    const MappingInput mqtt{"in", '.', {}, variablesOfPlugin("mqtt")};
    Message message;
    const std::array<Message::Variable, 2> variables{{{"qos", "1"}, {"retained", "true"}}};
    message.topic = "t";
    message.variables = variables;
    Parsed known{"{qos + 1}{retained ? 'r' : ''}", "t", Template::Use::Text, mqtt};
    EXPECT_EQ(known(message), "2r");
    EXPECT_FALSE((Parsed{"{amount}", "t", Template::Use::Text, mqtt}.made));
    EXPECT_TRUE((Parsed{"{anything}", "t"}.made));
}

TEST(Template, hasNoTextForWhatIsNoFiniteNumber) {
    Message message;
    message.topic = "t";
    for (const char* const text : {"{0.0 / 0.0}", "{1.0 / 0.0}", "{-1.0 / 0.0}"})
        EXPECT_EQ(rendered(text, "t", message).substr(0, 9), "bad-value") << text;
}

}  // namespace
}  // namespace sluice
