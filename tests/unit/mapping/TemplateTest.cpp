#include <array>
#include <stdexcept>

#include <gtest/gtest.h>

#include "mapping/Template.h"

namespace sluice {
namespace {

Pattern from(std::string_view text) {
    return *Pattern::parse(text, '.', nullptr);
}

Template parsed(std::string_view text, const Pattern& pattern,
                Template::Use use = Template::Use::Text) {
    Template::Error error;
    auto made = Template::parse(text, pattern, use, &error);
    if (!made) throw std::runtime_error{error.message};
    return *made;
}

/// The text for a message, or "missing NAME".
std::string rendered(std::string_view text, std::string_view pattern, const Message& message,
                     Template::Use use = Template::Use::Text) {
    const Pattern takes = from(pattern);
    Pattern::Captures captures;
    if (!takes.match(message.topic, captures)) return "no match";
    std::string out;
    const Template made = parsed(text, takes, use);
    const std::string_view missing = made.render(message, captures, out);
    return missing.empty() ? out : "missing " + std::string{missing};
}

std::string channelOf(std::string_view key) {
    Message message;
    message.topic = "t";
    message.key = key;
    return rendered("c/{key}", "t", message, Template::Use::Channel);
}

std::size_t offsetOf(std::string_view text, std::string_view pattern = "orders.{region}",
                     Template::Use use = Template::Use::Text) {
    Template::Error error;
    EXPECT_FALSE(Template::parse(text, from(pattern), use, &error)) << text;
    EXPECT_FALSE(error.message.empty() || error.hint.empty());
    return error.offset;
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
    message.timeMs = 1'000;
    message.headers = headers;
    message.variables = variables;
    EXPECT_EQ(rendered("{region}-{topic}-{key}", "orders.{region}", message), "eu-orders.eu-k1");
    EXPECT_EQ(rendered("{partition}/{offset}/{time}", "orders.{region}", message), "3/42/1000");
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
    EXPECT_EQ(rendered("a{key}", "t", message), "missing key");
    EXPECT_EQ(rendered("{headers.tenant}", "t", message), "missing headers.tenant");
    EXPECT_EQ(rendered("{offset}", "t", message), "missing offset");
    EXPECT_EQ(rendered("{time}", "t", message), "missing time");
    EXPECT_EQ(rendered("{qos}", "t", message), "missing qos");
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
    EXPECT_EQ(offsetOf("a{topic"), 1u);
    EXPECT_EQ(offsetOf("ab}c"), 2u);
    EXPECT_EQ(offsetOf("x{payload.id}"), 2u);
    EXPECT_EQ(offsetOf("x{regoin}"), 2u);
    EXPECT_EQ(offsetOf("x{region**}"), 2u);
    EXPECT_EQ(offsetOf("x{headers}"), 2u);
    EXPECT_EQ(offsetOf("x{headers.x-id}"), 2u);
    EXPECT_EQ(offsetOf("x{a + b}"), 2u);
    EXPECT_EQ(offsetOf("{}"), 1u);
}

TEST(Template, aChannelBeginsWithWhatItsSenderCannotChoose) {
    using Use = Template::Use;
    EXPECT_EQ(offsetOf("{key}/a", "t", Use::Channel), 0u);
    EXPECT_EQ(offsetOf("", "t", Use::Channel), 0u);
    EXPECT_EQ(offsetOf("a,b", "t", Use::Channel), 0u);
    EXPECT_EQ(offsetOf("sluice.at", "t", Use::Channel), 0u);
    EXPECT_NO_THROW(parsed("{x}/{key}", from("t.{x}"), Use::Channel));
}

TEST(Template, knowsWhetherTheTopicDecides) {
    const Pattern orders = from("orders.{region}");
    EXPECT_TRUE(parsed("o/{region}/{topic}", orders).fixedByTopic());
    EXPECT_FALSE(parsed("o/{key}", orders).fixedByTopic());
    EXPECT_EQ(parsed("o/x", orders).literal(), "o/x");
    EXPECT_EQ(parsed("", orders).literal(), "");
    EXPECT_FALSE(parsed("{topic}", orders).literal());
}

}  // namespace
}  // namespace sluice
