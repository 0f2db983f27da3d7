#include <gtest/gtest.h>

#include "settings/Settings.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

Settings loaded(const std::string& text, const Environment& environment = {}) {
    LoadResult result = load("f.yaml", text, environment);
    EXPECT_FALSE(result.hasErrors()) << result.report();
    return std::move(result.settings);
}

const std::string kExample = R"(
inputs:
  shop:
    plugin: kafka
    brokers: "${KAFKA_BROKERS:-localhost:9092}"
    topics: [a, b]
    rdkafka:
      sasl.password: "${PASSWORD}"
      client.id: ""
mappings:
  - from: shop:orders.{region}
    channel: orders/{region}
    event: order
    key: "{key}"
)";

TEST(Settings, readInputsAndMappings) {
    const Settings settings = loaded(kExample, {{"PASSWORD", "hunter2"}});
    ASSERT_EQ(settings.inputs.size(), 1u);
    EXPECT_EQ(settings.inputs[0].name, "shop");
    EXPECT_EQ(settings.inputs[0].plugin, "kafka");
    EXPECT_EQ(settings.inputs[0].rewind, 2min);
    ASSERT_EQ(settings.mappings.rules.size(), 1u);
    const MappingRule& rule = settings.mappings.rules[0];
    EXPECT_EQ(rule.input, "shop");
    EXPECT_EQ(rule.from, "orders.{region}");
    EXPECT_EQ(rule.channel, "orders/{region}");
    EXPECT_EQ(rule.event, "order");
    EXPECT_EQ(rule.key, "{key}");
    EXPECT_EQ(placeOf(rule.mark), "f.yaml:11:5");
}

TEST(Settings, pingAsOldServersDidWhereTheirClientsAreServed) {
    EXPECT_EQ(loaded("").delivery.keepalive, 20s);
    const Settings settings = loaded("compat: cyclone-sse\n");
    EXPECT_EQ(settings.http.compat, Compat::CycloneSse);
    EXPECT_EQ(settings.delivery.keepalive, 30s);
    EXPECT_EQ(loaded("delivery: {keepalive: 5s}\ncompat: tornado-sse\n").delivery.keepalive, 5s);
}

TEST(Settings, sayWhereStatisticsGo) {
    EXPECT_EQ(loaded("").graphite, GraphiteOptions{});
    EXPECT_EQ(loaded("").graphite.server, "");
    const GraphiteOptions graphite =
        loaded(
            "graphite: {server: '[::1]:2003', protocol: udp, interval: 10s, prefix: web.sluice,\n"
            "  channels: \"\"}\n")
            .graphite;
    EXPECT_EQ(graphite,
              (GraphiteOptions{"[::1]:2003", GraphiteProtocol::Udp, 10s, "web.sluice", ""}));
}

TEST(Settings, keepWhatIsThePluginsWithItsPlaces) {
    const Settings settings = loaded(kExample, {{"PASSWORD", "hunter2"}});
    const Setting& own = settings.inputs[0].settings;
    EXPECT_EQ(own.keys, (std::vector<std::string>{"brokers", "topics", "rdkafka"}));
    EXPECT_EQ(own.find("/brokers")->text, "localhost:9092");
    EXPECT_EQ(placeOf(own.find("/brokers")->mark), "f.yaml:5:14");
    EXPECT_EQ(own.find("/topics/1")->text, "b");
    EXPECT_EQ(own.find("/rdkafka/sasl.password")->text, "hunter2");
    EXPECT_EQ(own.find("/rdkafka/client.id")->text, "");
}

TEST(Settings, readAddressesAndKeys) {
    const Settings settings = loaded(
        "listen: :8080\nadmin: {listen: '[::]:1', key: \"${K}\"}\nstatic: public\n"
        "publish: {key: p, channels: 'a/{x}'}\ncors: {origins: ['*']}\n",
        {{"K", "k"}});
    EXPECT_EQ(settings.http.listen, std::vector<std::string>{":8080"});
    EXPECT_EQ(settings.http.admin.listen, "[::]:1");
    EXPECT_EQ(settings.http.admin.operatorKey, "k");
    EXPECT_EQ(settings.http.staticFolder, "public");
    EXPECT_EQ(settings.http.publish.key, "p");
    EXPECT_EQ(settings.http.publish.channels, std::vector<std::string>{"a/{x}"});
    EXPECT_EQ(settings.http.cors.origins, std::vector<std::string>{"*"});
    EXPECT_EQ(loaded("admin: localhost:7\n").http.admin.listen, "localhost:7");
}

