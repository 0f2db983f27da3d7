#include <gtest/gtest.h>

#include "PayloadFixture.h"
#include "payload/Redaction.h"

namespace sluice {
namespace {

Redaction hiding(const std::vector<std::string>& paths) {
    Redaction redaction;
    for (const std::string& path : paths) {
        Redaction::Error error;
        EXPECT_TRUE(redaction.add(path, error)) << path << ": " << error.message;
    }
    return redaction;
}

std::string redacted(std::string_view json, const std::vector<std::string>& paths) {
    std::string out;
    hiding(paths).write(json, out);
    return out;
}

std::size_t errorOf(std::string_view path) {
    Redaction redaction;
    Redaction::Error error;
    EXPECT_FALSE(redaction.add(path, error)) << path;
    EXPECT_FALSE(error.message.empty() || error.hint.empty());
    return error.offset;
}

TEST(Redaction, writesNullAndLeavesTheRestByteForByte) {
    EXPECT_EQ(redacted(R"({ "a" : 1.50 , "b":{"c" : "x", "d":[1 ,2]} })", {"payload.b.c"}),
              R"({ "a" : 1.50 , "b":{"c" : null, "d":[1 ,2]} })");
    EXPECT_EQ(redacted(R"({"a":{"b":1},"c":[2]})", {"payload.a", "payload.c"}),
              R"({"a":null,"c":null})");
}

TEST(Redaction, hidesItemsByIndexOrAll) {
    EXPECT_EQ(redacted(R"([1,2,3])", {"payload[1]"}), "[1,null,3]");
    EXPECT_EQ(redacted(R"({"i":[{"a":1,"b":2},{"a":3}, 4]})", {"payload.i[*].a"}),
              R"({"i":[{"a":null,"b":2},{"a":null}, 4]})");
    EXPECT_EQ(redacted(R"([[1,2],[3]])", {"payload[*][*]"}), "[[null,null],[null]]");
}

TEST(Redaction, leavesWhatIsNotThere) {
    const std::string json = R"({"a":[1],"b":"payload.x"})";
    EXPECT_EQ(redacted(json, {"payload.x", "payload.a.b", "payload.b[0]", "payload.a[7]"}), json);
    EXPECT_EQ(redacted("3", {"payload.x"}), "3");
    EXPECT_EQ(redacted("{}", {"payload.x"}), "{}");
    EXPECT_EQ(redacted("[ ]", {"payload[*]"}), "[ ]");
}

TEST(Redaction, hidesEveryOneOfEqualKeysHoweverWritten) {
    EXPECT_EQ(redacted(R"({"a":1,"\u0061":2,"a":{"x":3}})", {"payload.a"}),
              R"({"a":null,"\u0061":null,"a":null})");
}

TEST(Redaction, theWiderOfTwoPathsWins) {
    EXPECT_EQ(redacted(R"({"a":{"b":1,"c":2}})", {"payload.a.b", "payload.a"}), R"({"a":null})");
    EXPECT_EQ(redacted(R"([{"a":1},{"a":2}])", {"payload[*].a", "payload[1]"}),
              R"([{"a":null},null])");
}

TEST(Redaction, isNotFooledByTextsThatLookLikeStructure) {
    EXPECT_EQ(redacted(R"({"x":"\"a\":1}","a":"{[\\","b":1})", {"payload.a"}),
              R"({"x":"\"a\":1}","a":null,"b":1})");
}

TEST(Redaction, readsNamesInBrackets) {
    EXPECT_EQ(redacted(R"({"a b":1,"c'd":2})", {"payload['a b']", R"(payload["c'd"])"}),
              R"({"a b":null,"c'd":null})");
}

TEST(Redaction, knowsWhatIsLeftBelowAPath) {
    const Redaction all = hiding({"payload.a.b", "payload.i[*].x", "payload.c"});
    EXPECT_TRUE(all.below(stepsOf("d")).empty());
    EXPECT_TRUE(all.below(stepsOf("a.x")).empty());
    EXPECT_FALSE(all.below(stepsOf("a")).hidesAll());
    EXPECT_TRUE(all.below(stepsOf("a.b")).hidesAll());
    EXPECT_TRUE(all.below(stepsOf("a.b.deeper")).hidesAll());
    EXPECT_TRUE(all.below(stepsOf("i[3].x")).hidesAll());
    std::string out;
    all.below(stepsOf("i")).write(R"([{"x":1,"y":2}])", out);
    EXPECT_EQ(out, R"([{"x":null,"y":2}])");
}

TEST(Redaction, errorsSayWhere) {
    EXPECT_EQ(errorOf("card"), 0u);
    EXPECT_EQ(errorOf("payload..a"), 7u);
    EXPECT_EQ(errorOf("payload.a-b"), 9u);
    EXPECT_EQ(errorOf("payload.a[b]"), 9u);
    EXPECT_EQ(errorOf("payload.a[-1]"), 9u);
    EXPECT_EQ(errorOf("payload['a"), 7u);
    EXPECT_EQ(errorOf("payload.a["), 9u);
    EXPECT_EQ(errorOf("payloads"), 7u);
}

}  // namespace
}  // namespace sluice
