#include <string>

#include <gtest/gtest.h>

#include "settings/Yaml.h"

namespace sluice::yaml {
namespace {

std::string codesOf(const Document& document) {
    std::string codes;
    for (const Problem& problem : document.problems()) codes += problem.code + ' ';
    return codes;
}

std::string rendered(const std::string& bytes) {
    const Document document = Document::parse("f.yaml", bytes);
    std::string text{"\n"};
    for (const Problem& problem : document.problems()) text += document.render(problem);
    return text;
}

/// LINE:COLUMN of the text's byte that `needle` begins with.
std::string placeOf(const std::string& bytes, const std::string& key, const std::string& needle) {
    const Document document = Document::parse("f.yaml", bytes);
    const Node* const node = document.root().find(key);
    if (!node) return "no such key";
    const std::size_t offset = node->text().find(needle);
    if (offset == std::string::npos) return "not in the text: " + std::string{node->text()};
    const Mark mark = node->at(offset);
    EXPECT_EQ(bytes.substr(mark.offset, needle.size()), needle);
    return std::to_string(mark.line) + ':' + std::to_string(mark.column);
}

TEST(Yaml, interpretsNothing) {
    const Document document =
        Document::parse("f", "[0123, yes, no, 1_000, 0x10, .inf, \"8\", '8', 8, -0.5e3]");
    std::string texts;
    for (const Node& item : document.root().items()) texts += std::string{item.text()} + ' ';
    EXPECT_EQ(texts, "0123 yes no 1_000 0x10 .inf 8 8 8 -0.5e3 ");
    EXPECT_EQ(document.root().items()[6].style(), Style::Double);
    EXPECT_EQ(document.root().items()[7].style(), Style::Single);
    EXPECT_EQ(document.root().items()[8].style(), Style::Plain);
}

TEST(Yaml, knowsEveryStyle) {
    const Document document =
        Document::parse("f", "a: |\n  x\nb: >\n  y\nc: {}\nd: []\ne:\n  - 1\n");
    EXPECT_EQ(document.root().style(), Style::Block);
    EXPECT_EQ(document.root().find("a")->style(), Style::Literal);
    EXPECT_EQ(document.root().find("b")->style(), Style::Folded);
    EXPECT_EQ(document.root().find("c")->style(), Style::Flow);
    EXPECT_EQ(document.root().find("d")->style(), Style::Flow);
    EXPECT_EQ(document.root().find("e")->style(), Style::Block);
}

TEST(Yaml, tellsNothingFromAnEmptyText) {
    const Document document = Document::parse("f", "a:\nb: ~\nc: null\nd: \"\"\ne: 'null'\n");
    EXPECT_EQ(document.root().find("a")->kind(), Kind::Null);
    EXPECT_EQ(document.root().find("b")->kind(), Kind::Null);
    EXPECT_EQ(document.root().find("c")->kind(), Kind::Null);
    EXPECT_EQ(document.root().find("d")->kind(), Kind::Scalar);
    EXPECT_EQ(document.root().find("e")->kind(), Kind::Scalar);
    EXPECT_EQ(document.root().find("f"), nullptr);
}

TEST(Yaml, keepsTheOrderOfTheFile) {
    const Document document = Document::parse("f", "z: 1\na: 2\nm: 3\n");
    std::string keys;
    for (const Entry& entry : document.root().entries()) keys += entry.key.text();
    EXPECT_EQ(keys, "zam");
}

TEST(Yaml, takesAnEmptyFileForNothing) {
    EXPECT_EQ(Document::parse("f", "").root().kind(), Kind::Null);
    EXPECT_EQ(Document::parse("f", "# only a comment\n").root().kind(), Kind::Null);
    EXPECT_EQ(codesOf(Document::parse("f", "")), "");
}

TEST(Yaml, takesTheMarksOfOneDocument) {
    EXPECT_EQ(codesOf(Document::parse("f", "---\na: b\n...\n")), "");
}

TEST(Yaml, countsColumnsInCodePointsBehindAByteOrderMark) {
    const Document document = Document::parse("f", "\xef\xbb\xbf\"\xc3\xa9\": \xe2\x82\xac x\n");
    const Node& value = document.root().entries()[0].value;
    EXPECT_EQ(value.text(), "\xe2\x82\xac x");
    EXPECT_EQ(value.span().begin, (Mark{1, 6, 6}));
    EXPECT_EQ(value.at(4), (Mark{1, 8, 10}));
}

TEST(Yaml, countsLinesOfFilesThatEndTheirLinesInTwoCharacters) {
    const Document document = Document::parse("f", "a: \"x\r\n  y\"\r\nb: |\r\n  z\r\nc: d\r\n");
    EXPECT_EQ(document.root().find("a")->text(), "x y");
    EXPECT_EQ(document.root().find("b")->text(), "z\n");
    EXPECT_EQ(document.root().find("c")->span().begin, (Mark{5, 4, 27}));
}

TEST(Yaml, refusesFilesThatAreTooLarge) {
    EXPECT_EQ(codesOf(Document::parse("f", "abcdef", {.bytes = 5})), "too-large ");
    EXPECT_EQ(codesOf(Document::parse("f", "abcde", {.bytes = 5})), "");
}

TEST(Yaml, refusesCollectionsThatAreTooDeep) {
    const std::string deep(10'000, '[');
    EXPECT_EQ(codesOf(Document::parse("f", deep)), "too-deep ");
    EXPECT_EQ(codesOf(Document::parse("f", "[[[1]]]", {.depth = 3})), "");
    EXPECT_EQ(codesOf(Document::parse("f", "[[[[1]]]]", {.depth = 3})), "too-deep ");
}

TEST(Yaml, refusesTooManyValues) {
    EXPECT_EQ(codesOf(Document::parse("f", "[1, 2, 3]", {.nodes = 4})), "");
    EXPECT_EQ(codesOf(Document::parse("f", "[1, 2, 3]", {.nodes = 3})), "too-many-nodes ");
}

TEST(Yaml, keepsABoundedNumberOfProblems) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "a: " + std::to_string(i) + "\n";
    EXPECT_EQ(Document::parse("f", text, {.problems = 7}).problems().size(), 7u);
}

TEST(Yaml, expandsNoAliasBomb) {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int n = 0; n < 8; ++n) bomb += ", " + last;
        bomb += "]\n";
    }
    EXPECT_EQ(Document::parse("f", bomb).problems().front().code, "anchor");
}

TEST(Yaml, refusesAKeyThatIsTooLongAtItsBeginning) {
    const Document document = Document::parse("f", "a: b\n" + std::string(1'100, 'x') + ": y\n");
    ASSERT_EQ(codesOf(document), "long-key ");
    EXPECT_EQ(document.problems()[0].where.begin, (Mark{2, 1, 5}));
}

TEST(Yaml, readsLongScalarsAndLongLines) {
    const std::string megabyte(1'000'000, 'x');
    const Document document = Document::parse("f", "a: \"" + megabyte + "\"\nb: " + megabyte);
    EXPECT_EQ(document.root().find("a")->text().size(), megabyte.size());
    EXPECT_EQ(document.root().find("b")->span().end.column, 1'000'004u);
    std::string flow = "a: [";
    for (int i = 0; i < 100'000; ++i) flow += "12345678, ";
    EXPECT_EQ(Document::parse("f", flow + "1]").root().find("a")->items().size(), 100'001u);
}

TEST(Yaml, tellsAllThatIsWrongAtOnce) {
    EXPECT_EQ(codesOf(Document::parse("f", "a: !x\nb: *y\nb: &z 1\n? [k]\n: v\nc: [")),
              "tag alias duplicate-key anchor key unclosed-list ");
}

TEST(Yaml, pointsInsideOfPlainText) {
    EXPECT_EQ(placeOf("from: shop:orders.{region", "from", "{region"), "1:19");
    EXPECT_EQ(placeOf("a: one\n  two\n\n   three", "a", "three"), "4:4");
}

TEST(Yaml, pointsInsideOfQuotes) {
    EXPECT_EQ(placeOf("a: 'it''s {x'", "a", "{x"), "1:11");
    EXPECT_EQ(placeOf("a: \"\\u20ac \\x41 \\n {x\"", "a", "{x"), "1:20");
    EXPECT_EQ(placeOf("a: \"one \\\n    {x\"", "a", "{x"), "2:5");
    EXPECT_EQ(placeOf("a: \"one\n  {x\"", "a", "{x"), "2:3");
}

TEST(Yaml, pointsInsideOfBlocks) {
    EXPECT_EQ(placeOf("a: |\n  one\n    {x\n", "a", "{x"), "3:5");
    EXPECT_EQ(placeOf("a: |-\n\n  one\n  {x", "a", "{x"), "4:3");
    EXPECT_EQ(placeOf("a: |2\n    one\n  {x", "a", "one"), "2:5");
    EXPECT_EQ(placeOf("a: >\n  one\n  two {x\n", "a", "{x"), "3:7");
}

TEST(Yaml, pointsToTheBeginningWhereItCannotTell) {
    const Document document = Document::parse("f", "a: \"b\n  \\t c {x\"\n");
    const Node* const node = document.root().find("a");
    EXPECT_EQ(node->at(node->text().find('{')), node->span().begin);
    EXPECT_EQ(document.root().at(3), document.root().span().begin);
}

TEST(Yaml, pointsBehindTheEndOfText) {
    const Document document = Document::parse("f", "a: abc\nb: 'abc'\n");
    EXPECT_EQ(document.root().find("a")->at(3).column, 7u);
    EXPECT_EQ(document.root().find("b")->at(99).column, 8u);
}

TEST(Yaml, showsAPartOfALongLine) {
    EXPECT_EQ(rendered("a: " + std::string(200, 'x') + ": " + std::string(200, 'y')), R"(
f.yaml:1:204: error: a `: ` inside of a value would begin a mapping [colon]
  1 | ...)" + std::string(50, 'x') + ": " + std::string(48, 'y') + R"(...
    | )" + std::string(53, ' ') + R"(^
  hint: quote it: ")" + std::string(200, 'x') + ": " + std::string(200, 'y') + "\"\n");
}

TEST(Yaml, keepsTabsInFrontOfTheCaret) {
    EXPECT_EQ(rendered("a:\t!x\n"), R"(
f.yaml:1:4: error: a value that begins with `!` is a tag of YAML [tag]
  1 | a:	!x
    |   	^
  hint: quote it: "!x"
)");
}

TEST(Yaml, coversSecrets) {
    EXPECT_EQ(rendered("password: hunter2: x\n"), R"(
f.yaml:1:18: error: a `: ` inside of a value would begin a mapping [colon]
  1 | password: **********
    |                  ^
  hint: quote the text: "..." or '...'
)");
    EXPECT_EQ(
        rendered("p: {key: \"abc\", sasl.password: x, KEY: '${K}', myKey: \"{id}\", n: !x}\n"),
        R"(
f.yaml:1:66: error: a value that begins with `!` is a tag of YAML [tag]
  1 | p: {key: *****, sasl.password: *, KEY: '${K}', myKey: "{id}", n: !x}
    |                                                                  ^
  hint: quote the text: "..." or '...'
)");
}

TEST(Yaml, coversPasswordsInUrls) {
    EXPECT_EQ(rendered("server: \"redis://u:hunter2@h\" x\n"), R"(
f.yaml:1:9: error: something follows the closing quote [after-quote]
  1 | server: "redis://u:*******@h" x
    |         ^
  hint: quote the text: "..." or '...'
)");
    EXPECT_EQ(rendered("{server: redis://u:hunter2@h, n: !x}\n"), R"(
f.yaml:1:34: error: a value that begins with `!` is a tag of YAML [tag]
  1 | {server: redis://u:*******@h, n: !x}
    |                                  ^
  hint: quote the text: "..." or '...'
)");
}

/// What is shown of the line that is wrong.
std::string excerptOf(const std::string& bytes) {
    const std::string text = rendered(bytes);
    const std::size_t begin = text.find(" | ") + 3;
    return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(Yaml, coversSecretsOfKeysInLinesAbove) {
    EXPECT_EQ(excerptOf("a:\n  password:\n    !hunter2\n"), "    ********");
    EXPECT_EQ(excerptOf("a:\n  secret: \"x\n    hunter2\" y\nb: 1\n"), "    **********");
    EXPECT_EQ(excerptOf("secret: |\n  one: 1\n\ttwo\n"), "\t***");
    EXPECT_EQ(excerptOf("tokens:\n  - !hunter2\n"), "  **********");
    EXPECT_EQ(excerptOf("{token:\n  !hunter2}\n"), "  *********");
    EXPECT_EQ(excerptOf("tokens:\n  - name: !a\n"), "  - name: !a");
    EXPECT_EQ(excerptOf("key:\n  !{x}\n"), "  !{x}");
    EXPECT_EQ(excerptOf("# password:\n  a: !x\n"), "  a: !x");
    EXPECT_EQ(excerptOf("password: x\nb:\n  !x\n"), "  !x");
}

TEST(Yaml, coversSecretsOfKeysThatLackTheirSpace) {
    EXPECT_EQ(excerptOf("{password:hunter2, n: !x}\n"), "{password:*******, n: !x}");
    EXPECT_EQ(excerptOf("password:hunter2: !x\n"), "password:***********");
    EXPECT_EQ(excerptOf("from: [tokens:orders, !x]\n"), "from: [tokens:orders, !x]");
    EXPECT_EQ(excerptOf("{from: \"tokens:orders\", n: !x}\n"), "{from: \"tokens:orders\", n: !x}");
}

TEST(Yaml, coversDefaultsOfSecrets) {
    EXPECT_EQ(excerptOf("{password: \"${P:-hunter2}\", token: '${T}', n: !x}\n"),
              "{password: \"${P:-*******}\", token: '${T}', n: !x}");
    EXPECT_EQ(excerptOf("{password: \"${P}hunter2\", n: !x}\n"),
              "{password: *************, n: !x}");
    EXPECT_EQ(excerptOf("{a: \"${PASSWORD:-b}\", n: !x}\n"), "{a: \"${PASSWORD:-b}\", n: !x}");
}

TEST(Yaml, coversSecretsOfKeysThatAreMisspelt) {
    EXPECT_EQ(excerptOf("{pasword: hunter2, n: !x}\n"), "{pasword: *******, n: !x}");
    EXPECT_EQ(excerptOf("{key_passwrod: hunter2, n: !x}\n"), "{key_passwrod: *******, n: !x}");
    EXPECT_EQ(excerptOf("{passwd: a, pwd: b, Secert: c, tokne: d, n: !x}\n"),
              "{passwd: *, pwd: *, Secert: *, tokne: *, n: !x}");
    EXPECT_EQ(excerptOf("{topic: a, pattern: b, select: c, n: !x}\n"),
              "{topic: a, pattern: b, select: c, n: !x}");
}

TEST(Yaml, findsPlacesForOthers) {
    const Document document = Document::parse("f", "a: b\nc: d\n");
    EXPECT_EQ(document.markAt(2, 4), (Mark{2, 4, 8}));
    EXPECT_EQ(document.markAt(2, 99), (Mark{2, 5, 9}));
    EXPECT_EQ(document.markAt(0, 0), (Mark{1, 1, 0}));
}

}  // namespace
}  // namespace sluice::yaml
