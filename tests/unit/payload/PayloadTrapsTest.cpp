#include "PayloadFixture.h"
#include "expression/Json.h"

// Traps of JSON and of simdjson's on-demand reader, each with what is done about it.
namespace sluice {
namespace {

using cel::Kind;

TEST_F(PayloadTest, numbersKeepTheirText) {
    EXPECT_EQ(found(R"({"a":129.90,"b":1E400,"c":123456789012345678901234567890,"d":-0 })",
                    {"a", "b", "c", "d"}),
              "129.90 1E400 123456789012345678901234567890 -0");
}

TEST_F(PayloadTest, aHugeNumberElsewhereDoesNotRefuseTheMessage) {
    EXPECT_EQ(found(R"({"x":1E400,"y":123456789012345678901234567890,"a":1})", {"a"}), "1");
}

TEST_F(PayloadTest, integersOf64BitsAreExact) {
    found(R"({"a":9007199254740993,"b":-9223372036854775808,"c":18446744073709551615})",
          {"a", "b", "c"});
    EXPECT_EQ(payload.value(0, arena).asInt(), 9007199254740993);
    EXPECT_EQ(payload.value(1, arena).asInt(), INT64_MIN);
    EXPECT_EQ(payload.value(2, arena).asUint(), UINT64_MAX);
}

TEST_F(PayloadTest, ofEqualKeysTheLastOneCounts) {
    EXPECT_EQ(found(R"({"a":1,"a":2})", {"a"}), "2");
    EXPECT_EQ(found(R"({"a":{"b":1,"c":1},"a":{"c":2}})", {"a.b", "a.c", "a"}), R"(- 2 {"c":2})");
    EXPECT_EQ(found(R"({"a":{"b":1},"a":3})", {"a.b", "a"}), "- 3");
    found(R"({"a":{"b":1,"b":2}})", {"a"});
    EXPECT_EQ(payload.value(0, arena).asMap().find("b")->asInt(), 2);
}

TEST_F(PayloadTest, keysAreComparedAsTheyMean) {
    EXPECT_EQ(found(R"({"\u0061":1,"b\"c":2,"d":3})", {"a", "b\"c", "d"}), "1 2 3");
    EXPECT_EQ(found(R"({"\u0061":1,"a":2})", {"a"}), "2");
    EXPECT_EQ(found(R"({"\ud83d\ude00":1,"\u00e4":2})", {"\xf0\x9f\x98\x80", "\xc3\xa4"}), "1 2");
    EXPECT_EQ(found(R"({"a\\":1,"a":2})", {"a"}), "2");
    EXPECT_EQ(found(R"({"ab":1,"abc":2,"a":3})", {"abc", "a"}), "2 3");
}

