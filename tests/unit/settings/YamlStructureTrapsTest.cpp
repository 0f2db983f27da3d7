#include <string>

#include <gtest/gtest.h>

#include "settings/Yaml.h"

using namespace std::string_literals;

namespace sluice::yaml {
namespace {

/// Everything that is wrong with a file, after a line break.
std::string problemsOf(const std::string& bytes) {
    const Document document = Document::parse("f.yaml", bytes);
    std::string text{"\n"};
    for (const Problem& problem : document.problems()) text += document.render(problem);
    return text;
}

TEST(YamlRefuses, aTabAsIndentation) {
    EXPECT_EQ(problemsOf("a:\n\tb: c"), R"(
f.yaml:2:1: error: a tab cannot indent [tab]
  2 | 	b: c
    | ^
  hint: indent with spaces
)");
}

TEST(YamlRefuses, aTabBehindAQuotedValue) {
    EXPECT_EQ(problemsOf("a: \"b\"\n\tc: d"), R"(
f.yaml:2:1: error: a tab cannot indent [tab]
  2 | 	c: d
    | ^
  hint: indent with spaces
)");
}

TEST(YamlRefuses, aTabInAFileOfThreeBytes) {
    EXPECT_EQ(problemsOf("\t,z"), R"(
f.yaml:1:1: error: a tab cannot indent [tab]
  1 | 	,z
    | ^
  hint: indent with spaces
)");
}

TEST(YamlRefuses, anUnclosedDoubleQuote) {
    EXPECT_EQ(problemsOf("a: \"x\nb: c"), R"(
f.yaml:1:4: error: this quote is never closed [unclosed-quote]
  1 | a: "x
    |    ^
  hint: close it on the same line, or quote the other way round
)");
}

TEST(YamlRefuses, anUnclosedSingleQuote) {
    EXPECT_EQ(problemsOf("a: 'x\nb: c\n"), R"(
f.yaml:1:4: error: this quote is never closed [unclosed-quote]
  1 | a: 'x
    |    ^
  hint: close it on the same line, or quote the other way round
)");
}

TEST(YamlRefuses, aBackslashBeforeTheEnd) {
    EXPECT_EQ(problemsOf("a: \"x\\"), R"(
f.yaml:1:6: error: this is no escape of a text in double quotes [escape]
  1 | a: "x\
    |      ^
  hint: write \\ for a backslash, or use single quotes: nothing is escaped there
)");
}

TEST(YamlRefuses, anUnknownEscape) {
    EXPECT_EQ(problemsOf("a: \"\\q\""), R"(
f.yaml:1:5: error: this is no escape of a text in double quotes [escape]
  1 | a: "\q"
    |     ^
  hint: write \\ for a backslash, or use single quotes: nothing is escaped there
)");
}

TEST(YamlRefuses, aLineWithoutColon) {
    EXPECT_EQ(problemsOf("a: b\nfoo\nc: d"), R"(
f.yaml:2:1: error: there is no `: ` here [no-colon]
  2 | foo
    | ^
  hint: write `key: value`, with a space behind the colon
)");
}

TEST(YamlRefuses, aFirstLineWithoutColon) {
    EXPECT_EQ(problemsOf("x\ny: z"), R"(
f.yaml:1:1: error: there is no `: ` here [no-colon]
  1 | x
    | ^
  hint: write `key: value`, with a space behind the colon
)");
}

TEST(YamlRefuses, anEmptyKey) {
    EXPECT_EQ(problemsOf(": x"), R"(
f.yaml:1:1: error: this does not belong to the mapping above it [indentation]
  1 | : x
    | ^
  hint: indent a key as much as its neighbours; one `key: value` in a line
)");
}

TEST(YamlRefuses, aKeyThatIsAList) {
    EXPECT_EQ(problemsOf("[a]: b"), R"(
f.yaml:1:1: error: a key must be text [key]
  1 | [a]: b
    | ^
  hint: write `key: value`; quote a key that begins with `{` or `[`
)");
}

TEST(YamlRefuses, aDuplicateKey) {
    EXPECT_EQ(problemsOf("a: 1\nb: 2\na: 3"), R"(
f.yaml:3:1: error: the key 'a' is there twice, first in line 1 [duplicate-key]
  3 | a: 3
    | ^
  hint: remove one of them
)");
}

TEST(YamlRefuses, aSecondDocument) {
    EXPECT_EQ(problemsOf("a: b\n---\nc: d"), R"(
f.yaml:2:1: error: a second document begins here [second-document]
  2 | ---
    | ^~~
  hint: Sluice reads one plain document: remove the `---`
)");
}

TEST(YamlRefuses, aDirective) {
    EXPECT_EQ(problemsOf("%YAML 1.2\n---\na: b"), R"(
f.yaml:1:1: error: a line that begins with `%` is a directive of YAML [directive]
  1 | %YAML 1.2
    | ^
  hint: Sluice reads one plain document: remove the line
)");
}

TEST(YamlRefuses, aListInTheLineOfItsKey) {
    EXPECT_EQ(problemsOf("a: - b"), R"(
f.yaml:1:4: error: a `- ` of a list cannot stand here [list]
  1 | a: - b
    |    ^
  hint: begin the list in the next line, or write [a, b]; quote a text that begins with `- `
)");
}

TEST(YamlRefuses, aKeyInsideOfAList) {
    EXPECT_EQ(problemsOf("- a\nb: c"), R"(
f.yaml:2:1: error: this line is not an item of the list above it [indentation]
  2 | b: c
    | ^
  hint: begin it with `- `, or indent it as what it belongs to
)");
}

TEST(YamlRefuses, aListInsideOfAMapping) {
    EXPECT_EQ(problemsOf("a: b\n- c"), R"(
f.yaml:2:1: error: this does not belong to the mapping above it [indentation]
  2 | - c
    | ^
  hint: indent a key as much as its neighbours; one `key: value` in a line
)");
}

TEST(YamlRefuses, aKeyDeeperThanAValue) {
    EXPECT_EQ(problemsOf("a: b\n  c: d"), R"(
f.yaml:2:3: error: this key stands below a value, deeper than its key [indentation]
  2 |   c: d
    |   ^
  hint: indent it like the key above, or let the key above have no value
)");
}

TEST(YamlRefuses, aKeyBetweenTwoIndentations) {
    EXPECT_EQ(problemsOf("a:\n  b: 1\n c: 2"), R"(
f.yaml:3:2: error: this does not belong to the mapping above it [indentation]
  3 |  c: 2
    |  ^
  hint: indent a key as much as its neighbours; one `key: value` in a line
)");
}

TEST(YamlRefuses, aKeyThatEndsABlock) {
    EXPECT_EQ(problemsOf("a: |\n  x\n y: z"), R"(
f.yaml:3:2: error: this does not belong to the mapping above it [indentation]
  3 |  y: z
    |  ^
  hint: indent a key as much as its neighbours; one `key: value` in a line
)");
}

TEST(YamlRefuses, aBlockThatBeginsInItsLine) {
    EXPECT_EQ(problemsOf("a: >x\n b"), R"(
f.yaml:1:4: error: a value that begins with `|` or `>` is a text of several lines that begins in the next line [block-text]
  1 | a: >x
    |    ^
  hint: quote it: ">x"
)");
}

TEST(YamlRefuses, anUnclosedList) {
    EXPECT_EQ(problemsOf("a: [1, 2"), R"(
f.yaml:1:4: error: this list is not closed, or a comma is missing in it [unclosed-list]
  1 | a: [1, 2
    |    ^
  hint: write [a, b]; quote what has brackets, braces or commas of its own
)");
}

TEST(YamlRefuses, anUnclosedMapping) {
    EXPECT_EQ(problemsOf("a: {b: 1"), R"(
f.yaml:1:4: error: this brace is not closed, or a comma is missing in it [unclosed-brace]
  1 | a: {b: 1
    |    ^
  hint: write {a: 1, b: 2}; quote what has brackets, braces or commas of its own
)");
}

TEST(YamlRefuses, aVariableInAList) {
    EXPECT_EQ(problemsOf("a: [${X}]"), R"(
f.yaml:1:6: error: a `{` inside of brackets begins a mapping [brace]
  1 | a: [${X}]
    |      ^
  hint: quote the whole text, as in ["${NAME}", "orders/{region}"]
)");
}

TEST(YamlRefuses, aVariableInAMapping) {
    EXPECT_EQ(problemsOf("a: {b: ${X}}"), R"(
f.yaml:1:9: error: a `{` inside of brackets begins a mapping [brace]
  1 | a: {b: ${X}}
    |         ^
  hint: quote the whole text, as in ["${NAME}", "orders/{region}"]
)");
}

TEST(YamlRefuses, aMissingValue) {
    EXPECT_EQ(problemsOf("a: ]"), R"(
f.yaml:1:4: error: a value is missing here [value]
  1 | a: ]
    |    ^
  hint: write it, or "" for an empty text
)");
}

TEST(YamlRefuses, textBehindTheEnd) {
    EXPECT_EQ(problemsOf("{a: b}} "), R"(
f.yaml:1:7: error: this does not belong to what stands above it [indentation]
  1 | {a: b}} 
    |       ^
  hint: write `key: value`, indented as much as its neighbours
)");
}

TEST(YamlRefuses, plainTextThatCrashesOthers) {
    EXPECT_EQ(problemsOf("? ...:\t-\n"), R"(
f.yaml:1:8: error: a `- ` of a list cannot stand here [list]
  1 | ? ...:	-
    |       	^
  hint: begin the list in the next line, or write [a, b]; quote a text that begins with `- `
)");
}

TEST(YamlRefuses, bytesThatAreNotUtf8) {
    EXPECT_EQ(problemsOf("a: x\377"), R"(
f.yaml:1:5: error: the byte 0xFF is not UTF-8 [not-utf8]
  1 | a: x?
    |     ^
  hint: save the file as UTF-8
)");
}

TEST(YamlRefuses, aLoneSurrogate) {
    EXPECT_EQ(problemsOf("a: \355\240\200"), R"(
f.yaml:1:4: error: the byte 0xED is not UTF-8 [not-utf8]
  1 | a: ???
    |    ^
  hint: save the file as UTF-8
)");
}

TEST(YamlRefuses, aNulByte) {
    EXPECT_EQ(problemsOf("a: x\000y"s), R"(
f.yaml:1:5: error: a NUL byte (U+0000) [control-character]
  1 | a: x?y
    |     ^
  hint: remove it; inside of double quotes an escape such as "\x1b" can stand for it
)");
}

TEST(YamlRefuses, anEscapeCharacter) {
    EXPECT_EQ(problemsOf("a: \033[31m"), R"(
f.yaml:1:4: error: an escape character (U+001B) [control-character]
  1 | a: ?[31m
    |    ^
  hint: remove it; inside of double quotes an escape such as "\x1b" can stand for it
)");
}

TEST(YamlRefuses, anInvisibleLineEnd) {
    EXPECT_EQ(problemsOf("a: \302\205"), R"(
f.yaml:1:4: error: a line end that editors do not show (U+0085) [control-character]
  1 | a: ?
    |    ^
  hint: remove it; inside of double quotes an escape such as "\x1b" can stand for it
)");
}

TEST(YamlRefuses, aCarriageReturnAlone) {
    EXPECT_EQ(problemsOf("a: x\ry"), R"(
f.yaml:1:5: error: a carriage return without a line feed (U+000D) [control-character]
  1 | a: x?y
    |     ^
  hint: remove it; inside of double quotes an escape such as "\x1b" can stand for it
)");
}

TEST(YamlRefuses, aByteOrderMarkInTheMiddle) {
    EXPECT_EQ(problemsOf("a: \357\273\277b"), R"(
f.yaml:1:4: error: a byte order mark in the middle of the file (U+FEFF) [control-character]
  1 | a: ﻿b
    |    ^
  hint: remove it; inside of double quotes an escape such as "\x1b" can stand for it
)");
}

}  // namespace
}  // namespace sluice::yaml
