#include <gtest/gtest.h>

#include "settings/Variables.h"

namespace sluice {
namespace {

const Environment kEnvironment{
    {"HOST", "broker"}, {"EMPTY", ""}, {"BRACES", "${HOST}"}, {"BYTES", "\xff"}};

std::string resolved(std::string_view text) {
    std::vector<VariableError> errors;
    const ResolvedText result = resolveVariables(text, kEnvironment, errors);
    for (const VariableError& error : errors)
        return std::to_string(error.offset) + ' ' + error.message + "; " + error.hint;
    return result.text();
}

TEST(Variables, areReplaced) {
    EXPECT_EQ(resolved("${HOST}:9092"), "broker:9092");
    EXPECT_EQ(resolved("${HOST}${HOST}"), "brokerbroker");
    EXPECT_EQ(resolved("<${EMPTY}>"), "<>");
    EXPECT_EQ(resolved("plain $HOST {x} $"), "plain $HOST {x} $");
}

TEST(Variables, haveDefaults) {
    EXPECT_EQ(resolved("${NOPE:-localhost}:9092"), "localhost:9092");
    EXPECT_EQ(resolved("${EMPTY:-localhost}"), "localhost");
    EXPECT_EQ(resolved("${HOST:-localhost}"), "broker");
    EXPECT_EQ(resolved("<${NOPE:-}>"), "<>");
}

TEST(Variables, areReplacedOnce) {
    EXPECT_EQ(resolved("${BRACES}"), "${HOST}");
}

TEST(Variables, canBeWrittenAsText) {
    EXPECT_EQ(resolved("$${HOST}"), "${HOST}");
    EXPECT_EQ(resolved("$$ $${"), "$$ ${");
}

TEST(Variables, mustBeSetOrHaveADefault) {
    EXPECT_EQ(resolved("x ${HOTS}"),
              "2 the environment has no variable HOTS, did you mean 'HOST'?; "
              "set it, or give it a default: ${HOTS:-default}");
}

TEST(Variables, haveNames) {
    const std::string hint = "; write ${NAME} or ${NAME:-default}, or $${ for a literal ${";
    EXPECT_EQ(resolved("a${}"), "1 '' is no name of a variable" + hint);
    EXPECT_EQ(resolved("${a b}"), "0 'a b' is no name of a variable" + hint);
    EXPECT_EQ(resolved("${1X:-y}"), "0 '1X' is no name of a variable" + hint);
    EXPECT_EQ(resolved("${HOST"), "0 this `${` is not closed" + hint);
}

TEST(Variables, areText) {
    EXPECT_EQ(resolved("${BYTES}"), "0 the value of BYTES is not UTF-8; set it to text");
}

TEST(Variables, areAllReportedAtOnce) {
    std::vector<VariableError> errors;
    resolveVariables("${A} ${B} ${HOST} ${C", kEnvironment, errors);
    EXPECT_EQ(errors.size(), 3u);
}

TEST(Variables, keepPlacesOfTheTextAroundThem) {
    std::vector<VariableError> errors;
    const ResolvedText text = resolveVariables("a/${HOST}/$${b", kEnvironment, errors);
    ASSERT_EQ(text.text(), "a/broker/${b");
    EXPECT_EQ(text.offsetBefore(0), 0u);
    EXPECT_EQ(text.offsetBefore(2), 2u);
    EXPECT_EQ(text.offsetBefore(5), 2u);    // within the value: where its variable stands
    EXPECT_EQ(text.offsetBefore(8), 9u);    // the slash
    EXPECT_EQ(text.offsetBefore(11), 13u);  // the b
    EXPECT_TRUE(text.isFromEnvironment());
}

}  // namespace
}  // namespace sluice
