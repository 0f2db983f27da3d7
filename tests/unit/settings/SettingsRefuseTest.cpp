#include <gtest/gtest.h>

#include "settings/Settings.h"

namespace sluice {
namespace {

const Environment kEnvironment{{"PASSWORD", "hunter2"}, {"WORD", "hunter2"}};

/// LINE:COLUMN CODE of every problem, warnings in brackets.
std::string codesOf(const std::string& text) {
    const LoadResult result = load("f.yaml", text, kEnvironment);
    std::string codes;
    for (const yaml::Problem& problem : result.problems) {
        const yaml::Mark& mark = problem.where.begin;
        const std::string code =
            std::to_string(mark.line) + ':' + std::to_string(mark.column) + ' ' + problem.code;
        codes += (codes.empty() ? "" : ", ") + (problem.isWarning ? '[' + code + ']' : code);
    }
    return codes;
}

std::string reportOf(const std::string& text) {
    return '\n' + load("f.yaml", text, kEnvironment).report();
}

const std::string kShop = "inputs: {shop: {plugin: kafka}}\n";

TEST(SettingsRefuse, optionsOfAPluginWithoutAValue) {
    EXPECT_EQ(codesOf("inputs: {a: {plugin: ticker, rate: , topics: [x, ~]}}\n"
                      "mappings: [{from: \"a:x\", channel: c}]\n"),
              "1:36 no-value, 1:50 no-value");
}

TEST(SettingsRefuse, itemsWithNothingInThem) {
    EXPECT_EQ(codesOf("mappings:\n  -\ntests:\n  - ~\n"), "2:4 no-value, 4:5 no-value");
}

TEST(SettingsRefuse, onErrorThatNamesNoPlace) {
    EXPECT_EQ(codesOf(kShop + "mappings: [{from: \"shop:x\", channel: c, on_error: {}}]\n"),
              "2:51 missing-key");
}

TEST(SettingsRefuse, aSecondFolderForTheJournal) {
    EXPECT_EQ(codesOf("channels:\n  a: {history: {journal: /j}}\n  b: {history: {journal: /k}}\n"
                      "  c: {history: {journal: \"\"}}\n"
                      "publish: {key: k}\n"),
              "3:26 journal, 4:26 journal");
}

TEST(SettingsRefuse, graphiteThatCannotBeReached) {
    const std::string rest = "publish: {key: k}\n";
    for (const char* server : {"carbon", "tcp://carbon:2003", "':2003'", "'*:2003'", "carbon:0",
                               "carbon:99999", "'a b:2003'"})
        EXPECT_NE(
            codesOf("graphite: {server: " + std::string{server} + "}\n" + rest).find(" address"),
            std::string::npos)
            << server;
    EXPECT_EQ(codesOf("graphite:\n  prefix: \"\"\n  channels: a..b\n" + rest),
              "2:11 graphite-path, 3:13 graphite-path");
    EXPECT_EQ(codesOf("graphite:\n  prefix: a/b\n  channels: a b\n  protocol: http\n"
                      "  interval: 10ms\n" +
                      rest),
              "2:11 graphite-path, 3:13 graphite-path, 4:13 choice, 5:13 range");
}

TEST(SettingsRefuse, unknownKeysWithWhatWasMeant) {
    EXPECT_EQ(reportOf("listne: :1\ndelivery: {keep_alive: 1s}\n"), R"(
f.yaml:1:1: error: there is no key 'listne', did you mean 'listen'? [unknown-key]
  1 | listne: :1
    | ^~~~~~
  hint: keys here: tls, trusted_proxies, auth, listen, hosts, admin, static, inputs, mappings, channels, journal, compat, delivery, publish, cors, limits, log, graphite, tests

f.yaml:2:12: error: there is no key 'keep_alive' in 'delivery', did you mean 'keepalive'? [unknown-key]
  2 | delivery: {keep_alive: 1s}
    |            ^~~~~~~~~~
  hint: keys here: retry, keepalive, poll, stall, drain
)");
}

TEST(SettingsRefuse, aKeyWithoutSpaceBehindItsColon) {
    EXPECT_EQ(reportOf("delivery: {retry:2s}\n"), R"(
f.yaml:1:12: error: there is no key 'retry:2s' in 'delivery' [unknown-key]
  1 | delivery: {retry:2s}
    |            ^~~~~~~~
  hint: write a space behind the colon
)");
    EXPECT_EQ(reportOf("listen:8080"), R"(
f.yaml:1:1: error: a configuration is a mapping with keys such as inputs and mappings [kind]
  1 | listen:8080
    | ^
  hint: write a space behind the colon of `key: value`
)");
}

TEST(SettingsRefuse, bracesWithoutQuotes) {
    EXPECT_EQ(reportOf(kShop + "mappings:\n  - from: shop:x.{region}\n    channel: {region}\n"), R"(
f.yaml:4:14: error: 'channel' must be text, but what begins with `{` is a mapping [brace]
  4 |     channel: {region}
    |              ^
  hint: quote it: "{region}"
)");
}

TEST(SettingsRefuse, aVariableThatIsNotSet) {
    EXPECT_EQ(reportOf("listen: \"${PASWORD}\"\n"), R"(
f.yaml:1:10: error: the environment has no variable PASWORD, did you mean 'PASSWORD'? [unset-variable]
  1 | listen: "${PASWORD}"
    |          ^
  hint: set it, or give it a default: ${PASWORD:-default}
)");
    EXPECT_EQ(codesOf("channels: {'a/${X}': {}}\n"), "1:15 variable");
}

TEST(SettingsRefuse, toShowWhatTheEnvironmentHolds) {
    const std::string text =
        "listen: ${WORD}\ndelivery: {retry: '${WORD}'}\nlog: {level: '${WORD}'}\n"
        "cors: {credentials: '${WORD}', origins: ['${WORD}']}\nlimits: {channels: '${WORD}'}\n" +
        std::string{"inputs: {shop: {plugin: '${WORD} '}}\nmappings: [{from: '${WORD}', "} +
        "channel: '{${WORD}x', event: '{${WORD}}'}]\npublish: {key: ' ${WORD}'}\n";
    const LoadResult result = load("f.yaml", text, kEnvironment);
    EXPECT_GE(result.problems.size(), 9u);
    EXPECT_EQ(result.report().find("hunter2"), std::string::npos) << result.report();
}

TEST(SettingsRefuse, toShowKeysAndPasswords) {
    EXPECT_EQ(reportOf("publish: {key: hun ter2, x: y}\n"), R"(
f.yaml:1:16: error: a key has no spaces, no line breaks and ASCII characters only [key-text]
  1 | publish: {key: ********, x: y}
    |                ^~~~~~~~
  hint: clients send it in the header `Authorization: Bearer KEY`

f.yaml:1:26: error: there is no key 'x' in 'publish' [unknown-key]
  1 | publish: {key: ********, x: y}
    |                          ^
  hint: keys here: key, channels, keys, claims
)");
}

TEST(SettingsRefuse, toRepeatPasswordsInMessages) {
    EXPECT_EQ(reportOf("{password:hunter2}\n"), R"(
f.yaml:1:2: error: there is no key 'password:*******' [unknown-key]
  1 | {password:*******}
    |  ^~~~~~~~~~~~~~~~
  hint: keys here: tls, trusted_proxies, auth, listen, hosts, admin, static, inputs, mappings, channels, journal, compat, delivery, publish, cors, limits, log, graphite, tests
)");
    for (const char* text : {"{password:hunter2: , password:hunter2: 1}",
                             "password:hunter2:", "static: {token:hunter2}",
                             "mappings: [{from: 'http:x', channel: c, data: {token:hunter2}}]"})
        EXPECT_EQ(reportOf(text).find("hunter2"), std::string::npos) << reportOf(text);
    EXPECT_EQ(reportOf("log: {level: 'redis://u:hunter2@h'}\npublish: {key: k}\n"), R"(
f.yaml:1:14: error: 'level' cannot be 'redis://u:*******@h' [choice]
  1 | log: {level: 'redis://u:*******@h'}
    |              ^~~~~~~~~~~~~~~~~~~~~
  hint: write one of debug, info, warning, error
)");
}

TEST(SettingsRefuse, whatSlowReadersCannotGet) {
    EXPECT_EQ(reportOf("channels:\n  a: {slow: conflate}\n"), R"(
f.yaml:2:13: error: 'slow: conflate' needs the latest event of each key [needs-snapshot]
  2 |   a: {slow: conflate}
    |             ^~~~~~~~
  hint: add `snapshot: latest-per-key`, or write `slow: skip`
)");
    EXPECT_EQ(codesOf("channels:\n  a: {slow: close, snapshot: latest}\n  b: {slow: drop, lag: 0}\n"
                      "  c: {snapshot_max: {keys: 0, bytes: 1}}\n"
                      "  d: {slow: conflate, snapshot: none}\n"),
              "2:30 choice, 3:13 choice, 3:24 range, 4:28 range, 4:38 size, 5:13 needs-snapshot");
    EXPECT_EQ(codesOf("channels:\n  a: {slow: sample, sample: 1001/s}\n  b: {sample: 5/s}\n"
                      "  c: {slow: sample, sample: 5}\n  d: {slow: sample, sample: 1000/s}\n"),
              "2:29 range, 3:15 needs-slow, 4:29 rate");
}

TEST(SettingsRefuse, valuesOfAnotherType) {
    EXPECT_EQ(codesOf("delivery: {retry: 2, keepalive: 100ms, stall: [1s], drain: }\n"),
              "1:19 duration, 1:33 range, 1:47 kind, 1:60 no-value");
    EXPECT_EQ(codesOf("limits: {history: 1MB, channels: 0, subscribers: -1, head: ~}\n"),
              "1:19 size, 1:34 range, 1:50 number, 1:60 no-value");
    EXPECT_EQ(codesOf("cors: {credentials: yes}\nlog: {level: warn}\nlimits: 3\n"),
              "1:21 boolean, 2:14 choice, 3:9 kind");
    EXPECT_EQ(codesOf("static: {a: b}\nmappings: {}\ninputs: []\nchannels: x\n"),
              "1:9 brace, 2:11 kind, 3:9 kind, 4:11 kind");
}

TEST(SettingsRefuse, booleansThatOtherReadersKnow) {
    EXPECT_EQ(reportOf("cors: {credentials: no}\n"), R"(
f.yaml:1:21: error: 'credentials' is true or false, not 'no' [boolean]
  1 | cors: {credentials: no}
    |                     ^~
  hint: write false
)");
}

TEST(SettingsRefuse, addressesAndOrigins) {
    EXPECT_EQ(codesOf("listen: localhost\nadmin: {listen: 'a:b'}\n"), "1:9 address, 2:20 address");
    EXPECT_EQ(codesOf("cors: {origins: [https://a.example/, 'http://b.example']}\n"),
              "1:35 origin");
    EXPECT_EQ(codesOf("cors: {origins: '*', credentials: true}\n"), "1:35 cors-credentials");
}

TEST(SettingsRefuse, anOpenAdminListenerWithoutKey) {
    EXPECT_EQ(reportOf("admin: 0.0.0.0:9080\n"), R"(
f.yaml:1:8: error: the admin listener 0.0.0.0:9080 is reached from other machines and asks for no key [admin-key]
  1 | admin: 0.0.0.0:9080
    |        ^~~~~~~~~~~~
  hint: write admin: {listen: 0.0.0.0:9080, operator_key: "${OPERATOR_KEY}"}, or listen on 127.0.0.1
)");
    EXPECT_EQ(codesOf("admin: {listen: ':1', key: k}\npublish: {key: k}\n"), "");
}

TEST(SettingsWarn, ofAnOpenListener) {
    EXPECT_EQ(codesOf("listen: :8080\npublish: {key: k}\n"), "[1:9 no-authentication]");
}

TEST(SettingsWarn, whenNothingFeedsAnyChannel) {
    EXPECT_EQ(codesOf("listen: 127.0.0.1:1\n"), "[1:1 silence]");
}

TEST(SettingsWarn, ofAnInputThatNobodyReads) {
    EXPECT_EQ(codesOf(kShop), "[1:10 idle-input]");
}

TEST(SettingsWarn, ofChannelsForNobody) {
    EXPECT_EQ(codesOf("publish: {channels: [a]}\n" + kShop),
              "[1:10 publish-key], [2:10 idle-input]");
}

TEST(SettingsWarn, ofPoliciesThatAreNeverReached) {
    const std::string publish = "publish: {key: k}\nchannels:\n";
    EXPECT_EQ(codesOf(publish + "  'a/{x}': {}\n  a/b: {}\n"), "[4:3 unreachable]");
    EXPECT_EQ(codesOf(publish + "  'a/{x}': {}\n  'a/{y}': {}\n"), "[4:3 unreachable]");
    EXPECT_EQ(codesOf(publish + "  'a/{x**}': {}\n  'a/{y}/{z**}': {}\n"), "[4:3 unreachable]");
    EXPECT_EQ(codesOf(publish + "  '{x**}': {}\n  '{y}': {}\n"), "[4:3 unreachable]");
    EXPECT_EQ(codesOf(publish + "  a/b: {}\n  'a/{x}': {}\n  'a/{x**}': {}\n  '{x**}': {}\n"), "");
    EXPECT_EQ(codesOf(publish + "  '{x}/{y}': {}\n  '{x**}': {}\n"), "");
    EXPECT_EQ(codesOf(publish + "  'a{x}': {}\n  '{x}b': {}\n"), "");
}

TEST(SettingsRefuse, patternsWithThePlaceInside) {
    EXPECT_EQ(codesOf("channels: {'a/{x': {}, '': {}}\npublish: {channels: ['b{', c]}\n"),
              "1:15 pattern, 1:24 key, [2:10 publish-key], 2:24 pattern");
}

TEST(SettingsRefuse, inputsWithoutPluginOrName) {
    EXPECT_EQ(codesOf("inputs:\n  a:\n  b: {}\n  c: {plugin: ../x}\n  http: {plugin: kafka}\n"
                      "  'd e': {plugin: kafka, rewind: -1s, separator: '..'}\n"),
              "2:3 missing-key, 3:6 missing-key, 4:15 plugin-name, 5:3 input-name, 6:3 input-name, "
              "6:34 duration, 6:50 separator");
}

TEST(SettingsRefuse, mappingsOfUnknownInputs) {
    EXPECT_EQ(reportOf(kShop + "mappings:\n  - from: shp:orders\n    channel: x\n"), R"(
f.yaml:3:11: error: there is no input 'shp', did you mean 'shop'? [unknown-input]
  3 |   - from: shp:orders
    |           ^
  hint: write INPUT:PATTERN with the name of an entry of 'inputs'
)");
}

TEST(SettingsRefuse, mappingsWithoutInput) {
    EXPECT_EQ(reportOf(kShop + "mappings:\n  - from: orders\n    channel: x\n"), R"(
f.yaml:3:11: error: 'from' names no input [from]
  3 |   - from: orders
    |           ^~~~~~
  hint: write INPUT:PATTERN, such as shop:orders
)");
}

TEST(SettingsRefuse, mistakesInsideOfTemplates) {
    EXPECT_EQ(reportOf(kShop + "mappings:\n  - from: \"shop:a.{x\"\n    channel: x\n"
                               "  - from: shop:a.{x}\n    channel: >\n      orders/{y z}\n"
                               "    event: \"${NAME:-sluice.}x\"\n    key: '{x**}'\n"),
              R"(
f.yaml:3:19: error: this '{' is not closed [pattern]
  3 |   - from: "shop:a.{x"
    |                   ^
  hint: write {name}, or {{ for a literal brace

f.yaml:7:17: error: `z` is not expected here: write the end or an operator [syntax]
  7 |       orders/{y z}
    |                 ^

f.yaml:8:13: error: no event can have a name like this [event-name]
  8 |     event: "${NAME:-sluice.}x"
    |             ^
  hint: names have no line breaks, at most 255 bytes, and do not begin with 'sluice.'

f.yaml:9:12: error: {x} of 'from' takes one level, not the rest [template]
  9 |     key: '{x**}'
    |            ^~~
  hint: write {x}
)");
}

TEST(SettingsRefuse, capturesThatHideVariables) {
    EXPECT_EQ(codesOf(kShop + "mappings: [{from: 'shop:a.{topic}', channel: x}]\n"),
              "2:28 hidden-variable");
}

TEST(SettingsRefuse, mappingsThatLackKeys) {
    EXPECT_EQ(codesOf(kShop + "mappings:\n  - channel: x\n  - from: shop:x\n  - x\n"),
              "3:5 missing-key, 4:5 missing-key, 5:5 kind");
}

TEST(SettingsRefuse, moreThanAHundredProblemsInOneLine) {
    std::string text;
    for (int i = 0; i < 150; ++i) text += "key" + std::to_string(i) + ": 1\n";
    const LoadResult result = load("f.yaml", text, {});
    ASSERT_EQ(result.problems.size(), 101u);
    EXPECT_EQ(result.problems.back().message, "50 more problems are not shown");
}

TEST(SettingsRefuse, whatYamlRefusesTogetherWithTheRest) {
    EXPECT_EQ(codesOf("listen: !x\nlisten: :1\nadmin: *y\nlitsen: 1\n"),
              "1:9 tag, 2:1 duplicate-key, 3:8 alias, 4:1 unknown-key");
    EXPECT_EQ(codesOf("litsen: 1\nadmin: [\n"), "3:1 unclosed-list");
}

}  // namespace
}  // namespace sluice
