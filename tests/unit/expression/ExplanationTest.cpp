#include <gtest/gtest.h>

#include "Evaluated.h"
#include "expression/Explanation.h"

namespace sluice::cel {
namespace {

std::string shown(std::string_view text, const ExplainedPart& part) {
    std::string line{text.substr(part.offset, part.length)};
    line += " = ";
    if (part.value.isError()) return line + std::string{part.value.asError().message};
    appendCel(line, part.value);
    return line;
}

/// What decided, each with the variables in it: "payload.a > 1 = false {payload.a = 0}".
std::string decided(std::string_view text, std::string_view payload) {
    const TestMessage message{payload};
    std::vector<Problem> problems;
    const auto expression = Expression::compile(text, message, problems);
    Arena arena;
    const Explanation explanation = expression->explain(message, arena);
    std::string result;
    for (const std::size_t part : explanation.deciding) {
        result += (result.empty() ? "" : "; ") + shown(text, explanation.parts[part]);
        for (const std::size_t variable : explanation.variablesOf(part))
            result += " {" + shown(text, explanation.parts[variable]) + '}';
    }
    return result;
}

TEST(Explanation, namesThePartThatWasFalse) {
    EXPECT_EQ(decided("payload.a > 1 && payload.b != 'x'", R"({"a": 5, "b": "x"})"),
              "payload.b != 'x' = false {payload.b = 'x'}");
    EXPECT_EQ(decided("payload.a > 1 && payload.b != 'x'", R"({"a": 0, "b": "x"})"),
              "payload.a > 1 = false {payload.a = 0}");
    EXPECT_EQ(decided("payload.a > 1 || !(payload.b == 'x')", R"({"a": 0, "b": "x"})"),
              "payload.a > 1 = false {payload.a = 0}; (payload.b == 'x') = true {payload.b = 'x'}");
    EXPECT_EQ(
        decided("payload.a > 1 && (payload.b == 'y' || payload.a > 5)", R"({"a": 3, "b": "x"})"),
        "payload.b == 'y' = false {payload.b = 'x'}; payload.a > 5 = false {payload.a = 3}");
}

TEST(Explanation, namesWhatHadNoValue) {
    EXPECT_EQ(decided("payload.a > 1 && payload.b > 2", R"({"b": 5})"),
              "payload.a > 1 = `payload.a` is missing {payload.a = `payload.a` is missing}");
    EXPECT_EQ(decided("payload.a > 1 && payload.b > 9", R"({"b": 5})"),
              "payload.b > 9 = false {payload.b = 5}");
}

TEST(Explanation, followsTheBranchThatWasTaken) {
    EXPECT_EQ(
        decided("payload.a > 1 ? payload.b == 'x' : payload.b == 'y'", R"({"a": 0, "b": "x"})"),
        "payload.a > 1 = false {payload.a = 0}; payload.b == 'y' = false {payload.b = 'x'}");
}

TEST(Explanation, doesNotCountWhatMacrosVisit) {
    EXPECT_EQ(decided("payload.l.exists(i, i > payload.n)", R"({"l": [1, 2], "n": 5})"),
              "payload.l.exists(i, i > payload.n) = false {payload.l = [1, 2]}");
}

TEST(Explanation, writesDownTheWholeBeforeItsParts) {
    const TestMessage message{R"({"a": 2})"};
    std::vector<Problem> problems;
    const std::string text{"(payload.a + 1) * 2 > 5"};
    const auto expression = Expression::compile(text, message, problems);
    Arena arena;
    const Explanation explanation = expression->explain(message, arena);
    std::vector<std::string> lines;
    for (const ExplainedPart& part : explanation.parts)
        lines.push_back(std::string(part.depth, ' ') + shown(text, part));
    EXPECT_EQ(lines, (std::vector<std::string>{"(payload.a + 1) * 2 > 5 = true",
                                               " (payload.a + 1) * 2 = 6", "  (payload.a + 1) = 3",
                                               "   payload.a = 2"}));
    EXPECT_TRUE(explanation.value.isTrue());
}

TEST(Explanation, isBounded) {
    std::string list{"{\"l\": [0"};
    for (int i = 0; i < 5'000; ++i) list += ",0";
    const TestMessage message{list + "]}"};
    std::vector<Problem> problems;
    const auto expression = Expression::compile("payload.l.all(i, i == 0)", message, problems);
    Arena arena;
    const Explanation explanation = expression->explain(message, arena);
    EXPECT_EQ(explanation.parts.size(), kExplainedPartsMax);
    EXPECT_TRUE(explanation.parts.front().value.isTrue());
}

}  // namespace
}  // namespace sluice::cel
