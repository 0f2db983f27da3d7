#include <algorithm>
#include <atomic>
#include <thread>

#include "mqtt/MqttFixture.h"
#include "support/FreePort.h"

namespace sluice::test {
namespace {

class MqttOutage : public MqttTest {
  protected:
    MosquittoProcess broker_;
};

/// A broker that knows its sessions again when it was stopped.
class MqttKeptSessions : public MqttTest {
  protected:
    MosquittoProcess broker_{{.global = "persistence true\nautosave_interval 1\n"
                                        "autosave_on_changes true\n"}};
};

TEST_F(MqttOutage, isConnectingWhileTheBrokerIsDownAndReadsWhenItComes) {
    broker_.stop();
    const auto plugin = open(host_, broker_.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(isConnecting(host_, "refused", 10s));
    EXPECT_NE(words(host_).find(broker_.address()), std::string::npos);
    broker_.start();
    ASSERT_TRUE(isRunning(host_));
    MqttClient(broker_.port()).publishNumbers("t", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(losses(host_), 0U);  // it had never been there
}

TEST_F(MqttOutage, aNameThatIsUnknownIsAState) {
    const auto plugin = open(host_, "mqtt://no-such-host.invalid", {"t"});
    ASSERT_TRUE(plugin->start());
    EXPECT_TRUE(isConnecting(host_, "name"));
}

TEST_F(MqttOutage, aKilledBrokerThatForgotUsIsALossThatIsTold) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port()).publishNumbers("t", 0, 100);
    ASSERT_TRUE(host_.waitForMessages(100));
    broker_.kill();
    ASSERT_TRUE(isConnecting(host_, "refused"));
    EXPECT_EQ(losses(host_), 0U);  // perhaps nothing was
    broker_.start();
    ASSERT_TRUE(isRunning(host_));
    MqttClient(broker_.port()).publishNumbers("t", 100, 100);
    ASSERT_TRUE(host_.waitForMessages(200));
    EXPECT_EQ(runs(host_, "t"), "0-199");
    const auto lost = host_.recording().of(Kind::Lost);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].family, "");
    EXPECT_EQ(lost[0].number, static_cast<std::uint32_t>(SLUICE_LOST));
    EXPECT_EQ(lost[0].messagesBefore, 100U);
}

TEST_F(MqttKeptSessions, loseNothingOverARestartOfTheBroker) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port()).publishNumbers("t", 0, 100);
    ASSERT_TRUE(host_.waitForMessages(100));
    broker_.stop();
    ASSERT_TRUE(
        host_.wait([](const Recording& recording) { return recording.health().starts_with("1"); }));
    broker_.start();
    ASSERT_TRUE(isRunning(host_));
    MqttClient(broker_.port()).publishNumbers("t", 100, 100);
    ASSERT_TRUE(waitForPayload(host_, "199"));
    // What the broker had no acknowledgement of comes again, and says so.
    std::vector<std::string> once;
    for (const RecordedMessage& message : host_.recording().messages)
        if (std::find(once.begin(), once.end(), *message.payload) == once.end())
            once.push_back(*message.payload);
        else
            EXPECT_EQ(message.variables.at("duplicate"), "true") << *message.payload;
    EXPECT_EQ(runsOf(once), "0-199");
    EXPECT_EQ(losses(host_), 0U);
}

TEST_F(MqttKeptSessions, tellALossWhereQosIsZero) {
    host_.set("/qos", "0");
    const auto plugin = run(host_, broker_.uri(), {"t"});
    broker_.stop();
    ASSERT_TRUE(isConnecting(host_, "refused"));
    broker_.start();
    ASSERT_TRUE(isRunning(host_));
    EXPECT_EQ(losses(host_), 1U);
}

TEST_F(MqttKeptSessions, tellALossWherePublishersUseQosZero) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port()).publish({.topic = "t", .payload = "x", .qos = 0});
    ASSERT_TRUE(host_.waitForMessages(1));
    broker_.stop();
    ASSERT_TRUE(isConnecting(host_, "refused"));
    broker_.start();
    ASSERT_TRUE(isRunning(host_));
    EXPECT_EQ(losses(host_), 1U);
}

