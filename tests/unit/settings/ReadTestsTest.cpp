#include <gtest/gtest.h>

#include "settings/Settings.h"

namespace sluice {
namespace {

const std::string kInputs =
    "inputs: {shop: {plugin: kafka}, plant: {plugin: mqtt}, own: {plugin: mine}}\n"
    "mappings: [{from: \"shop:t\", channel: c}, {from: \"plant:t\", channel: c},\n"
    "  {from: \"own:t\", channel: c}]\n"
    "tests:\n";

LoadResult read(const std::string& tests) {
    return load("f.yaml", kInputs + tests, {{"TENANT", "acme"}});
}

/// LINE:COLUMN CODE of every problem; line 1 is the first below `tests:`.
std::string codesOf(const std::string& tests) {
    std::string codes;
    for (const yaml::Problem& problem : read(tests).problems)
        codes += (codes.empty() ? "" : ", ") + std::to_string(problem.where.begin.line - 4) + ':' +
                 std::to_string(problem.where.begin.column) + ' ' + problem.code;
    return codes;
}

/// The payload that is written so.
std::optional<std::string> payloadOf(const std::string& text) {
    const LoadResult result =
        read("  - given: {input: shop, topic: t, payload: " + text + "}\n    expect: []\n");
    EXPECT_EQ(result.report(), "");
    return result.settings.tests.at(0).given.payload;
}

TEST(ReadTests, readAMessageWithAllThatItHas) {
    const LoadResult result = read(
        "  - given: {input: shop, topic: t, key: k, time: 1970-01-01T00:00:01Z, partition: 3,\n"
        "            offset: 17, headers: {tenant: \"${TENANT}\", none: ~}, payload: text}\n"
        "    expect: []\n");
    ASSERT_EQ(result.report(), "");
    const WrittenMessage& given = result.settings.tests.at(0).given;
    EXPECT_EQ(given.input, "shop");
    EXPECT_EQ(given.topic, "t");
    EXPECT_EQ(given.key, "k");
    EXPECT_EQ(given.timeMs, 1'000);
    EXPECT_EQ(given.partition, 3u);
    ASSERT_TRUE(given.offset);
    EXPECT_EQ(given.offset->position.first, 17u);
    ASSERT_EQ(given.headers.size(), 2u);
    EXPECT_EQ(given.headers[0].second, "acme");
    EXPECT_EQ(given.headers[1].second, std::nullopt);
    EXPECT_EQ(given.payload, "text");
}

TEST(ReadTests, makeJsonOfAStructureAndLeaveATextAsItIs) {
    EXPECT_EQ(payloadOf("{a: 1, b: '2', c: [true, ~, x, 1.50], d: {}}"),
              R"({"a":1,"b":"2","c":[true,null,"x",1.50],"d":{}})");
    EXPECT_EQ(payloadOf("'{\"a\":  1}'"), R"({"a":  1})");
    EXPECT_EQ(payloadOf("21.50"), "21.50");
    EXPECT_EQ(payloadOf("\"{x}\""), "{x}");
    EXPECT_EQ(payloadOf("~"), std::nullopt);
}

TEST(ReadTests, takeTheVariablesOfTheInput) {
    EXPECT_EQ(codesOf("  - given: {input: plant, topic: t, payload: x, qos: 1, retained: true}\n"
                      "    expect: []\n"),
              "");
    EXPECT_EQ(codesOf("  - given: {input: shop, topic: t, payload: x, qos: 1}\n"
                      "    expect: []\n"),
              "1:48 unknown-key");
    EXPECT_EQ(codesOf("  - given: {input: http, topic: t, payload: x, event: e}\n"
                      "    expect: []\n"),
              "");
    const LoadResult result =
        read("  - given: {input: own, topic: t, payload: x, colour: red}\n    expect: []\n");
    EXPECT_EQ(result.report(), "");
    const WrittenMessage& given = result.settings.tests.at(0).given;
    ASSERT_EQ(given.variables.size(), 1u);
    EXPECT_EQ(given.variables[0].second, "red");
}

TEST(ReadTests, knowWhereEachExpectationStands) {
    const LoadResult result = read(
        "  - given: {input: shop, topic: t, payload: x}\n"
        "    expect:\n"
        "      - channel: c\n"
        "        data: {a: {'b c': [1, 2]}}\n");
    ASSERT_EQ(result.report(), "");
    const auto& places = result.settings.tests.at(0).events.at(0).places;
    EXPECT_EQ(placeOf(places.at("")), "f.yaml:7:9");
    EXPECT_EQ(placeOf(places.at("channel")), "f.yaml:7:18");
    EXPECT_EQ(placeOf(places.at("data.a['b c'][1]")), "f.yaml:8:31");
}

TEST(ReadTests, readFates) {
    const LoadResult result = read(
        "  - {given: {input: shop, topic: t, payload: x}, expect: {rejected: not-json}}\n"
        "  - {given: {input: shop, topic: t, payload: x}, expect: unmatched}\n"
        "  - {given: {input: shop, topic: t, payload: x}, expect: []}\n");
    ASSERT_EQ(result.report(), "");
    const auto& tests = result.settings.tests;
    EXPECT_EQ(tests.at(0).expects, MessageTest::Expects::Rejected);
    EXPECT_EQ(tests.at(0).rejection, Rejection::NotJson);
    EXPECT_EQ(tests.at(1).expects, MessageTest::Expects::Unmatched);
    EXPECT_EQ(tests.at(2).expects, MessageTest::Expects::Events);
}

TEST(ReadTests, tellEveryMistakeAtOnce) {
    EXPECT_EQ(codesOf("  - given: {inptu: shop, topic: t, payload: x}\n"
                      "    expect: {channel: c}\n"
                      "  - given: {input: shp, topic: t, payload: .inf, qos: 1}\n"
                      "    expect: {rejected: no-valu, more: x}\n"
                      "  - given: {input: shop, topic: t, time: noon, offset: x, partition: -1}\n"
                      "    expct: []\n"
                      "  - expect: nothing\n"
                      "  - given: {input: shop, topic: t, payload: {a: .inf}}\n"
                      "    expect: [{data: .nan}, x]\n"
                      "  - text\n"),
              "1:12 missing-key, 1:13 unknown-key, 2:13 kind, 3:20 unknown-input, 4:24 choice, "
              "4:33 unknown-key, 5:5 missing-key, 5:12 missing-key, 5:42 time, 5:56 offset, "
              "5:70 number, 6:5 unknown-key, 7:5 missing-key, 7:13 expect, 8:49 data, "
              "9:14 missing-key, 9:21 data, 9:28 kind, 10:5 kind");
    EXPECT_EQ(codesOf("  a: b\n"), "1:3 kind");
    EXPECT_EQ(codesOf("  - ~\n  - {given: ~, expect: ~}\n"
                      "  - {given: {input: shop, topic: t, payload: x}, expect: [~]}\n"),
              "1:5 no-value, 2:5 missing-key, 2:24 expect, 3:59 no-value");
}

TEST(ReadTests, ofAFileThatHasNothingElse) {
    const std::vector<InputOptions> inputs = read("").settings.inputs;
    const std::string tests = "tests: [{given: {input: shop, topic: t, payload: x}, expect: []}]\n";
    const LoadResult good = loadTests("t.yaml", tests, {}, inputs);
    EXPECT_EQ(good.report(), "");
    EXPECT_EQ(good.settings.tests.size(), 1u);
    const LoadResult more = loadTests("t.yaml", tests + "listen: :1\n", {}, inputs);
    ASSERT_EQ(more.problems.size(), 1u);
    EXPECT_EQ(more.problems[0].code, "unknown-key");
    EXPECT_EQ(more.problems[0].hint, "keys here: tests");
}

}  // namespace
}  // namespace sluice