TEST_F(PayloadTest, keysOfAllLengthsAreToldApart) {
    const std::string json =
        R"({"abcdefghij":1,"abcdefghi":2,"abcdefgh":3,"abcdefg":4,"":5,"a":6,"abcdefghk":7})";
    EXPECT_EQ(found(json, {"a", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghij"}), "6 4 3 2 1");
    EXPECT_EQ(found(json, {"abcdefghk", "abcdef", "b", "abcdefghijk"}), "7 - - -");
    EXPECT_EQ(found(R"({"":{"":1}})", {"."}), R"({"":1})");
    EXPECT_EQ(found(R"({"x":{"":1,"y":2}})", {"x."}), "1");
}

TEST_F(PayloadTest, namesWithQuotesAndBackslashesStandEscapedInAKey) {
    const std::vector<std::string> few{R"(a":1,"b)", R"(c"d)", R"(e\f)"};
    std::vector<std::string> many = few;
    for (const char* name : {"m", "n", "o", "p", "q", "r", "s"}) many.push_back(name);
    const std::string rest = " - - - - - - -";
    for (const auto& [json, values] : std::vector<std::pair<std::string, std::string>>{
             {R"({"a":1,"b":2})", "- - -"},
             {R"({"a\":1,\"b":3,"c\"d":4,"e\\f":5})", "3 4 5"},
             {R"({"e\f":6,"c\\":7,"c":8})", "- - -"}}) {
        EXPECT_EQ(found(json, few), values);
        EXPECT_EQ(found(json, many), values + rest);
    }
}

TEST_F(PayloadTest, tokensEndWhereTheyEnd) {
    EXPECT_EQ(found("{\"a\" : 1 \n\t , \"b\":{ } \r\n}", {"a", "b"}), "1 { }");
}

TEST_F(PayloadTest, aByteOrderMarkIsSkipped) {
    EXPECT_EQ(found("\xef\xbb\xbf{\"a\":1}", {"a"}), "1");
    EXPECT_EQ(found("\xef\xbb\xbf", {"a"}), "broken: it is empty");
}

TEST_F(PayloadTest, whatIsNoUtf8IsBroken) {
    EXPECT_EQ(found("{\"a\":1,\"b\":\"\xff\"}", {"a"}), "broken: it is not UTF-8");
    EXPECT_EQ(found("\"\xff\"", {""}), "broken: it is no JSON text");
}

TEST_F(PayloadTest, brokenStringsAreBroken) {
    EXPECT_EQ(found("{\"a\":1,\"b\":\"x\ny\"}", {"a"}),
              "broken: a string has a control character that is not escaped");
    EXPECT_EQ(found(R"({"a":1,"b":"x)", {"a"}), "broken: a string is not closed");
}

TEST_F(PayloadTest, whatStandsBehindTheEndIsBroken) {
    for (const char* text : {R"({"a":1}{"a":2})", R"({"a":1} x)", R"({"a":1}])", "[1]2", "1 2"})
        EXPECT_EQ(found(text, {"a"}), "broken: it is no JSON text") << text;
}

TEST_F(PayloadTest, whatDoesNotNestIsBroken) {
    for (const char* text :
         {R"({"x":{]},"a":1)", R"({"a":1)", R"({"a":1]})", R"([{"a":1])", "{]", "{", "[", "}",
          R"({"a":[1,2})", R"({"a":{"b":1})", R"({"a":})", R"({"a" 1})", R"({"a":1 "b":2})",
          R"({"a":1 2})", R"({a:1})", R"({"a":1,})", "nonsense", "<xml/>", "'a'"})
        EXPECT_EQ(found(text, {"a", "a.b", "a[0]"}).substr(0, 6), "broken") << text;
}

TEST_F(PayloadTest, aBrokenDocumentLeavesNothingBehind) {
    EXPECT_EQ(found(R"({"a":1,"b":2}})", {"a", "b"}), "broken: it is no JSON text");
    EXPECT_FALSE(payload.has(0));
    EXPECT_FALSE(payload.has(1));
}

TEST_F(PayloadTest, whatNobodyReadsIsNotLookedAt) {
    EXPECT_EQ(found(R"({"b":tru,"c":01,"d":{"e":nul},"a":1})", {"a"}), "1");
}

TEST_F(PayloadTest, whatIsCopiedWasWalkedOver) {
    EXPECT_EQ(found(R"({"b":{"x":tru},"a":1})", {"b"}), "broken: it is no JSON text");
    EXPECT_EQ(found(R"({"b":tru})", {"b"}), "broken: it is no JSON text");
    EXPECT_EQ(found(R"({"b":01})", {"b"}), "broken: it is no JSON text");
    EXPECT_EQ(found(R"({"b":"\q"})", {"b"}), "broken: it is no JSON text");
    EXPECT_EQ(found(R"([1,tru])", {""}), "broken: it is no JSON text");
}

TEST_F(PayloadTest, whatIsDecodedWasWalkedOver) {
    Paths paths;
    const std::vector<SlotId> slots{paths.add(stepsOf("b")), paths.add(stepsOf("a"))};
    const PathTree read{paths, slots};
    ASSERT_TRUE(payload.load(R"({"b":{"x":tru},"a":1})", read));
    EXPECT_TRUE(payload.problem().empty());
    EXPECT_TRUE(payload.value(slots[0], arena).isError());
    EXPECT_FALSE(payload.problem().empty());
    EXPECT_EQ(payload.value(slots[1], arena).asInt(), 1);
}

TEST_F(PayloadTest, aLoneSurrogateIsCopiedAsItIs) {
    EXPECT_EQ(found(R"({"a":"\ud800"})", {"a"}), R"("\ud800")");
    EXPECT_EQ(payload.value(0, arena).asString(), "\xef\xbf\xbd");
}

TEST_F(PayloadTest, skippingKnowsNoDepthButCopyingDoes) {
    const std::string deep = std::string(2'000, '[') + std::string(2'000, ']');
    EXPECT_EQ(found(R"({"x":)" + deep + R"(,"a":1})", {"a"}), "1");
    EXPECT_EQ(found(R"({"a":)" + deep + "}", {"a"}), "broken: it is no JSON text");
}

TEST_F(PayloadTest, aLargeMessageLeavesNoMemoryBehind) {
    const std::size_t before = payload.bytesHeld();
    const std::string large = R"({"x":")" + std::string(4u << 20, 'x') + R"(","a":1})";
    EXPECT_EQ(found(large, {"a"}), "1");
    EXPECT_GT(payload.bytesHeld(), large.size());
    EXPECT_EQ(found(R"({"a":2})", {"a"}), "2");
    EXPECT_LT(payload.bytesHeld(), before + 4'096);
}

TEST_F(PayloadTest, messagesOfEqualSizeReuseItsMemory) {
    const std::string text = R"({"x":")" + std::string(10'000, 'x') + R"(","a":1})";
    found(text, {"a"});
    const std::size_t held = payload.bytesHeld();
    for (int i = 0; i < 100; ++i) found(text.substr(0, text.size()), {"a"});
    EXPECT_EQ(payload.bytesHeld(), held);
}

}  // namespace
}  // namespace sluice