TEST_F(MqttOutage, theBrokerKeepsWhatIsSentWhileWeAreAway) {
    run(host_, broker_.uri(), {"t"})->stop();
    MqttClient(broker_.port()).publishNumbers("t", 0, 2'000);
    RecordingHost again;
    const auto plugin = run(again, broker_.uri(), {"t"});
    ASSERT_TRUE(again.waitForMessages(2'000));
    EXPECT_EQ(runs(again, "t"), "0-1999");
}

TEST_F(MqttOutage, aCleanSessionBeginsAnew) {
    host_.set("/session", "clean");
    run(host_, broker_.uri(), {"t"})->stop();
    MqttClient client(broker_.port());
    client.publishNumbers("t", 0, 10);
    RecordingHost again;
    again.set("/session", "clean");
    const auto plugin = run(again, broker_.uri(), {"t"});
    client.publishNumbers("t", 10, 1);
    ASSERT_TRUE(again.waitForMessages(1));
    EXPECT_EQ(runs(again, "t"), "10-10");
}

TEST_F(MqttOutage, aSessionIsKeptAsLongAsIsAsked) {
    host_.set("/session", "1s");
    run(host_, broker_.uri(), {"t"})->stop();
    const auto isExpired = [&] {
        return broker_.log().find("Expiring client") != std::string::npos;
    };
    for (int i = 0; i < 1'000 && !isExpired(); ++i) host_.waitForMessages(1, 10ms);
    EXPECT_TRUE(isExpired());
}

TEST_F(MqttOutage, aFrozenBrokerIsNoticedAndNothingIsLost) {
    host_.set("/keepalive", "1s");
    const auto plugin = run(host_, broker_.uri(), {"t"});
    broker_.freeze();
    const auto isNoticed = [](const Recording& recording) {
        for (const auto& health : recording.of(Kind::Health))
            if (health.code == "keep-alive") return true;
        return false;
    };
    ASSERT_TRUE(host_.wait(isNoticed));
    broker_.thaw();
    ASSERT_TRUE(isRunning(host_));
    MqttClient(broker_.port()).publishNumbers("t", 0, 100);
    ASSERT_TRUE(host_.waitForMessages(100));
    EXPECT_EQ(runs(host_, "t"), "0-99");
    EXPECT_EQ(losses(host_), 0U);
}

TEST_F(MqttOutage, aBrokerThatWantsAShorterKeepAliveGetsIt) {
    const MosquittoProcess broker({.global = "max_keepalive 12\n"});
    host_.set("/session", "clean");
    const auto plugin = run(host_, broker.uri(), {"t"});
    EXPECT_NE(broker.log().find("c1, k12)"), std::string::npos) << broker.log();
    EXPECT_EQ(losses(host_), 0U);
}

TEST_F(MqttOutage, aBrokerThatTakesConnectionsAndSaysNothingIsAState) {
    broker_.freeze();
    const auto plugin = open(host_, broker_.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    EXPECT_TRUE(isConnecting(host_, "no-answer", 40s));  // paho's patience
    EXPECT_LT(plugin->stop(), PluginInstance::kStopDeadline);
    broker_.thaw();
}

TEST_F(MqttOutage, stopsInTimeWhileTheBrokerIsFrozen) {
    host_.set("/status/topic", "status");
    const auto plugin = run(host_, broker_.uri(), {"t"});
    broker_.freeze();
    EXPECT_LT(plugin->stop(), PluginInstance::kStopDeadline);
    broker_.thaw();
}

TEST_F(MqttOutage, stopsInTimeUnderAFloodAndIsSilent) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    std::atomic<bool> isOver{false};
    std::thread flood([&] {
        MqttClient client(broker_.port());
        for (int i = 0; !isOver; i += 500) client.publishNumbers("t", i, 500, 0);
    });
    EXPECT_TRUE(host_.waitForMessages(5'000));
    const auto took = plugin->stop();
    host_.seal();
    EXPECT_LT(took, PluginInstance::kStopDeadline);
    std::this_thread::sleep_for(300ms);  // silence can only be waited for
    EXPECT_EQ(host_.callsAfterSeal(), 0U);
    isOver = true;
    flood.join();
}

}  // namespace
}  // namespace sluice::test
