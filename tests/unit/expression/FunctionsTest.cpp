#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

TEST(Functions, convertNumbers) {
    EXPECT_EQ(evaluated("int('42') + int(3.9) + int(-3.9) + int(7u)"), "49");
    EXPECT_EQ(evaluated("uint('7') + uint(2) + uint(1.5)"), "10u");
    EXPECT_EQ(evaluated("double('1e3') + double(1) + double(2u)"), "1003.0");
    EXPECT_EQ(evaluated("[double('NaN'), double('-Infinity'), double('1e400')]"),
              "[double('NaN'), double('-Infinity'), double('Infinity')]");
    EXPECT_EQ(evaluated("int(1e300)"), "error overflow: the value is out of the range of int");
    EXPECT_EQ(evaluated("uint(-1)"), "error overflow: the value is out of the range of uint");
    EXPECT_EQ(evaluated("int(0.0 / 0.0)"), "error overflow: the value is out of the range of int");
    const TestMessage message{R"({"n": "12x", "e": "", "p": "+5"})"};
    EXPECT_EQ(evaluated("int(payload.n)", message), "error bad-value: '12x' is no whole number");
    EXPECT_EQ(evaluated("int(payload.e)", message), "error bad-value: '' is no whole number");
    EXPECT_EQ(evaluated("int(payload.p)", message), "5");
    EXPECT_EQ(evaluated("int(timestamp('2009-02-13T23:31:30Z'))"), "1234567890");
}

TEST(Functions, makeTextAndBytes) {
    EXPECT_EQ(evaluated("string(1) + string(2u) + string(2.5) + string(true)"), "'122.5true'");
    EXPECT_EQ(evaluated("string(100000.0) + ' ' + string(1e21) + ' ' + string(0.00001)"),
              "'100000 1e+21 0.00001'");
    EXPECT_EQ(evaluated("string(timestamp(0)) + string(duration('90s'))"),
              "'1970-01-01T00:00:00Z90s'");
    EXPECT_EQ(evaluated("bytes('é') + b'\\x00\\377'"), "b'\\xc3\\xa9\\x00\\xff'");
    EXPECT_EQ(evaluated("string(b'\\xff')").substr(0, 15), "1: these bytes ");
    EXPECT_EQ(evaluated("base64(b'\\x00\\xff') + base64('a') + base64('') + base64('abc')"),
              "'AP8=YQ==YWJj'");
    EXPECT_EQ(evaluated("bool('TRUE') && !bool('0')"), "true");
    EXPECT_EQ(evaluated("type(dyn(1))"), "int");
}

TEST(Functions, countCodePoints) {
    EXPECT_EQ(evaluated("size('añ😀') + 'añ😀'.size()"), "6");
    EXPECT_EQ(evaluated("size(b'añ')"), "3");
    EXPECT_EQ(evaluated("size([1, 2]) + size({'a': 1}) + [1].size()"), "4");
    EXPECT_EQ(evaluated("'añ😀b'.charAt(2) + 'añ😀b'.substring(3) + 'añ😀b'.substring(0, 2)"),
              "'😀bañ'");
    EXPECT_EQ(evaluated("'añ😀b😀'.indexOf('😀') * 10 + 'añ😀b😀'.lastIndexOf('😀')"), "24");
    EXPECT_EQ(evaluated("'abcabc'.indexOf('c', 3) * 10 + 'abcabc'.lastIndexOf('c', 4)"), "52");
    EXPECT_EQ(evaluated("'abc'.indexOf('x') + 'abc'.lastIndexOf('x')"), "-2");
    EXPECT_EQ(evaluated("'abc'.charAt(payload.i)", TestMessage{R"({"i": 4})"}),
              "error bad-value: index out of range: 4");
    EXPECT_EQ(evaluated("'abc'.substring(payload.i, 1)", TestMessage{R"({"i": 2})"}),
              "error bad-value: the end 1 is before the beginning 2");
}

TEST(Functions, searchAndMatch) {
    EXPECT_EQ(evaluated("topic.startsWith('or') && topic.endsWith('rs') && topic.contains('de')"),
              "true");
    EXPECT_EQ(evaluated("topic.matches('^o[a-z]+s$') && matches(topic, 'der')"), "true");
    EXPECT_EQ(evaluated("topic.matches('^x')"), "false");
    EXPECT_EQ(evaluated("topic.matches(payload.p)", TestMessage{R"({"p": "o.d"})"}), "true");
    EXPECT_EQ(evaluated("topic.matches(payload.p)", TestMessage{R"({"p": "o("})"}).substr(0, 48),
              "error bad-value: this is no regular expression: ");
}

TEST(Functions, changeText) {
    EXPECT_EQ(evaluated("'ÄbC'.lowerAscii() + 'äbC'.upperAscii()"), "'ÄbcäBC'");
    EXPECT_EQ(evaluated("'\\u00a0\\t a b \\n\\u3000'.trim()"), "'a b'");
    EXPECT_EQ(evaluated("'   '.trim()"), "''");
    EXPECT_EQ(evaluated("'aXbXc'.replace('X', '--')"), "'a--b--c'");
    EXPECT_EQ(evaluated("'aXbXc'.replace('X', '', 1)"), "'abXc'");
    EXPECT_EQ(evaluated("'añ'.replace('', '-')"), "'-a-ñ-'");
    EXPECT_EQ(evaluated("''.replace('', '-')"), "'-'");
    EXPECT_EQ(evaluated("'añ'.replace('', '-', 2)"), "'-a-ñ'");
    EXPECT_EQ(evaluated("'a,b,,c'.split(',')"), "['a', 'b', '', 'c']");
    EXPECT_EQ(evaluated("'a,b,c'.split(',', 2)"), "['a', 'b,c']");
    EXPECT_EQ(evaluated("'añ'.split('')"), "['a', 'ñ']");
    EXPECT_EQ(evaluated("''.split(',')"), "['']");
    EXPECT_EQ(evaluated("''.split('')"), "[]");
    EXPECT_EQ(evaluated("'abc'.split('', 2)"), "['a', 'bc']");
    EXPECT_EQ(evaluated("'abc'.split('', -9223372036854775808)"), "['a', 'b', 'c']");
    EXPECT_EQ(evaluated("'aaa'.replace('a', 'b', -9223372036854775808)"), "'bbb'");
    EXPECT_EQ(evaluated("['a', 'b'].join('-') + ['c'].join()"), "'a-bc'");
    EXPECT_EQ(evaluated("payload.l.join('-')", TestMessage{R"({"l": ["a", 1]})"}),
              "error no-overload: `join` takes a list of strings, not of int; string(x) makes text "
              "of a number");
}

TEST(Functions, refuseOtherKindsAtRunTime) {
    const TestMessage message{R"({"n": 5})"};
    EXPECT_EQ(evaluated("payload.n.startsWith('a')", message),
              "error no-overload: `startsWith` does not take int and string");
    EXPECT_EQ(evaluated("size(payload.n)", message), "error no-overload: `size` does not take int");
    EXPECT_EQ(evaluated("payload.missing.startsWith('a')", message),
              "error no-value: `payload.missing` is missing");
}

}  // namespace
}  // namespace sluice::cel
