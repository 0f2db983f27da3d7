#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

std::string numbers(std::size_t count) {
    std::string text{"{\"n\": [0"};
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text + "]}";
}

TEST(Limits, endLoopsWithinLoops) {
    const TestMessage message{numbers(2'000)};
    EXPECT_EQ(evaluated("payload.n.all(a, payload.n.all(b, a == b))", message),
              "error limit: the expression took more than 1000000 steps");
    EXPECT_EQ(evaluated("payload.n.all(a, a == 0)", message), "true");
    // Not even || goes on behind the bound.
    EXPECT_EQ(
        evaluated("payload.n.all(a, payload.n.all(b, a == b)) || 1 + size(topic) > 0", message),
        "error limit: the expression took more than 1000000 steps");
}

TEST(Limits, letTheDeepestExpressionsRun) {
    const TestMessage message{R"({"a": true, "n": [1]})"};
    std::string nots(kExpressionDepthMax - 2, '!');
    EXPECT_EQ(evaluated(nots + "payload.a", message), "true");
    std::string lists{"payload.n"};
    for (std::size_t i = 0; i + 2 < kExpressionDepthMax; ++i) lists = "[" + lists + "]";
    EXPECT_NE(evaluated(lists, message).find("[[1]]"), std::string::npos);
    std::string choices{"1"};
    for (std::size_t i = 0; i + 4 < kExpressionDepthMax; ++i)
        choices = "!payload.a ? 0 : " + choices;
    EXPECT_EQ(evaluated(choices, message), "1");
    std::string macros{"payload.a"};
    for (std::size_t i = 0; i < kMacroDepthMax; ++i)
        macros = "payload.n.all(x" + std::to_string(i) + ", " + macros + ")";
    EXPECT_EQ(evaluated(macros, message), "true");
}

TEST(Limits, endGrowingText) {
    std::string growing{"topic"};
    for (int i = 0; i < 30; ++i) growing = "(" + growing + ").replace('o', 'oooooooooooooooo')";
    EXPECT_EQ(evaluated(growing).substr(0, 11), "error limit");
    std::string sum{"['" + std::string(1'000, 'x') + "']"};
    for (int i = 0; i < 40; ++i) sum += ".map(x, x + x)";
    EXPECT_EQ(evaluated(sum).substr(0, 11), "error limit");
}

TEST(Limits, ofMemoryAreThoseOfTheArena) {
    const TestMessage message{numbers(2'000)};
    std::vector<Problem> problems;
    const auto expression = Expression::compile("payload.n.map(a, [a])", message, problems);
    ASSERT_TRUE(expression);
    Arena small{32u << 10};
    EXPECT_EQ(expression->evaluate(message, small).failure(), Failure::Limit);
    EXPECT_LE(small.bytesHeld(), 32u << 10);
    Arena large;
    EXPECT_FALSE(expression->evaluate(message, large).isError());
}

TEST(Limits, patternsHaveASize) {
    EXPECT_NE(evaluated("topic.matches('((a{100}){100}){100}')").find("no regular expression"),
              std::string::npos);
}

}  // namespace
}  // namespace sluice::cel
