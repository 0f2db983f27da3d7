#include "mqtt/FakeBroker.h"
#include "mqtt/MqttFixture.h"

namespace sluice::test {
namespace {

using Bytes = FakeBroker::Bytes;

/// What a broker answers that refuses everybody, in the words of the version that it was asked in.
FakeBroker::Behaviour refusing(std::uint8_t reason, std::uint8_t returnCode) {
    return {.connack = [=](std::uint8_t level) {
        return level == 5 ? Bytes{0x20, 3, 0, reason, 0} : Bytes{0x20, 2, 0, returnCode};
    }};
}

class MqttReasons : public MqttTest {};

TEST_F(MqttReasons, ofRefusedConnectionsAreStates) {
    const std::pair<std::uint8_t, const char*> cases[] = {
        {0x85, "client-id"},   {0x86, "authentication"}, {0x87, "not-authorized"},
        {0x88, "unavailable"}, {0x8a, "banned"},         {0x95, "oversized"},
        {0x97, "quota"},       {0x9d, "moved"},          {0x9f, "rate"},
        {0xbb, "broker"}};
    for (const auto& [reason, code] : cases) {
        RecordingHost host;
        const FakeBroker broker(refusing(reason, 1));
        const auto plugin = open(host, broker.uri(), {"t"});
        ASSERT_TRUE(plugin->start());
        EXPECT_TRUE(isConnecting(host, code)) << host.recording().health();
        EXPECT_GT(host.recording().of(Kind::Health).back().retryMs, 0U);
    }
}

TEST_F(MqttReasons, ofRefusedConnectionsIn311AreTheSameStates) {
    const char* const codes[] = {"version", "client-id", "unavailable", "authentication",
                                 "not-authorized"};
    for (std::uint8_t returnCode = 1; returnCode <= 5; ++returnCode) {
        RecordingHost host;
        host.set("/version", "3.1.1");
        const FakeBroker broker(refusing(0x84, returnCode));
        const auto plugin = open(host, broker.uri(), {"t"});
        ASSERT_TRUE(plugin->start());
        EXPECT_TRUE(isConnecting(host, codes[returnCode - 1])) << host.recording().health();
    }
}

TEST_F(MqttReasons, ofRefusedSubscriptionsAreStates) {
    for (const auto& [reason, code] :
         {std::pair{0x80, "not-authorized"}, {0x87, "not-authorized"}, {0x97, "quota"}}) {
        RecordingHost host;
        const FakeBroker broker({.suback = static_cast<std::uint8_t>(reason)});
        const auto plugin = open(host, broker.uri(), {"t"});
        ASSERT_TRUE(plugin->start());
        EXPECT_TRUE(host.waitForHealth(SLUICE_STATE_DEGRADED, code)) << host.recording().health();
        EXPECT_NE(words(host).find("subscription to t"), std::string::npos) << words(host);
    }
}

TEST_F(MqttReasons, ofEndedConnectionsAreStates) {
    const std::pair<std::uint8_t, const char*> cases[] = {{0x8b, "shutting-down"},
                                                          {0x8d, "keep-alive"},
                                                          {0x8e, "taken-over"},
                                                          {0x95, "oversized"},
                                                          {0x98, "administrative"}};
    for (const auto& [reason, code] : cases) {
        RecordingHost host;
        const FakeBroker broker({.afterSuback = {0xe0, 2, reason, 0}});
        const auto plugin = open(host, broker.uri(), {"t"});
        ASSERT_TRUE(plugin->start());
        const auto says = [code = std::string(code)](const Recording& recording) {
            for (const auto& health : recording.of(Kind::Health))
                if (health.number == SLUICE_STATE_CONNECTING && health.code == code) return true;
            return false;
        };
        EXPECT_TRUE(host.wait(says)) << host.recording().health();
    }
}

TEST_F(MqttReasons, ofTakenOverSessionsAreNoWar) {
    const FakeBroker broker({.afterSuback = {0xe0, 2, 0x8e, 0}});
    const auto plugin = open(host_, broker.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(isConnecting(host_, "taken-over"));
    EXPECT_NE(words(host_).find("give every instance its own client_id:"), std::string::npos);
    EXPECT_GE(host_.recording().of(Kind::Health).back().retryMs, 30'000U);
    EXPECT_EQ(broker.levels().size(), 1U);
}

TEST_F(MqttReasons, aVersionThatIsRefusedGivesWayToTheOther) {
    const FakeBroker broker({.connack = [](std::uint8_t level) {
        return level == 5 ? Bytes{0x20, 3, 0, 0x84, 0} : Bytes{0x20, 2, 0, 0};
    }});
    const auto plugin = run(host_, broker.uri(), {"t"});
    EXPECT_EQ(broker.levels(), (std::vector<int>{5, 4}));
    EXPECT_TRUE(words(host_).ends_with("MQTT 3.1.1")) << words(host_);
}

TEST_F(MqttReasons, aVersionAtWhichTheBrokerHangsUpGivesWayToTheOther) {
    const FakeBroker broker({.connack = [](std::uint8_t level) {
        return level == 5 ? Bytes{} : Bytes{0x20, 2, 0, 0};
    }});
    const auto plugin = run(host_, broker.uri(), {"t"});
    EXPECT_EQ(broker.levels(), (std::vector<int>{5, 4}));
}

TEST_F(MqttReasons, aVersionThatIsSetIsNotGivenUp) {
    const FakeBroker broker(refusing(0x84, 0));
    host_.set("/version", "5");
    const auto plugin = open(host_, broker.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(isConnecting(host_, "version"));
    EXPECT_NE(words(host_).find("leave out version:"), std::string::npos) << words(host_);
    for (int i = 0; i < 1'000 && broker.levels().size() < 2; ++i)
        std::this_thread::sleep_for(10ms);  // it says no more
    ASSERT_GE(broker.levels().size(), 2U);
    for (const int level : broker.levels()) EXPECT_EQ(level, 5);
}

TEST_F(MqttReasons, aQosThatIsNotGrantedIsTold) {
    const FakeBroker broker({.suback = 0});
    const auto plugin = run(host_, broker.uri(), {"t"});
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        const auto lines = recording.of(Kind::Log);
        return !lines.empty() && lines.back().text.find("grants QoS 0") != std::string::npos;
    }));
}

}  // namespace
}  // namespace sluice::test
