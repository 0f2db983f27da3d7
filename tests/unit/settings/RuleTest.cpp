#include <gtest/gtest.h>

#include "settings/Settings.h"

// What a mapping says: when, data, redact, on_error, and the format of its input.
namespace sluice {
namespace {

constexpr std::string_view kInputs =
    "inputs:\n"
    "  shop: {plugin: kafka}\n"
    "  plain: {plugin: kafka, format: text}\n"
    "  bytes: {plugin: kafka, format: raw}\n"
    "mappings:\n";

LoadResult loaded(std::string_view rules) {
    return load("f.yaml", std::string{kInputs} + std::string{rules}, {{"LIMIT", "100"}});
}

/// A file of one input and one mapping, in which these lines stand from line 7 on.
LoadResult ruled(const std::string& lines, const std::string& from = "shop:orders.{region}") {
    const std::string input = from.substr(0, from.find(':'));
    const std::string format = input == "plain" ? "text" : input == "bytes" ? "raw" : "json";
    return load("f.yaml",
                "inputs:\n  " + input + ":\n    plugin: kafka\n    format: " + format +
                    "\nmappings:\n  - {from: '" + from + "', channel: c,\n" + lines + "}\n",
                {{"LIMIT", "100"}});
}

MappingRule ruleOf(const std::string& lines) {
    const LoadResult result = ruled(lines);
    EXPECT_EQ(result.report(), "");
    return result.settings.mappings.rules.empty() ? MappingRule{}
                                                  : result.settings.mappings.rules[0];
}

/// LINE:COLUMN CODE of every problem, warnings in brackets.
std::string codesOf(const LoadResult& result) {
    std::string codes;
    for (const yaml::Problem& problem : result.problems) {
        const yaml::Span& where = problem.where;
        const std::string code = std::to_string(where.begin.line) + ':' +
                                 std::to_string(where.begin.column) + ' ' + problem.code;
        codes += (codes.empty() ? "" : ", ") + (problem.isWarning ? '[' + code + ']' : code);
    }
    return codes;
}

std::string messageOf(const std::string& lines) {
    const LoadResult result = ruled(lines);
    return result.problems.empty() ? "" : result.problems[0].message;
}

std::string hintOf(const std::string& lines) {
    const LoadResult result = ruled(lines);
    return result.problems.empty() ? "" : result.problems[0].hint;
}

std::string reportOf(std::string_view rules) {
    return '\n' + loaded(rules).report();
}

TEST(Rule, saysNothingByDefault) {
    const MappingRule rule = ruleOf("");
    EXPECT_EQ(rule.input, "shop");
    EXPECT_EQ(rule.from, "orders.{region}");
    EXPECT_FALSE(rule.when || rule.data);
    EXPECT_TRUE(rule.redact.empty());
    EXPECT_EQ(rule.onError.kind, OnError::Kind::Drop);
}

TEST(Rule, takesAnExpressionInEveryStyleOfYaml) {
    EXPECT_EQ(ruleOf("when: payload.a > 1").when, "payload.a > 1");
    EXPECT_EQ(ruleOf("when: 'payload.a == ''x'''").when, "payload.a == 'x'");
    EXPECT_EQ(ruleOf("when: \"payload.a == \\\"x\\\"\"").when, "payload.a == \"x\"");
    EXPECT_EQ(ruleOf("when: 'payload.a > ${LIMIT}'").when, "payload.a > 100");
    EXPECT_EQ(loaded("  - from: shop:t\n    channel: c\n    when: >-\n      payload.a > 1\n"
                     "      && payload.b > 2\n")
                  .settings.mappings.rules.at(0)
                  .when,
              "payload.a > 1 && payload.b > 2");
}

TEST(Rule, takesDataOfAnyShape) {
    const DataText data = *ruleOf("data: {a: '{payload.x}', b: [1, 'two', {c: ~}], d: ~}").data;
    ASSERT_EQ(data.kind, DataText::Kind::Map);
    EXPECT_EQ(data.keys, (std::vector<std::string>{"a", "b", "d"}));
    EXPECT_FALSE(data.items[0].isPlain);
    const DataText& list = data.items[1];
    ASSERT_EQ(list.kind, DataText::Kind::List);
    EXPECT_TRUE(list.items[0].isPlain);
    EXPECT_FALSE(list.items[1].isPlain);
    EXPECT_EQ(list.items[2].items[0].text, "null");
    EXPECT_EQ(data.items[2].text, "null");
    EXPECT_EQ(ruleOf("data: '{payload.x} and more'").data->kind, DataText::Kind::Scalar);
    EXPECT_TRUE(ruleOf("data: {}").data->items.empty());
}

TEST(Rule, takesPathsToRedact) {
    EXPECT_EQ(ruleOf("redact: [payload.a, \"payload['b c'][0].d\", 'payload.e[*]']").redact,
              (std::vector<std::string>{"payload.a", "payload['b c'][0].d", "payload.e[*]"}));
    EXPECT_EQ(ruleOf("redact: payload.a").redact, std::vector<std::string>{"payload.a"});
}

TEST(Rule, saysWhatBecomesOfFailures) {
    EXPECT_EQ(ruleOf("on_error: drop").onError.kind, OnError::Kind::Drop);
    EXPECT_EQ(ruleOf("on_error: pass").onError.kind, OnError::Kind::Pass);
    const OnError channel = ruleOf("on_error: {dead-letter: {channel: 'd/{region}'}}").onError;
    EXPECT_EQ(channel.kind, OnError::Kind::ToChannel);
    EXPECT_EQ(channel.target, "d/{region}");
    const OnError file = ruleOf("on_error: {dead-letter: {file: ./d.ndjson}}").onError;
    EXPECT_EQ(file.kind, OnError::Kind::ToFile);
    EXPECT_EQ(file.target, "./d.ndjson");
}

TEST(Rule, knowsTheFormatOfItsInput) {
    EXPECT_EQ(codesOf(ruled("when: payload.size() > 1", "plain:t")), "");
    EXPECT_EQ(codesOf(ruled("when: payload == 1", "plain:t")), "7:15 type");
    EXPECT_EQ(codesOf(ruled("when: payload.a == 1", "bytes:t")), "7:15 type");
    EXPECT_EQ(codesOf(ruled("when: payload.a == 1", "plain:t")), "7:15 type");
    EXPECT_EQ(codesOf(load("f.yaml", "inputs: {a: {plugin: kafka, format: jsn}}", {})),
              "1:37 choice");
}

TEST(RuleRefuses, expressionsWithACaretInsideOfPlainText) {
    EXPECT_EQ(reportOf("  - from: shop:t\n    channel: c\n    when: payload.a > topik\n"), R"(
f.yaml:8:23: error: there is no variable `topik`, did you mean 'topic'? [unknown-name]
  8 |     when: payload.a > topik
    |                       ^~~~~
  hint: here are: topic, key, headers, time, partition, offset, payload
)");
}

TEST(RuleRefuses, expressionsWithACaretInsideOfQuotes) {
    EXPECT_EQ(reportOf("  - from: shop:t\n    channel: c\n"
                       "    when: 'payload.a == ''x'' && topik'\n"),
              R"(
f.yaml:8:34: error: there is no variable `topik`, did you mean 'topic'? [unknown-name]
  8 |     when: 'payload.a == ''x'' && topik'
    |                                  ^~~~~
  hint: here are: topic, key, headers, time, partition, offset, payload
)");
    EXPECT_EQ(codesOf(ruled(R"(when: "payload.a == \"\u00e4\" && topik")")), "7:35 unknown-name");
    EXPECT_EQ(codesOf(ruled("when: \"payload.a &&\\\n   topik\"")), "8:4 unknown-name");
}

TEST(RuleRefuses, expressionsWithACaretInsideOfBlocks) {
    const std::string rule = "  - from: shop:t\n    channel: c\n    when: ";
    EXPECT_EQ(codesOf(loaded(rule + "|\n      payload.a > 1 &&\n        topik == 'x'\n")),
              "10:9 unknown-name");
    EXPECT_EQ(codesOf(loaded(rule + ">-\n      payload.a > 1 &&\n      topik == 'x'\n")),
              "10:7 unknown-name");
    EXPECT_EQ(codesOf(loaded(rule + "payload.a > 1 &&\n      topik == 'x'\n")), "9:7 unknown-name");
}

TEST(RuleRefuses, conditionsThatAreNone) {
    EXPECT_EQ(codesOf(ruled("when: 5")), "7:7 type");
    EXPECT_EQ(codesOf(ruled("when: region")), "7:7 type");
    EXPECT_EQ(codesOf(ruled("when: ")), "7:7 no-value");
    EXPECT_EQ(codesOf(ruled("when: ''")), "7:8 syntax");
    EXPECT_EQ(codesOf(ruled("when: [a]")), "7:7 kind");
    EXPECT_EQ(codesOf(ruled("when: {payload.a}")), "7:7 brace");
}

TEST(RuleRefuses, conditionsInBraces) {
    EXPECT_EQ(codesOf(ruled("when: '{payload.a > 1}'")), "7:8 brace");
    EXPECT_EQ(messageOf("when: '{payload.a > 1}'"),
              "'when' is an expression, which has no braces around it");
    EXPECT_EQ(codesOf(ruled("when: \"{'a': payload.y}.a || {'b': payload.x}.b\"")), "");
}

TEST(RuleRefuses, dataWithACaretInTheScalarThatIsWrong) {
    EXPECT_EQ(codesOf(loaded("  - from: shop:t\n    channel: c\n    data:\n"
                             "      - \"x {topik} y {payload.a >} z\"\n"
                             "      - a: |\n          line\n          {topik}\n"
                             "        b: .nan\n        c: '}'\n")),
              "9:13 unknown-name, 9:34 syntax, 12:12 unknown-name, 13:12 data, 14:13 template");
    EXPECT_EQ(codesOf(ruled("data: {a: 007}")), "[7:11 number]");
}

TEST(RuleRefuses, bracesInTheNamesOfFields) {
    EXPECT_EQ(codesOf(ruled("data: {x}")), "7:7 brace");
    EXPECT_EQ(hintOf("data: {x}"), R"(quote it: "{x}")");
    EXPECT_EQ(codesOf(ruled("data: {'{x}': 1, '${LIMIT}': 2}")), "7:9 brace, 7:19 variable");
}

TEST(RuleRefuses, dataWithNothingBehindItsColon) {
    EXPECT_EQ(reportOf("  - from: shop:t\n    channel: c\n    data:\n      s:\n\n      t: 1\n"), R"(
f.yaml:9:9: error: 'data': 's' has no value [no-value]
  9 |       s:
    |         ^
  hint: write one; null and "" are values, too
)");
    EXPECT_EQ(codesOf(ruled("data: {a: 1, s: , t: 2}")), "7:17 no-value");
    EXPECT_EQ(codesOf(ruled("data: {s: }")), "7:11 no-value");
    EXPECT_EQ(codesOf(ruled("data: {\n a: 1,\n s:\n}")), "9:4 no-value");
    EXPECT_EQ(codesOf(ruled("data: {a: 1, s}")), "7:15 no-value");
    EXPECT_EQ(codesOf(ruled("data: {a: [{s: }, 1], b: {x}}")), "7:16 no-value, 7:26 brace");
    EXPECT_EQ(codesOf(loaded("  - from: shop:t\n    channel: c\n    data:\n"
                             "  - from: shop:t\n    channel: c\n    data:\n      -\n      - 1\n")),
              "8:10 no-value, 12:8 no-value");
    EXPECT_EQ(codesOf(ruled("data: {a: ~, b: null, c: '', d: {}, e: [1, ]}")), "");
}

TEST(RuleRefuses, pathsThatAreNone) {
    EXPECT_EQ(codesOf(ruled("redact: [card.number, 'payload.a[x]', payload., payload.b-c]")),
              "7:10 path, 7:33 path, 7:46 path, 7:58 path");
    EXPECT_EQ(hintOf("redact: [card.number]"), "write payload.card.number");
    EXPECT_EQ(codesOf(ruled("redact: [payload.a]", "plain:t")), "7:10 format");
    EXPECT_EQ(codesOf(ruled("redact: {a: b}")), "7:9 brace");
}

TEST(RuleRefuses, whatIsNoWayToTreatFailures) {
    constexpr std::string_view kHint =
        "write drop, pass, or dead-letter: {channel: NAME} or {file: PATH} below it";
    for (const char* lines :
         {"on_error: ignore", "on_error: dead-letter", "on_error: {dead-letter: {}}",
          "on_error: {}", "on_error: {dead-letter: {channel: x, file: y}}",
          "on_error: {dead-leter: {channel: x}}"})
        EXPECT_EQ(hintOf(lines), kHint) << lines;
    EXPECT_EQ(codesOf(ruled("on_error: ignore")), "7:11 choice");
    EXPECT_EQ(codesOf(ruled("on_error: {dead-letter: {file: ''}}")), "7:32 on-error");
    EXPECT_EQ(codesOf(ruled("on_error: {dead-letter: x}")), "7:25 kind");
    EXPECT_EQ(codesOf(ruled("on_error: {dead-letter: {channel: x, to: y}}")), "7:38 unknown-key");
}

TEST(RuleRefuses, deadLettersWhoseChannelDependsOnTheMessage) {
    const std::string lines = "on_error: {dead-letter: {channel: '";
    EXPECT_EQ(codesOf(ruled(lines + "d/{payload.a}'}}")), "7:36 template");
    EXPECT_EQ(codesOf(ruled(lines + "d/{key}'}}")), "7:36 template");
    EXPECT_EQ(codesOf(ruled(lines + "d/{topik}'}}")), "7:39 unknown-name");
    EXPECT_EQ(codesOf(ruled(lines + "d/{topic}/{region}'}}")), "");
}

/// The codes of a mapping from this text, with inputs of some plugins and these settings.
std::string codesFrom(const std::string& from, const std::string& more = "publish: {key: k}\n") {
    const std::string input = from.substr(0, from.find(':'));
    const std::string inputs =
        input == "http" ? "" : "inputs: {" + input + ": {plugin: " + input + "}}\n";
    return codesOf(load("f.yaml", more + inputs + "mappings: [{channel: c, from: '" + from + "'}]",
                        {{"LIMIT", "100"}}));
}

TEST(RuleWarns, ofTopicsThatNoSourceHas) {
    EXPECT_EQ(codesFrom("kafka:orders/{region}"), "[3:31 never]");
    EXPECT_EQ(codesFrom("kafka:orders.*"), "[3:31 never]");
    EXPECT_EQ(codesFrom("kafka:Orders_1.{region}-x.{rest**}"), "");
    EXPECT_EQ(codesFrom("mqtt:sensors/+/temp"), "[3:31 never]");
    EXPECT_EQ(codesFrom("mqtt:sensors/#"), "[3:31 never]");
    EXPECT_EQ(codesFrom("mqtt:$SYS/{a}, x?/{rest**}"), "");
    EXPECT_EQ(codesFrom("redis:orders:*"), "");
    EXPECT_EQ(codesFrom("zeromq:a/b c"), "");
    EXPECT_EQ(codesFrom("http:news?"), "[2:31 never]");
    EXPECT_EQ(codesFrom("http:news/{x}"), "");
}

TEST(RuleWarns, ofTopicsThatATickerDoesNotHave) {
    const auto codes = [](const std::string& settings, const std::string& from) {
        return codesOf(load("f.yaml",
                            "inputs: {t: {plugin: ticker" + settings +
                                "}}\nmappings: [{from: 't:" + from + "', channel: c}]\n",
                            {}));
    };
    EXPECT_EQ(codes("", "tick"), "");
    EXPECT_EQ(codes("", "{all**}"), "");
    EXPECT_EQ(codes("", "tock"), "[2:19 never]");
    EXPECT_EQ(codes("", "tick.{n}"), "[2:19 never]");
    EXPECT_EQ(codes(", channels: 3", "tick.2"), "");
    EXPECT_EQ(codes(", channels: 3", "tick.3"), "[2:19 never]");
    EXPECT_EQ(codes(", topic: a", "a"), "");
    EXPECT_EQ(codes(", topics: [a.x, b.x]", "{all}.x"), "");
    EXPECT_EQ(codes(", topics: [a.x, b.x]", "c.{x}"), "[2:19 never]");
    EXPECT_EQ(codes(", topics: one", "one"), "");
    EXPECT_EQ(codes(", separator: '/', topic: a/b", "a/{x}"), "");
    EXPECT_EQ(codes(", topic: '${NONE}'", "a"), "1:38 unset-variable");
}

TEST(RuleWarns, ofTopicsThatNoSourceHasBesideOtherMistakes) {
    EXPECT_EQ(codesOf(load("f.yaml",
                           "inputs: {m: {plugin: mqtt}}\nmappings:\n"
                           "  - {from: 'm:a/+', channel: c}\n  - {channel: c}\n  - {from: 'm:#'}\n"
                           "  - {from: 'm:#', channel: c}\n  - {from: 'http:x', channel: c}\n"
                           "  - {from: 'm:$share/g/t', channel: c}\n",
                           {})),
              "[3:12 never], 4:5 missing-key, 5:5 missing-key, [6:12 never], 8:12 bad-pattern");
}

/// The codes of a mapping from an input with these settings whose channel is `c` and whose data is
/// this.
std::string codesOfData(const std::string& settings, const std::string& data) {
    return codesOf(load("f.yaml",
                        "publish: {key: k}\ninputs: {in: {" + settings +
                            "}}\nmappings: [{channel: c, from: 'in:t', data: '" + data + "'}]",
                        {}));
}

TEST(RuleWarns, ofVariablesThatMessagesOfTheInputNeverHave) {
    const std::string all = "{key} {headers.a} {time} {partition} {offset}";
    EXPECT_EQ(codesOfData("plugin: kafka", all), "");
    EXPECT_EQ(codesOfData("plugin: replay", all), "");
    EXPECT_EQ(codesOfData("plugin: mqtt", "{headers.a} {qos} {content_type}"), "");
    EXPECT_EQ(codesOfData("plugin: mqtt", "{key}{time}{partition}{offset}"),
              "[3:47 always-missing], [3:52 always-missing], [3:58 always-missing], "
              "[3:69 always-missing]");
    EXPECT_EQ(codesOfData("plugin: mqtt, version: 3.1.1", "{headers.a}{content_type}{qos}"),
              "[3:47 always-missing], [3:58 always-missing]");
    EXPECT_EQ(codesOfData("plugin: zeromq", "{frame0}{key}"), "[3:55 always-missing]");
    EXPECT_EQ(codesOfData("plugin: redis", "{id}{time}"),
              "[3:47 always-missing], [3:51 always-missing]");
    EXPECT_EQ(codesOfData("plugin: redis, streams: [t]", "{id}{time}{offset}"), "");
    EXPECT_EQ(codesOfData("plugin: redis, streams: [t]", "{key}{headers.a}"),
              "[3:47 always-missing], [3:52 always-missing]");
    EXPECT_EQ(codesOfData("plugin: redis, streams: [t], payload_field: p", "{headers.a}"), "");
    EXPECT_EQ(codesOfData("plugin: redis, streams: [t], group: {name: g}", "{id}{offset}"),
              "[3:51 always-missing]");
    EXPECT_EQ(codesOfData("plugin: ticker, topic: t", "{key}{time}{offset}"),
              "[3:58 always-missing]");
    EXPECT_EQ(codesOfData("plugin: ticker, topic: t, replayable: true", "{offset}{headers.a}"),
              "[3:55 always-missing]");
}

TEST(RuleWarns, ofSuchVariablesWhereverTheyAreUsed) {
    EXPECT_EQ(codesOf(load("f.yaml",
                           "publish: {key: k}\nmappings:\n  - from: http:t\n    channel: c\n"
                           "    key: \"{key}\"\n    when: has(headers.a) && time > time\n"
                           "    event: \"{default(headers['b'], 'x')}\"\n",
                           {})),
              "[6:15 always-missing], [7:22 always-missing]");
    const LoadResult result = load("f.yaml",
                                   "inputs: {in: {plugin: mqtt}}\n"
                                   "mappings: [{from: 'in:t', channel: c, key: '{key}'}]\n",
                                   {});
    EXPECT_EQ('\n' + result.report(), R"(
f.yaml:2:46: warning: `key` can never have a value here: messages of the input 'in' have none [always-missing]
  2 | mappings: [{from: 'in:t', channel: c, key: '{key}'}]
    |                                              ^~~
  hint: use what is there: the topic, its captures, the payload
)");
}

TEST(RuleWarns, ofPublishedMessagesThatNobodyMayPublish) {
    EXPECT_EQ(codesFrom("http:news", "inputs: {}\n"), "[2:31 never]");
    EXPECT_EQ(codesFrom("http:news/{x}", "publish: {key: k, channels: [a, 'news/{y}']}\n"), "");
    EXPECT_EQ(codesFrom("http:news/{x}", "publish: {key: k, channels: [a, 'b/{y}']}\n"),
              "[2:31 never]");
}

TEST(RuleWarns, ofConditionsThatAreNeverTrue) {
    EXPECT_EQ(codesOf(ruled("when: false")), "[7:7 never]");
    EXPECT_EQ(codesOf(ruled("when: 1 > 2")), "[7:7 never]");
    EXPECT_EQ(codesOf(ruled("when: payload.a > 1 && false")), "[7:21 always-false]");
    EXPECT_EQ(codesOf(ruled("when: topic == 'order'", "shop:orders")), "[7:7 never]");
    EXPECT_EQ(codesOf(ruled("when: \"topic.split('.')[1] == 'x'\"", "shop:orders")), "[7:8 never]");
    EXPECT_EQ(codesOf(ruled("when: topic == 'orders'", "shop:orders")), "");
    EXPECT_EQ(codesOf(ruled("when: topic == 'orders.eu'")), "");
}

TEST(RuleWarns, ofChannelsThatThePayloadChoosesFreely) {
    const auto codesOfChannel = [](const std::string& channel) {
        return codesOf(loaded("  - {from: 'shop:t.{x}', channel: '" + channel + "'}\n" +
                              "  - {from: 'plain:t', channel: c}\n"
                              "  - {from: 'bytes:t', channel: c}\n"));
    };
    EXPECT_EQ(codesOfChannel("orders-{payload.region}"), "[6:36 free-channel]");
    EXPECT_EQ(codesOfChannel("{x}{payload.region}/a"), "[6:36 free-channel]");
    EXPECT_EQ(codesOfChannel("orders/{payload.region}"), "");
    EXPECT_EQ(codesOfChannel("orders/{x}-{payload.region}"), "");
}

TEST(RuleRefuses, keysThatItDoesNotKnow) {
    EXPECT_EQ(codesOf(ruled("whne: true, on_errors: drop")), "7:1 unknown-key, 7:13 unknown-key");
    EXPECT_EQ(messageOf("whne: true"),
              "there is no key 'whne' in 'mappings', did you mean 'when'?");
}

}  // namespace
}  // namespace sluice
