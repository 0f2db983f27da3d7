#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

Problem firstProblem(std::string_view text) {
    std::vector<Problem> problems;
    Expression::compile(text, TestMessage{}, problems);
    return problems.empty() ? Problem{} : problems.front();
}

TEST(Problems, pointAtTheGrammarsFirstBreak) {
    EXPECT_EQ(evaluated("1 +"), "4: the expression ends too early: here is a value missing");
    EXPECT_EQ(evaluated(""), "1: the expression ends too early: here is a value missing");
    EXPECT_EQ(evaluated("(1"),
              "3: the expression ends too early: here is `)` after what stands in "
              "parentheses missing");
    EXPECT_EQ(evaluated("1 2"), "3: `2` is not expected here: write the end or an operator");
    EXPECT_EQ(evaluated("[1, 2"), "6: the expression ends too early: here is `,` or `]` missing");
    EXPECT_EQ(evaluated("size('a',)"), "10: `)` is not expected here: write an argument");
    EXPECT_EQ(evaluated("payload."),
              "9: the expression ends too early: here is a field's name "
              "missing");
}

TEST(Problems, sayWhatToWriteInstead) {
    EXPECT_EQ(firstProblem("payload.a = 1").hint, "compare with `==`");
    EXPECT_EQ(firstProblem("payload.a & true").hint, "write `&&`");
    EXPECT_EQ(firstProblem("payload.in").hint, "write ['in']");
    EXPECT_EQ(firstProblem("Order{id: 1}").hint, "a map is written {'key': value}");
    EXPECT_EQ(firstProblem("payload.?a").code, "syntax");
    EXPECT_EQ(firstProblem("has(payload)").hint, "write has(payload.field)");
    EXPECT_EQ(firstProblem("[1].exists(1, true)").hint, "write list.exists(x, condition of x)");
    EXPECT_EQ(firstProblem("if > 1").hint, "as a field it follows a dot: payload.if");
    EXPECT_EQ(firstProblem("topic.startsWith('a', 'b')").hint,
              "write it as string.startsWith(string)");
    EXPECT_EQ(firstProblem("startsWith(topic, 'a')").hint, "write it as string.startsWith(string)");
}

TEST(Problems, nameTheWrongLiteral) {
    EXPECT_EQ(evaluated("'abc"), "1: this quote is never closed");
    EXPECT_EQ(evaluated("'a\nb'"), "1: this quote is never closed");
    EXPECT_EQ(evaluated("'''abc''"), "1: this quote is never closed");
    EXPECT_EQ(evaluated("'a\\qb'"), "3: this is no escape of a string");
    EXPECT_EQ(evaluated("'\\ud800'"), "2: this is no escape of a string");
    EXPECT_EQ(evaluated("'\\x4'"), "2: this is no escape of a string");
    EXPECT_EQ(evaluated("b'\\u0041'"), "3: bytes know no \\u");
    EXPECT_EQ(evaluated("12ab"), "1: this is no number");
    EXPECT_EQ(evaluated("0x"), "1: `0x` wants hexadecimal digits");
    EXPECT_EQ(evaluated("9223372036854775808"), "1: this number does not fit an int of 64 bits");
    EXPECT_EQ(evaluated("18446744073709551616u"), "1: this number does not fit a uint of 64 bits");
    EXPECT_EQ(evaluated("1 # 2"), "3: `#` stands for nothing in an expression");
    EXPECT_EQ(evaluated("{'a': 1}.`b;c`").substr(0, 3), "10:");
    EXPECT_EQ(evaluated("\xff"), "1: this is not UTF-8");
}

TEST(Problems, comeAllAtOnceWhereTheGrammarIsRight) {
    EXPECT_EQ(evaluated("paylod.a > 1 && topik == 'x' && topic.foo()"),
              "1: there is no variable `paylod`, did you mean 'payload'?; "
              "17: there is no variable `topik`, did you mean 'topic'?; "
              "39: there is no function `foo`");
}

