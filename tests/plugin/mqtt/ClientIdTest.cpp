#include "mqtt/MqttFixture.h"

namespace sluice::test {
namespace {

class MqttClientId : public MqttTest {
  protected:
    static std::string idOf(const RecordingHost& host) {
        const std::string text = words(host);  // connected to HOST:PORT as ID with MQTT 5
        const auto begin = text.find(" as ") + 4;
        return text.substr(begin, text.find(" with ") - begin);
    }
    MosquittoProcess broker_;
};

TEST_F(MqttClientId, isTheSameAfterARestartAndTellsTheInput) {
    run(host_, broker_.uri(), {"t"});
    RecordingHost again;
    run(again, broker_.uri(), {"t"});
    EXPECT_EQ(idOf(host_), idOf(again));
    EXPECT_NE(idOf(host_).find("-" + std::string(RecordingHost::kInput) + "-"), std::string::npos)
        << idOf(host_);
}

TEST_F(MqttClientId, isNeverSharedByTwoInstances) {
    RecordingHost second;
    const auto plugin = run(host_, broker_.uri(), {"t"});
    const auto other = run(second, broker_.uri(), {"t"});
    EXPECT_EQ(idOf(second), idOf(host_) + "-2");
    MqttClient(broker_.port()).publishNumbers("t", 0, 10);
    ASSERT_TRUE(host_.waitForMessages(10));
    ASSERT_TRUE(second.waitForMessages(10));
}

TEST_F(MqttClientId, thatIsSetIsUsed) {
    host_.set("/client_id", "mine");
    const auto plugin = run(host_, broker_.uri(), {"t"});
    EXPECT_EQ(idOf(host_), "mine");
}

TEST_F(MqttClientId, thatIsSetTwiceIsWaitedFor) {
    RecordingHost second;
    host_.set("/client_id", "mine");
    second.set("/client_id", "mine");
    auto plugin = run(host_, broker_.uri(), {"t"});
    const auto other = open(second, broker_.uri(), {"t"});
    ASSERT_TRUE(other->start());
    ASSERT_TRUE(isConnecting(second, "client-id-in-use"));
    EXPECT_EQ(host_.recording().health(), "2 running");
    plugin->stop();
    EXPECT_TRUE(isRunning(second));
}

/// Mosquitto 2.0.11 takes a session from a client without a word, whatever the version; for a
/// broker that says so see ReasonsTest.
TEST_F(MqttClientId, thatAnotherMachineKeepsTakingOverIsAStateAndNoWar) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    const std::string id = idOf(host_);
    const auto isGuessed = [](const Recording& recording) {
        return recording.health() == "1 taken-over";
    };
    for (int i = 0; i < 5 && !isGuessed(host_.recording()); ++i) {
        ASSERT_TRUE(isRunning(host_));
        const MqttClient thief(broker_.port(), {.id = id});
        ASSERT_TRUE(host_.wait(
            [](const Recording& recording) { return recording.health().starts_with("1"); }));
    }
    ASSERT_TRUE(isGuessed(host_.recording())) << host_.recording().health();
    EXPECT_NE(words(host_).find("perhaps another client uses"), std::string::npos);
    EXPECT_GE(host_.recording().of(Kind::Health).back().retryMs, 30'000U);
}

}  // namespace
}  // namespace sluice::test
