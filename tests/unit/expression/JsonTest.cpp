#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "Evaluated.h"
#include "base/JsonText.h"
#include "expression/Collections.h"
#include "expression/Json.h"

namespace sluice::cel {
namespace {

std::string cel(std::string_view json) {
    Arena arena;
    const Value value = parseJson(json, arena);
    std::string text;
    if (value.isError()) return std::string{value.asError().message};
    appendCel(text, value);
    return text;
}

/// The JSON of what an expression gives.
std::string json(std::string_view expression, const TestMessage& message = TestMessage{}) {
    std::vector<Problem> problems;
    const auto compiled = Expression::compile(expression, message, problems);
    Arena arena;
    std::string text;
    if (!compiled || !appendJson(text, compiled->evaluate(message, arena))) return "nothing";
    EXPECT_TRUE(isJson(text)) << text;
    return text;
}

TEST(Json, readsEveryKindOfValue) {
    EXPECT_EQ(cel(R"( {"a": [1, -2.5, true, false, null, "x"], "b": {}} )"),
              "{'a': [1, -2.5, true, false, null, 'x'], 'b': {}}");
    EXPECT_EQ(cel("9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(cel("9223372036854775808"), "9223372036854775808u");
    EXPECT_EQ(cel("18446744073709551616"), "18446744073709552000.0");
    EXPECT_EQ(cel("-9223372036854775809"), "-9223372036854776000.0");
    EXPECT_EQ(cel("1e2"), "100.0");
    EXPECT_EQ(cel("1e400"), "double('Infinity')");
    EXPECT_EQ(cel(R"("\u00e9\ud83d\ude00\ud800\n\/")"), "'é😀\xef\xbf\xbd\\n/'");
    EXPECT_EQ(cel(R"({"a": 1, "a": 2})"), "{'a': 2}");
}

TEST(Json, decimalsAreTheNearestDoubles) {
    std::vector<std::string> texts{"0.1",  "-0.0", "0.000000000000001", "123456789012345.6",
                                   "0.30", "-2.5", "99999999999999.9",  "9007199254740993.0",
                                   "1.5e3"};
    for (std::uint64_t i = 1; i < 2'000; ++i) {
        std::string text = std::to_string(i * 7'777'777'777'777 % 999'999'999'999'989);
        text.insert(1 + i % text.size(), 1, '.');
        texts.push_back(text + "7");
    }
    for (const std::string& text : texts) {
        Arena arena;
        const Value value = parseJson(text, arena);
        ASSERT_TRUE(value.is(Kind::Double)) << text;
        const double nearest = std::strtod(text.c_str(), nullptr);
        EXPECT_EQ(value.asDouble(), nearest) << text;
        EXPECT_EQ(std::signbit(value.asDouble()), std::signbit(nearest)) << text;
    }
}

TEST(Json, refusesWhatIsNone) {
    for (const char* wrong : {"",    "{",         "[1,]",    "{\"a\":1,}",  "{a: 1}",
                              "01",  "1.",        ".5",      "+1",          "1e",
                              "'a'", "\"a",       "\"\\x\"", "\"\\u12g4\"", "\"\n\"",
                              "nul", "1 2",       "[1}",     "\xff",        "\"\xed\xa0\x80\"",
                              "-",   "{\"a\" 1}", "tru",     "\"a\\"}) {
        Arena arena;
        const Value value = parseJson(wrong, arena);
        EXPECT_FALSE(isJson(wrong)) << wrong;
        ASSERT_TRUE(value.isError()) << wrong;
        EXPECT_EQ(value.failure(), Failure::BadValue);
    }
    EXPECT_EQ(cel("[1, x]"), "this is no JSON: it breaks at byte 5");
    const std::string deep =
        std::string(kJsonDepthMax + 1, '[') + std::string(kJsonDepthMax + 1, ']');
    EXPECT_NE(cel(deep).find("no JSON"), std::string::npos);
    EXPECT_EQ(cel(deep.substr(1, deep.size() - 2)).find("no JSON"), std::string::npos);
}

TEST(Json, keepsTheTextOfWhatWasNotChanged) {
    const TestMessage message{
        R"({"price": 129.90, "big": 123456789012345678901234567890, "o": { "x" : 1.0 , "y":[] },)"
        R"( "s": "caf\u00e9"})"};
    EXPECT_EQ(json("payload.price", message), "129.90");
    EXPECT_EQ(json("payload.big", message), "123456789012345678901234567890");
    EXPECT_EQ(json("payload.o", message), R"({ "x" : 1.0 , "y":[] })");
    EXPECT_EQ(json("payload.s", message), R"("caf\u00e9")");
    EXPECT_EQ(json("default(payload.none, payload.price)", message), "129.90");
    EXPECT_EQ(json("[payload.price, payload.o.x]", message), "[129.90,1.0]");
    EXPECT_EQ(json("{'p': payload.price}", message), R"({"p":129.90})");
    EXPECT_EQ(json("payload.price + 0", message), "129.9");
}

TEST(Json, writesEveryKindOfValue) {
    EXPECT_EQ(json("[1, 2u, 1.5, 3.0, true, null, 'a\"\\n', b'\\x00\\xff']"),
              R"([1,2,1.5,3,true,null,"a\"\n","AP8="])");
    EXPECT_EQ(json("[1.0 / 0.0, 0.0 / 0.0, 1e300, -0.0, 100000.0, 1e21]"),
              "[null,null,1e+300,-0,100000,1e+21]");
    EXPECT_EQ(json("[9007199254740993.0, 1e20, -123456789012345678901.0, 0.000001, 0.0000001]"),
              "[9007199254740992,100000000000000000000,-123456789012345680000,0.000001,1e-07]");
    EXPECT_EQ(json("[timestamp(0), duration('1500ms'), int]"),
              R"(["1970-01-01T00:00:00Z","1.5s","int"])");
    EXPECT_EQ(json("{1: 'a', 2u: 'b', true: 'c', 'd': {}}"),
              R"({"1":"a","2":"b","true":"c","d":{}})");
    EXPECT_EQ(json("payload.none"), "nothing");
}

TEST(Json, isBoundedWhereValuesHoldEachOther) {
    std::string doubling{"['0123456789']"};
    for (int i = 0; i < 40; ++i) doubling += ".map(x, [x, x])";
    std::vector<Problem> problems;
    const TestMessage message;
    const auto expression = Expression::compile(doubling, message, problems);
    ASSERT_TRUE(expression);
    Arena arena;
    const Value value = expression->evaluate(message, arena);
    ASSERT_FALSE(value.isError());
    std::string text{"before"};
    EXPECT_FALSE(appendJson(text, value));
    EXPECT_EQ(text, "before");
    EXPECT_EQ(evaluated(doubling + " == " + doubling),
              "error limit: the expression took more than 1000000 steps");
}

TEST(Maps, findKeysOfAllKindsHoweverLarge) {
    Arena arena;
    MapBuilder builder{arena, 1'003};
    for (std::int64_t i = 0; i < 1'000; ++i)
        EXPECT_EQ(builder.add(Value::ofInt(i), Value::ofInt(i)), MapBuilder::Added::Yes);
    EXPECT_EQ(builder.add(Value::ofUint(7), Value::null()), MapBuilder::Added::Again);
    EXPECT_EQ(builder.add(Value::ofUint(1'000), Value::ofInt(1'000)), MapBuilder::Added::Yes);
    EXPECT_EQ(builder.add(Value::ofString("x"), Value::ofInt(-1)), MapBuilder::Added::Yes);
    EXPECT_EQ(builder.add(Value::ofDouble(1.5), Value::null()), MapBuilder::Added::WrongKey);
    EXPECT_EQ(builder.add(Value::ofBool(true), Value::ofInt(-2)), MapBuilder::Added::Yes);
    EXPECT_EQ(builder.add(Value::ofString("y"), Value::null()), MapBuilder::Added::NoMemory);
    const Map& map = *builder.finish();
    for (std::int64_t i = 0; i <= 1'000; ++i) {
        EXPECT_EQ(map.find(Value::ofInt(i))->asInt(), i);
        EXPECT_EQ(map.find(Value::ofDouble(static_cast<double>(i)))->asInt(), i);
    }
    EXPECT_EQ(map.find("x")->asInt(), -1);
    EXPECT_EQ(map.find(Value::ofBool(true))->asInt(), -2);
    EXPECT_FALSE(map.find(Value::ofBool(false)));
    EXPECT_FALSE(map.find(Value::ofDouble(0.5)));
    EXPECT_FALSE(map.find("z"));
}

}  // namespace
}  // namespace sluice::cel
