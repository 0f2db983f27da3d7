#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

TEST(Operators, bindAsInCel) {
    EXPECT_EQ(evaluated("1 + 2 * 3 - 4 / 2"), "5");
    EXPECT_EQ(evaluated("-2 - -3"), "1");
    EXPECT_EQ(evaluated("1 < 2 && 2 < 1 || true"), "true");
    EXPECT_EQ(evaluated("true || false && false"), "true");
    EXPECT_EQ(evaluated("1 + 1 == 2 ? 'a' : false ? 'b' : 'c'"), "'a'");
    EXPECT_EQ(evaluated("!true == false"), "true");
    EXPECT_EQ(evaluated("7 % 4 * 2"), "6");
    EXPECT_EQ(evaluated("1 in [1] == true"), "true");
}

TEST(Operators, mixIntAndDouble) {
    EXPECT_EQ(evaluated("1 + 0.5"), "1.5");
    EXPECT_EQ(evaluated("3 / 2.0"), "1.5");
    EXPECT_EQ(evaluated("2u * 1.5"), "3.0");
    EXPECT_EQ(evaluated("1 == 1.0 && 1u == 1 && 2 > 1.5 && 1u < 1.5"), "true");
    const TestMessage message{R"({"whole": 9, "broken": 9.5, "huge": 18446744073709551615})"};
    EXPECT_EQ(evaluated("payload.whole * payload.broken", message), "85.5");
    EXPECT_EQ(evaluated("payload.huge == 18446744073709551615u", message), "true");
    EXPECT_EQ(evaluated("payload.huge + 1", message),
              "error no-overload: `+` does not take uint and "
              "int");
    EXPECT_EQ(evaluated("7.5 % 2.0"), "5: `%` does not take double and double");
}

TEST(Operators, tellOverflowAndDivisionByZero) {
    EXPECT_EQ(evaluated("9223372036854775807 + 1"), "error overflow: int overflow");
    EXPECT_EQ(evaluated("-9223372036854775808 - 1"), "error overflow: int overflow");
    EXPECT_EQ(evaluated("-(-9223372036854775808)"), "error overflow: int overflow");
    EXPECT_EQ(evaluated("-9223372036854775808 / -1"), "error overflow: int overflow");
    EXPECT_EQ(evaluated("-9223372036854775808 % -1"), "error overflow: int overflow");
    EXPECT_EQ(evaluated("0u - 1u"), "error overflow: uint overflow");
    EXPECT_EQ(evaluated("1 / 0"), "error divide-by-zero: divide by zero");
    EXPECT_EQ(evaluated("1u % 0u"), "error divide-by-zero: modulus by zero");
    EXPECT_EQ(evaluated("1.0 / 0.0"), "double('Infinity')");
    EXPECT_EQ(evaluated("0.0 / 0.0"), "double('NaN')");
}

TEST(Operators, compareDifferentKindsAsUnequal) {
    const TestMessage message{R"({"a": 1, "b": "1", "n": null, "l": [1, {"x": 2.0}]})"};
    EXPECT_EQ(evaluated("payload.a == payload.b", message), "false");
    EXPECT_EQ(evaluated("payload.n == null && payload.a != null", message), "true");
    EXPECT_EQ(evaluated("payload.l == [1.0, {'x': 2}]", message), "true");
    EXPECT_EQ(evaluated("payload.l == [1.0, {'x': 3}]", message), "false");
    EXPECT_EQ(evaluated("payload.a < payload.b", message),
              "error no-overload: `<` does not take int and string");
    EXPECT_EQ(evaluated("0.0 / 0.0 == 0.0 / 0.0"), "false");
    EXPECT_EQ(evaluated("0.0 / 0.0 < 1.0 || 0.0 / 0.0 >= 1.0"), "false");
    EXPECT_EQ(evaluated("type(payload.a) == int && type(null) == null_type", message), "true");
}

