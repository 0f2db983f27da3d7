#include <string>

#include <gtest/gtest.h>

#include "settings/Yaml.h"

namespace sluice::yaml {
namespace {

/// Everything that is wrong with a file, after a line break.
std::string problemsOf(const std::string& bytes) {
    const Document document = Document::parse("f.yaml", bytes);
    std::string text{"\n"};
    for (const Problem& problem : document.problems()) text += document.render(problem);
    return text;
}

TEST(YamlRefuses, aTagInsteadOfANegation) {
    EXPECT_EQ(problemsOf("when: !x"), R"(
f.yaml:1:7: error: a value that begins with `!` is a tag of YAML [tag]
  1 | when: !x
    |       ^
  hint: quote it: "!x"
)");
}

TEST(YamlRefuses, aTagInsteadOfAnExpression) {
    EXPECT_EQ(problemsOf("when: !has(data.x) && y"), R"(
f.yaml:1:7: error: a value that begins with `!` is a tag of YAML [tag]
  1 | when: !has(data.x) && y
    |       ^
  hint: quote it: "!has(data.x) && y"
)");
}

TEST(YamlRefuses, aTagWithAHandle) {
    EXPECT_EQ(problemsOf("a: !e!x y"), R"(
f.yaml:1:4: error: a value that begins with `!` is a tag of YAML [tag]
  1 | a: !e!x y
    |    ^
  hint: quote it: "!e!x y"
)");
}

TEST(YamlRefuses, aTagThatYamlKnows) {
    EXPECT_EQ(problemsOf("a: !!str x"), R"(
f.yaml:1:4: error: a value that begins with `!` is a tag of YAML [tag]
  1 | a: !!str x
    |    ^
  hint: quote it: "!!str x"
)");
}

TEST(YamlRefuses, aTagThatIsNotClosed) {
    EXPECT_EQ(problemsOf("a: !<x y"), R"(
f.yaml:1:4: error: a value that begins with `!` is a tag of YAML [tag]
  1 | a: !<x y
    |    ^
  hint: quote it: "!<x y"
)");
}

TEST(YamlRefuses, aColonInsideOfAnExpression) {
    EXPECT_EQ(problemsOf("when: a == \"a: b\" ? x : y: z"), R"(
f.yaml:1:14: error: a `: ` inside of a value would begin a mapping [colon]
  1 | when: a == "a: b" ? x : y: z
    |              ^
  hint: quote it: 'a == "a: b" ? x : y: z'
)");
}

TEST(YamlRefuses, twoValuesInALine) {
    EXPECT_EQ(problemsOf("a: b: c"), R"(
f.yaml:1:5: error: a `: ` inside of a value would begin a mapping [colon]
  1 | a: b: c
    |     ^
  hint: quote it: "b: c"
)");
}

TEST(YamlRefuses, bracesBeforeMoreText) {
    EXPECT_EQ(problemsOf("channel: {region}/x"), R"(
f.yaml:1:10: error: a value that begins with `{` is a mapping [brace]
  1 | channel: {region}/x
    |          ^
  hint: quote it: "{region}/x"
)");
}

TEST(YamlRefuses, bracketsBeforeMoreText) {
    EXPECT_EQ(problemsOf("channel: [region]/x"), R"(
f.yaml:1:10: error: a value that begins with `[` is a list [bracket]
  1 | channel: [region]/x
    |          ^
  hint: quote it: "[region]/x"
)");
}

TEST(YamlRefuses, quotesBeforeMoreText) {
    EXPECT_EQ(problemsOf("a: \"x\" y"), R"(
f.yaml:1:4: error: something follows the closing quote [after-quote]
  1 | a: "x" y
    |    ^
  hint: quote it: '"x" y'
)");
}

TEST(YamlRefuses, anAliasWithoutAnchor) {
    EXPECT_EQ(problemsOf("a: *foo"), R"(
f.yaml:1:4: error: a value that begins with `*` is an alias of YAML [alias]
  1 | a: *foo
    |    ^~~~
  hint: Sluice reads one plain document without aliases; if it is text, quote it: "*foo"
)");
}

TEST(YamlRefuses, anAliasThatIsAFilePattern) {
    EXPECT_EQ(problemsOf("a: *.txt"), R"(
f.yaml:1:4: error: a value that begins with `*` is an alias of YAML [alias]
  1 | a: *.txt
    |    ^
  hint: quote it: "*.txt"
)");
}

TEST(YamlRefuses, anAnchor) {
    EXPECT_EQ(problemsOf("a: &x b"), R"(
f.yaml:1:4: error: a value that begins with `&` is an anchor of YAML [anchor]
  1 | a: &x b
    |    ^
  hint: Sluice reads one plain document without anchors; if it is text, quote it: "&x b"
)");
}

TEST(YamlRefuses, anAnchorOfAMapping) {
    EXPECT_EQ(problemsOf("a: &x\n  b: c"), R"(
f.yaml:1:4: error: a value that begins with `&` is an anchor of YAML [anchor]
  1 | a: &x
    |    ^
  hint: Sluice reads one plain document without anchors; if it is text, quote it: "&x"
)");
}

TEST(YamlRefuses, anAnchorInAnExpression) {
    EXPECT_EQ(problemsOf("a: &x && y"), R"(
f.yaml:1:4: error: a value that begins with `&` is an anchor of YAML [anchor]
  1 | a: &x && y
    |    ^
  hint: quote it: "&x && y"
)");
}

TEST(YamlRefuses, aMergeKey) {
    EXPECT_EQ(problemsOf("<<: *x"), R"(
f.yaml:1:1: error: `<<` is a merge key of YAML [merge-key]
  1 | <<: *x
    | ^~
  hint: Sluice reads one plain document without merge keys: write the entries out
f.yaml:1:5: error: a value that begins with `*` is an alias of YAML [alias]
  1 | <<: *x
    |     ^~
  hint: Sluice reads one plain document without aliases; if it is text, quote it: "*x"
)");
}

TEST(YamlRefuses, aValueThatBeginsWithPercent) {
    EXPECT_EQ(problemsOf("a: %foo"), R"(
f.yaml:1:4: error: a value cannot begin with `%` [indicator]
  1 | a: %foo
    |    ^
  hint: quote it: "%foo"
)");
}

TEST(YamlRefuses, aValueThatBeginsWithAt) {
    EXPECT_EQ(problemsOf("a: @foo"), R"(
f.yaml:1:4: error: a value cannot begin with `@` [indicator]
  1 | a: @foo
    |    ^
  hint: quote it: "@foo"
)");
}

TEST(YamlRefuses, aValueThatBeginsWithABackTick) {
    EXPECT_EQ(problemsOf("a: `foo`"), R"(
f.yaml:1:4: error: a value cannot begin with a back-tick [indicator]
  1 | a: `foo`
    |    ^
  hint: quote it: "`foo`"
)");
}

TEST(YamlRefuses, aValueThatBeginsWithAComma) {
    EXPECT_EQ(problemsOf("a: , b"), R"(
f.yaml:1:4: error: a value cannot begin with a comma [indicator]
  1 | a: , b
    |    ^
  hint: quote it: ", b"
)");
}

}  // namespace
}  // namespace sluice::yaml
