#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "settings/Changes.h"

namespace sluice {
namespace {

using Names = std::vector<std::string>;

/// A configuration as it would run, but that no plugin has looked at it.
CheckedSettings checked(const std::string& text) {
    const LoadResult file = load("a.yaml", text, {});
    EXPECT_FALSE(file.hasErrors()) << file.report();
    CheckedSettings settings;
    settings.settings = file.settings;
    std::vector<MappingInput> inputs;
    for (const InputOptions& input : file.settings.inputs) {
        MappingInput& known = inputs.emplace_back();
        known.name = input.name;
        known.separator = '.';
    }
    std::vector<MappingError> errors;
    settings.mappings = MappingTable::compile(file.settings.mappings, inputs, errors);
    EXPECT_TRUE(settings.mappings);
    return settings;
}

Changes between(const std::string& before, const std::string& after) {
    return changesBetween(checked(before), checked(after));
}

TEST(Changes, areNoneWhereOnlyTheTextIsOther) {
    const Changes changes = between(
        "inputs:\n  a: {plugin: ticker, rate: 5, keys: 7}\n"
        "mappings: [{from: \"a:x\", channel: c}]\n",
        "# a comment\nmappings:\n  - channel: \"c\"\n    from: a:x\n"
        "inputs: {a: {keys: 7, rate: \"5\", plugin: ticker}}\ndelivery: {retry: 2000ms}\n");
    EXPECT_TRUE(changes.isEmpty());
    EXPECT_TRUE(changes.lines().empty());
}

TEST(Changes, nameInputsThatCameWentAndChanged) {
    const Changes changes = between(
        "inputs: {a: {plugin: ticker}, b: {plugin: ticker, rate: 1}, c: {plugin: kafka}}\n"
        "mappings: [{from: \"a:x\", channel: c}]\n",
        "inputs: {d: {plugin: mqtt}, b: {plugin: ticker, rate: 2}, a: {plugin: ticker}}\n"
        "mappings: [{from: \"a:x\", channel: c}]\n");
    EXPECT_EQ(changes.inputs.added, Names{"d"});
    EXPECT_EQ(changes.inputs.removed, Names{"c"});
    EXPECT_EQ(changes.inputs.changed, Names{"b"});
    EXPECT_TRUE(changes.renamed.empty());
    EXPECT_FALSE(changes.isEmpty());
}

TEST(Changes, tellAnInputThatWasRenamed) {
    const Changes changes = between("inputs: {shop: {plugin: kafka, brokers: [a, b]}}\n",
                                    "inputs: {store: {plugin: kafka, brokers: [a, b]}}\n");
    ASSERT_EQ(changes.renamed.size(), 1u);
    EXPECT_EQ(changes.renamed[0].from, "shop");
    EXPECT_EQ(changes.renamed[0].to, "store");
    EXPECT_TRUE(changes.replaced.empty());
}

TEST(Changes, tellInputsThatCameInThePlaceOfOthersOfTheirPlugin) {
    const std::string a = "a: {plugin: kafka, buffer: 1MiB}";
    const std::string c = "c: {plugin: kafka, buffer: 2MiB}";
    const Changes changes =
        between("inputs: {" + a + ", b: {plugin: mqtt}, x: {plugin: kafka}}\n",
                "inputs: {" + c + ", d: {plugin: redis}, y: {plugin: kafka}}\n");
    ASSERT_EQ(changes.replaced.size(), 2u);
    EXPECT_EQ(changes.replaced[0].from, "a");
    EXPECT_EQ(changes.replaced[0].to, "c");
    EXPECT_EQ(changes.replaced[1].from, "x");
    EXPECT_EQ(changes.replaced[1].to, "c");
    ASSERT_EQ(changes.renamed.size(), 1u);
    EXPECT_EQ(changes.renamed[0].to, "y");
    EXPECT_TRUE(between("", "inputs: {a: {plugin: kafka}}\n").replaced.empty());
}

TEST(Changes, pairMappingsByWhatTheyReadAndFeed) {
    const std::string inputs = "inputs: {a: {plugin: ticker}}\nmappings:\n";
    const Changes changes = between(inputs +
                                        "  - {from: \"a:x\", channel: c}\n"
                                        "  - {from: \"a:y\", channel: c, event: e}\n"
                                        "  - {from: \"a:z\", channel: c}\n",
                                    inputs +
                                        "  - {from: \"a:x\", channel: c}\n"
                                        "  - {from: \"a:x\", channel: c, event: more}\n"
                                        "  - {from: \"a:y\", channel: c, event: f}\n");
    EXPECT_EQ(changes.mappings.added, Names{"a:x -> c"});
    EXPECT_EQ(changes.mappings.removed, Names{"a:z -> c"});
    EXPECT_EQ(changes.mappings.changed, Names{"a:y -> c"});
    EXPECT_FALSE(changes.mappings.isReordered);
}

TEST(Changes, tellThatMappingsChangedTheirOrder) {
    const std::string inputs = "inputs: {a: {plugin: ticker}}\nmappings:\n";
    const std::string x = "  - {from: \"a:x\", channel: c}\n",
                      y = "  - {from: \"a:y\", channel: c}\n";
    const Changes changes = between(inputs + x + y, inputs + y + x);
    EXPECT_TRUE(changes.mappings.isReordered);
    EXPECT_FALSE(changes.isEmpty());
    EXPECT_EQ(changes.lines(), Names{"mappings in another order"});
}

TEST(Changes, tellHistoriesByPattern) {
    const Changes changes = between("channels: {a: {history: {events: 5}}, b: {}}\n",
                                    "channels: {a: {history: {events: 6}}, \"{any**}\": "
                                    "{history: {age: 2h}}}\n");
    EXPECT_EQ(changes.channels.changed, (Names{"a", "{any**}"}));
    EXPECT_EQ(changes.channels.removed, Names{"b"});
}

TEST(Changes, tellWhatNeedsARestart) {
    const Changes changes =
        between("listen: 127.0.0.1:1\nlimits: {payload: 1MiB}\n",
                "listen: 127.0.0.1:2\nlimits: {payload: 2MiB}\ndelivery: {stall: 7s}\n");
    EXPECT_EQ(changes.needRestart, (Names{"delivery.stall", "limits.payload", "listen"}));
    EXPECT_EQ(changes.limits, Names{"limits.payload"});
    EXPECT_EQ(changes.lines().back(), "needs a restart, not changed: listen");
    EXPECT_FALSE(between("listen: 127.0.0.1:1\n", "listen: 127.0.0.1:2\n").lines().empty());
    EXPECT_TRUE(between("listen: 127.0.0.1:1\n", "listen: 127.0.0.1:2\n").isEmpty());
}

TEST(Changes, tellLimitsThatNeedNoRestart) {
    const Changes changes = between(
        "", "limits: {dead_letters: 1MiB, replay_bytes: 1MiB, replay_events: 5, replays: 2}\n");
    EXPECT_EQ(changes.limits, (Names{"limits.dead_letters", "limits.replay_bytes",
                                     "limits.replay_events", "limits.replays"}));
    EXPECT_EQ(changes.lines().back(), "limits.replays changed");
    EXPECT_TRUE(changes.needRestart.empty());
    EXPECT_FALSE(changes.isEmpty());
}

TEST(Changes, tellWhoMayReadAndWriteWithoutAnyKey) {
    const Changes changes = between(
        "auth: {tokens: [{name: a, token: x1}, {name: b, token: x2}], url: 'http://a/'}\n"
        "publish: {key: x3}\n",
        "auth: {tokens: [{name: c, token: x4}, {name: b, token: x5}], cookie: s,\n"
        "       jwt: [{issuer: i, key_file: a.pem}]}\n"
        "publish: {keys: [{key: x6}]}\n");
    EXPECT_EQ(changes.lines(), (Names{"token added: c", "token removed: a", "token changed: b",
                                      "issuer added: i", "auth.cookie changed", "auth.url changed",
                                      "publish.key changed", "publish.keys changed"}));
    EXPECT_TRUE(changes.needRestart.empty());
    EXPECT_EQ(between("", "auth: {tokens: [{name: a, token: x}]}\n").needRestart, Names{"auth"});
}

TEST(Changes, areJsonForPrograms) {
    const Changes changes = between("listen: 127.0.0.1:1\n", "inputs: {a: {plugin: ticker}}\n");
    EXPECT_EQ(changes.json().compact(),
              R"({"inputs":{"added":["a"],"removed":[],"changed":[],"renamed":[]},)"
              R"("mappings":{"added":[],"removed":[],"changed":[],"reordered":false},)"
              R"("channels":{"added":[],"removed":[],"changed":[],"reordered":false},)"
              R"("auth":{"tokens":{"added":[],"removed":[],"changed":[]},)"
              R"("issuers":{"added":[],"removed":[],"changed":[]},"keys":[]},"publish":[],)"
              R"("tls":false,"limits":[],"needRestart":["listen"]})");
}

/// Every key of the file is either reloaded or told as one that is not.
TEST(Changes, knowEveryKey) {
    std::ifstream in{SLUICE_CONFIG_FOLDER "/sluice.yaml"};
    std::ostringstream text;
    text << in.rdbuf();
    const LoadResult reference = load("sluice.yaml", text.str(), {});
    const Names fixed = keysThatNeedRestart();
    EXPECT_TRUE(std::is_sorted(fixed.begin(), fixed.end()));
    for (const std::string& key : reference.keysKnown) {
        const std::string section = key.substr(0, key.find('.'));
        const bool isReloaded = section == "inputs" || section == "mappings" ||
                                section == "channels" || section == "tests" || section == "auth" ||
                                section == "publish" || key == "limits.dead_letters" ||
                                key.starts_with("limits.replay");
        const bool isSection = std::any_of(fixed.begin(), fixed.end(), [&](const std::string& one) {
            return one.starts_with(key + ".");
        });
        const bool isFixed = std::find(fixed.begin(), fixed.end(), key) != fixed.end() ||
                             std::find(fixed.begin(), fixed.end(), section) != fixed.end() ||
                             std::any_of(fixed.begin(), fixed.end(), [&](const std::string& one) {
                                 return key.starts_with(one + ".");
                             });
        EXPECT_TRUE(isReloaded || isSection || isFixed) << key;
    }
}

}  // namespace
}  // namespace sluice
