#include <gtest/gtest.h>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

/// check() touches nothing outside the process, so these need no broker.
class KafkaSettings : public ::testing::Test {
  protected:
    static bool check(RecordingHost& host) {
        return PluginInstance(SLUICE_TEST_PLUGIN_KAFKA, host).check();
    }
    bool check() { return check(host_); }
    std::vector<std::string> errors() {
        EXPECT_FALSE(check());
        std::vector<std::string> pointers;
        for (const auto& call : host_.recording().of(RecordedCall::Kind::SettingError))
            pointers.push_back(call.code);
        return pointers;
    }
    using Pointers = std::vector<std::string>;
    RecordingHost host_;
};

TEST_F(KafkaSettings, nothingHasToBeSet) {
    EXPECT_TRUE(check());
}

TEST_F(KafkaSettings, takesEveryOption) {
    host_.set("/brokers/0", "a:9092").set("/brokers/1", "b:9092").set("/start", "since:-15min");
    host_.set("/buffer", "8MiB").set("/username", "u").set("/password", "p");
    host_.set("/mechanism", "SCRAM-SHA-512").set("/tls/ca", "ca.pem").set("/tls/key_password", "x");
    host_.set("/rdkafka/client.id", "me");
    EXPECT_TRUE(check());
}

TEST_F(KafkaSettings, reportsAllErrorsAtOnce) {
    host_.set("/start", "yesterday").set("/buffer", "1KiB").set("/mechanism", "GSSAPI");
    host_.set("/replay_timeout", "1ms");
    host_.set("/username", "u").set("/tls/chain", "x").set("/brokers", "http://x");
    EXPECT_EQ(errors(), (Pointers{"/tls/chain", "/brokers", "/start", "/buffer", "/replay_timeout",
                                  "/mechanism", "/username"}));
}

TEST_F(KafkaSettings, brokersAreHostsAndPorts) {
    for (const char* bad :
         {"", "a:0", "a:99999", "a:9092x", "a:", ":9092", "a b:1", "a:1,,b:1", "[::1"}) {
        RecordingHost host;
        host.set("/brokers", bad);
        EXPECT_FALSE(check(host)) << bad;
    }
    for (const char* good : {"a", "a:9092", "a:1,b:65535", "[::1]:9092", "[::1]"}) {
        RecordingHost host;
        host.set("/brokers", good);
        EXPECT_TRUE(check(host)) << good;
    }
}

TEST_F(KafkaSettings, refusesUnknownKeysAndSaysWhichWasMeant) {
    host_.set("/brokrs", "a:9092").set("/topics", "t");
    EXPECT_EQ(errors(), (Pointers{"/brokrs", "/topics"}));
    const auto calls = host_.recording().of(RecordedCall::Kind::SettingError);
    EXPECT_NE(calls[0].text.find("did you mean brokers?"), std::string::npos) << calls[0].text;
}

TEST_F(KafkaSettings, refusesUnknownAndReservedProperties) {
    host_.set("/rdkafka/no.such.thing", "1").set("/rdkafka/enable.auto.commit", "true");
    host_.set("/rdkafka/socket.timeout.ms", "soon");
    EXPECT_EQ(errors(), (Pointers{"/rdkafka/enable.auto.commit", "/rdkafka/no.such.thing",
                                  "/rdkafka/socket.timeout.ms"}));
}

TEST_F(KafkaSettings, doesNotShowASecretInAnError) {
    host_.set("/rdkafka/sasl.password", "hush-hush").set("/rdkafka/ssl.key.pem", "not a key");
    check();
    for (const auto& call : host_.recording().calls)
        EXPECT_EQ(call.text.find("hush-hush"), std::string::npos);
}

TEST_F(KafkaSettings, openFailsOnABadSettingToo) {
    host_.set("/start", "never");
    PluginInstance instance(SLUICE_TEST_PLUGIN_KAFKA, host_);
    EXPECT_FALSE(instance.open());
    EXPECT_EQ(host_.recording().of(RecordedCall::Kind::SettingError).size(), 1U);
}

TEST_F(KafkaSettings, startIsATimeInEveryForm) {
    for (const char* start :
         {"live", "earliest", "since:0", "since:1700000000000", "since:-90s",
          "since:2026-01-31T12:00:00Z", "since:2026-01-31T12:00:00.250-03:30"}) {
        host_.set("/start", start);
        EXPECT_TRUE(check()) << start;
    }
    for (const char* start : {"", "Live", "since:", "since:15min", "since:-15", "since:--1s",
                              "since:2026-02-30T12:00:00Z", "since:2026-01-31T12:00:00",
                              "since:2026-01-31T25:00:00Z", "since:-99999999999999999999d"}) {
        host_.set("/start", start);
        EXPECT_FALSE(check()) << start;
    }
}

}  // namespace
}  // namespace sluice::test