TEST(Problems, ofTypesStandAtTheOperator) {
    EXPECT_EQ(evaluated("topic + 1"), "7: `+` does not take string and int");
    EXPECT_EQ(evaluated("topic > 1"), "7: `>` does not take string and int");
    EXPECT_EQ(evaluated("topic == 1"), "7: string and int are never equal");
    EXPECT_EQ(evaluated("!topic"), "2: `!` wants bool, this is string");
    EXPECT_EQ(evaluated("-topic"), "1: `-` does not take string");
    EXPECT_EQ(evaluated("topic.a"), "7: a value of type string has no field `a`");
    EXPECT_EQ(evaluated("topic[0]"), "6: a value of type string has no items");
    EXPECT_EQ(evaluated("1 in 2"), "3: `in` looks into a list or a map, not into int");
    EXPECT_EQ(evaluated("1 in ['a']"), "3: no int is in list(string)");
    EXPECT_EQ(evaluated("topic ? 1 : 2"), "1: `condition ? a : b` wants bool, this is string");
    EXPECT_EQ(evaluated("[1].all(x, 'a')"),
              "12: the condition of a macro wants bool, this is "
              "string");
    EXPECT_EQ(evaluated("'a'.map(x, x)"),
              "5: a macro visits a list or the keys of a map, not "
              "string");
    EXPECT_EQ(evaluated("{1.5: 2}"), "2: a key of a map is bool, int, uint or string, not double");
    EXPECT_EQ(evaluated("[1, 2].map(x, x + 'a')"), "17: `+` does not take int and string");
    EXPECT_EQ(evaluated("headers['n'] > 3"), "14: `>` does not take string and int");
    EXPECT_EQ(evaluated("headers.n.size() > 'a'"), "18: `>` does not take int and string");
    EXPECT_EQ(evaluated("[1, 2].join()"), "8: `join` does not take list(int)");
    EXPECT_EQ(evaluated("now()"), "1: there is no function `now`");
}

TEST(Problems, tellConstantsThatCanNotWork) {
    EXPECT_EQ(evaluated("topic.matches('a(')").substr(0, 36),
              "15: this is no regular expression: m");
    EXPECT_EQ(evaluated("timestamp(payload.t).getHours('Europe/Berlim')"),
              "31: there is no time zone 'Europe/Berlim'");
    EXPECT_EQ(evaluated("timestamp('yesterday')"),
              "1: 'yesterday' is no timestamp: write '2009-02-13T23:31:30Z'");
    EXPECT_EQ(evaluated("'a'.matches('(') || timestamp(0).getHours('Mars') == 1"),
              "13: this is no regular expression: missing ): (; "
              "43: there is no time zone 'Mars'");
    EXPECT_EQ(evaluated("int('x') > payload.a"), "1: 'x' is no whole number");
}

TEST(Problems, warnWithoutRefusing) {
    const Problem division = firstProblem("payload.a / payload.b");
    EXPECT_TRUE(division.isWarning);
    EXPECT_EQ(division.offset, 10u);
    EXPECT_EQ(division.code, "division");
    EXPECT_EQ(firstProblem("payload.a / 2").message, "");
    EXPECT_EQ(firstProblem("double(payload.a) / payload.b").message, "");
    EXPECT_EQ(firstProblem("topic == null").code, "always-false");
    EXPECT_EQ(firstProblem("payload.a > 1 && 1 > 2").code, "always-false");
    EXPECT_EQ(firstProblem("payload.a > 1 || true || payload.b").code, "always-true");
    EXPECT_EQ(firstProblem("payload.a > 1 && true").code, "");
    EXPECT_EQ(firstProblem("false && true").code, "");
    EXPECT_EQ(firstProblem("1 / 0 > payload.a").message, "this always fails: divide by zero");
    EXPECT_EQ(firstProblem("payload.a == null").message, "");
}

TEST(Problems, haveNamedBounds) {
    const std::string deep(kExpressionDepthMax + 1, '(');
    EXPECT_EQ(firstProblem(deep + "1").message, "the expression is nested deeper than 200");
    EXPECT_EQ(firstProblem(std::string(kExpressionDepthMax + 1, '-') + "topic").message,
              "the expression is nested deeper than 200");
    std::string sum{"1"};
    for (std::size_t i = 0; i <= kExpressionDepthMax; ++i) sum += "+1";
    EXPECT_EQ(firstProblem(sum).message, "the expression is nested deeper than 200");
    std::string chain{"payload.a"};
    while (chain.size() < 10'000) chain += " || payload.a";
    EXPECT_EQ(firstProblem(chain).message, "");  // one node, however long
    EXPECT_EQ(firstProblem(std::string(kExpressionBytesMax, ' ') + "1").code, "limit");
    std::string nested = "true";
    for (std::size_t i = 0; i <= kMacroDepthMax; ++i)
        nested = "[1].all(x" + std::to_string(i) + ", " + nested + ")";
    EXPECT_EQ(firstProblem(nested).code, "limit");
}

}  // namespace
}  // namespace sluice::cel