TEST(Settings, readPoliciesInTheirOrder) {
    const Settings settings = loaded(
        "channels:\n  b/{x}: {history: {events: 5}}\n  a: {history: {age: 2h}}\n"
        "  '{any**}': {history: {bytes: 1MiB}}\n");
    ASSERT_EQ(settings.hub.policies.size(), 2u);
    EXPECT_EQ(settings.hub.policies[0].pattern.text(), "b/{x}");
    EXPECT_EQ(settings.hub.policies[0].history, (History{5, 8u << 20, 1h}));
    EXPECT_EQ(settings.hub.policies[1].history, (History{10'000, 8u << 20, 2h}));
    EXPECT_EQ(settings.hub.history, (History{10'000, 1u << 20, 1h}));
    EXPECT_EQ(settings.hub.policies[0].readers, ReaderPolicy{});
}

TEST(Settings, readWhichChannelsAreKeptAndHow) {
    const JournalOptions none = loaded("channels: {a: {}}\n").journal;
    EXPECT_TRUE(none.folder.empty());
    EXPECT_FALSE(none.keeps("a"));
    const JournalOptions some = loaded(
                                    "channels:\n  a/{x}: {history: {journal: /j}}\n  a/{x**}: {}\n"
                                    "  '{any**}': {history: {journal: /j}}\n"
                                    "journal: {fsync: 0s, disk: 64MiB, buffer: 2MiB}\n")
                                    .journal;
    EXPECT_EQ(some.folder, "/j");
    EXPECT_TRUE(some.keeps("a/b"));
    EXPECT_FALSE(some.keeps("a/b/c"));
    EXPECT_TRUE(some.keeps("other"));
    EXPECT_EQ(some.sync, 0s);
    EXPECT_EQ(some.diskBytesMax, 64u << 20);
    EXPECT_EQ(some.bufferBytes, 2u << 20);
}

TEST(Settings, readEveryBound) {
    const Settings settings = loaded(
        "delivery: {retry: 1s, keepalive: 5s, stall: 6s, drain: 0}\n"
        "limits: {history: 1GiB, channels: 1, empty_channels: 2, pattern_matches: 3,\n"
        "  gap_records: 4, subscribers: 5, catch_ups: 6, channels_per_stream: 7,\n"
        "  connections: 18, per_address: 9, head: 10KiB, head_time: 11s, body: 128MiB,\n"
        "  replays: 14, replay_events: 15, replay_bytes: 16KiB, payload: 13KiB}\nlog: {level: "
        "debug, format: json}\n");
    EXPECT_EQ(settings.delivery.retry, 1s);
    EXPECT_EQ(settings.delivery.drain, 0s);
    EXPECT_EQ(settings.hub.historyBytesMax, std::size_t{1} << 30);
    EXPECT_EQ(settings.hub.channelsMax, 1u);
    EXPECT_EQ(settings.hub.interestsMax, 2u);
    EXPECT_EQ(settings.hub.patternMatchesMax, 3u);
    EXPECT_EQ(settings.hub.gapRecordsMax, 4u);
    EXPECT_EQ(settings.delivery.subscribersMax, 5u);
    EXPECT_EQ(settings.delivery.catchUpsMax, 6u);
    EXPECT_EQ(settings.replays.replaysMax, 14u);
    EXPECT_EQ(settings.replays.log.eventsMax, 15u);
    EXPECT_EQ(settings.replays.log.bytesMax, 16u << 10);
    EXPECT_EQ(settings.http.channelsPerStreamMax, 7u);
    EXPECT_EQ(settings.http.gate.connectionsMax, 18u);
    EXPECT_EQ(settings.http.gate.perAddressMax, 9u);
    EXPECT_EQ(settings.http.gate.limits.bytesMax, 10u << 10);
    EXPECT_EQ(settings.http.gate.headTimeout, 11s);
    EXPECT_EQ(settings.http.gate.limits.bodyBytesMax, 128u << 20);
    EXPECT_GE(settings.http.gate.bodiesBytesMax, 128u << 20);
    EXPECT_EQ(settings.mappings.payloadBytesMax, 13u << 10);
    EXPECT_EQ(settings.http.publish.limits.dataBytesMax, 13u << 10);
    EXPECT_EQ(settings.log, (LogOptions{log::Level::Debug, log::Format::Json}));
}

TEST(Settings, takeNumbersInQuotesAndFromTheEnvironment) {
    const Settings settings =
        loaded("limits: {channels: \"8\", catch_ups: \"${N}\"}\n", {{"N", "9"}});
    EXPECT_EQ(settings.hub.channelsMax, 8u);
    EXPECT_EQ(settings.delivery.catchUpsMax, 9u);
}

TEST(Settings, replaceNothingInCommentsAndKeys) {
    const Settings settings = loaded("# ${NOPE}\nlisten: 127.0.0.1:1  # ${NOPE}\n");
    EXPECT_EQ(settings.http.listen, std::vector<std::string>{"127.0.0.1:1"});
}

TEST(Settings, useTheSeparatorOfThePluginWhereItIsKnown) {
    const std::string text =
        "inputs: {a: {plugin: mine}}\nmappings: [{from: 'a:x', channel: '{topic}'}]\n";
    std::string asked;
    load("f.yaml", text, {}, [&](std::string_view plugin) {
        asked = plugin;
        return std::optional<char>{};
    });
    EXPECT_EQ(asked, "mine");
}

TEST(Settings, canBePointedToAfterwards) {
    const LoadResult result = load("f.yaml", kExample, {{"PASSWORD", "x"}});
    const Setting* const setting = result.settings.inputs[0].settings.find("/topics/1");
    EXPECT_EQ('\n' + result.render(setting->mark, "topic", "no such topic", "name another one"), R"(
f.yaml:6:17: error: no such topic [topic]
  6 |     topics: [a, b]
    |                 ^
  hint: name another one
)");
    EXPECT_EQ('\n' + result.render(setting->mark, "x", "no such topic; looked at\n  a\n  b", ""),
              R"(
f.yaml:6:17: error: no such topic; looked at
    a
    b [x]
  6 |     topics: [a, b]
    |                 ^
)");
    EXPECT_EQ(result.render({}, "code", "somewhere else", ""), "error: somewhere else [code]\n");
}

}  // namespace
}  // namespace sluice
