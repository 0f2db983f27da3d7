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
