#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

/// Each as "OPERATION: TYPE", with "?" where other types are no error.
std::string expectedBy(std::string_view text) {
    const TestMessage message;
    std::vector<Problem> problems;
    const auto expression = Expression::compile(text, message, problems);
    EXPECT_TRUE(expression) << problems.front().message;
    std::string all;
    for (const Expectation& one : expression->expectations()) {
        if (!all.empty()) all += ", ";
        all += text.substr(one.offset, one.length);
        all += ": " + nameOf(one.type) + (one.isSilent ? "?" : "");
    }
    return all;
}

TEST(Expectations, comeOfTheOtherSide) {
    EXPECT_EQ(expectedBy("payload.a > 1"), "payload.a > 1: int");
    EXPECT_EQ(expectedBy("'x' == payload.a"), "'x' == payload.a: string?");
    EXPECT_EQ(expectedBy("payload.a == topic"), "payload.a == topic: string?");
    EXPECT_EQ(expectedBy("payload.a * 2.0 > 1"), "payload.a * 2.0: double");
    EXPECT_EQ(expectedBy("payload.a in ['x', 'y']"), "payload.a in ['x', 'y']: string?");
    EXPECT_EQ(expectedBy("payload.a < timestamp('2026-01-01T00:00:00Z')"),
              "payload.a < timestamp('2026-01-01T00:00:00Z'): timestamp");
}

TEST(Expectations, comeOfLogicAndFunctions) {
    EXPECT_EQ(expectedBy("!payload.a && (payload.b || payload.c > 1)"),
              "!payload.a: bool, payload.b: bool, payload.c > 1: int");
    EXPECT_EQ(expectedBy("payload.a ? payload.b > 1 : true"),
              "payload.a: bool, payload.b > 1: int");
    EXPECT_EQ(expectedBy("payload.a.startsWith(payload.b)"),
              "payload.a.startsWith(payload.b): string, payload.a.startsWith(payload.b): string");
    EXPECT_EQ(expectedBy("payload.l.exists(i, i == payload.n + 1)"), "payload.n + 1: int");
}

TEST(Expectations, areNoneWhereSeveralTypesWillDo) {
    for (const char* text : {"payload.a == payload.b", "size(payload.a) > 1", "payload.a == null",
                             "double(payload.a) > 1.0", "default(payload.a, 0) > 1",
                             "has(payload.a)", "payload.a + payload.b == 'x'", "'x' in payload.a",
                             "payload.a - duration('1s') < timestamp('2026-01-01T00:00:00Z')"})
        EXPECT_EQ(expectedBy(text), "") << text;
}

TEST(Expectations, takeAnyKindOfNumber) {
    const Expectation number{0, Type::of(Kind::Int), false, 0, 0};
    EXPECT_TRUE(number.takes(Kind::Double));
    EXPECT_TRUE(number.takes(Kind::Uint));
    EXPECT_FALSE(number.takes(Kind::String));
    const Expectation text{0, Type::of(Kind::String), false, 0, 0};
    EXPECT_TRUE(text.takes(Kind::String));
    EXPECT_FALSE(text.takes(Kind::Int));
}

}  // namespace
}  // namespace sluice::cel