TEST(Operators, findItemsKeysAndFields) {
    const TestMessage message{R"({"m": {"a b": 1, "c": [10, 20]}, "i": 1})"};
    EXPECT_EQ(evaluated("payload.m['a b'] + payload.m.c[payload.i]", message), "21");
    EXPECT_EQ(evaluated("'c' in payload.m && !('d' in payload.m) && 10 in payload.m.c", message),
              "true");
    EXPECT_EQ(evaluated("payload.m.`a b`", message), "1");
    EXPECT_EQ(evaluated("payload.m.c[2]", message), "error no-value: `payload.m.c[2]` is missing");
    EXPECT_EQ(evaluated("payload.m.c[payload.i + 1]", message),
              "error no-value: index out of range: the list has 2 items");
    EXPECT_EQ(evaluated("payload.m['c' + 'd']", message), "error no-value: no such key: 'cd'");
    EXPECT_EQ(evaluated("{1: 'a', 2u: 'b'}[2.0]"), "'b'");
    EXPECT_EQ(evaluated("{1: 'a', 1u: 'b'}"), "error bad-value: a map holds each key once");
    EXPECT_EQ(evaluated("[1, 2, 3][-1 + 1]"), "1");
    EXPECT_EQ(evaluated("{'a': {'b': [7]}}.a.b[0]"), "7");
}

TEST(Operators, absorbErrorsWhereTheOtherSideDecides) {
    EXPECT_EQ(evaluated("payload.x > 1 || topic == 'orders'"), "true");
    EXPECT_EQ(evaluated("topic == 'orders' || payload.x > 1"), "true");
    EXPECT_EQ(evaluated("payload.x > 1 && topic == 'other'"), "false");
    EXPECT_EQ(evaluated("payload.x > 1 || topic == 'other'"),
              "error no-value: `payload.x` is missing");
    EXPECT_EQ(evaluated("payload.x || payload.y || 1 == 1"), "true");
    EXPECT_EQ(evaluated("(payload.x ? 1 : 2) == 1 || true"), "true");
    EXPECT_EQ(evaluated("default(1 / 0, 7)"), "7");
    EXPECT_EQ(evaluated("default(payload.x, payload.y)"), "error no-value: `payload.y` is missing");
}

TEST(Operators, visitListsAndKeysOfMaps) {
    EXPECT_EQ(evaluated("[1, 2, 3].filter(x, x > 1).map(x, x * 2)"), "[4, 6]");
    EXPECT_EQ(evaluated("[1, 2, 3].map(x, x > 1, x * 2)"), "[4, 6]");
    EXPECT_EQ(evaluated("{'a': 1, 'b': 2}.map(k, k + '!')"), "['a!', 'b!']");
    EXPECT_EQ(evaluated("[[1, 2], [3]].map(x, x.map(y, y + size(x)))"), "[[3, 4], [4]]");
    EXPECT_EQ(evaluated("[1].map(topic, topic + 1)"), "[2]");  // the nearest name counts
    EXPECT_EQ(evaluated("[1, 'a'].exists(x, x < 'b')"), "true");
    EXPECT_EQ(evaluated("[1, 'a'].all(x, x < 'b')"),
              "error no-overload: `<` does not take int and string");
    EXPECT_EQ(evaluated("[1, 2].exists_one(x, 1 / (x - 2) > 5)"),
              "error divide-by-zero: divide by zero");
    const TestMessage message{R"({"items": [{"p": 5}, {"p": 50, "q": 1}], "n": 3})"};
    EXPECT_EQ(evaluated("payload.items.exists(i, i.p > 10 && has(i.q))", message), "true");
    EXPECT_EQ(evaluated("payload.items.all(i, has(i.q))", message), "false");
    EXPECT_EQ(evaluated("payload.n.all(i, i > 1)", message),
              "error no-overload: `all` does not take int");
}

}  // namespace
}  // namespace sluice::cel
