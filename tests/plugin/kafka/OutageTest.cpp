#include "kafka/KafkaFixture.h"

namespace sluice::test {
namespace {

/// These stop their broker, so each has its own.
class KafkaOutage : public KafkaTest {
  protected:
    KafkaProcess kafka_;
    const std::string bootstrap_ = kafka_.facts().bootstrap;
};

TEST_F(KafkaOutage, isConnectingWhileTheBrokerIsDownAndReadsWhenItComes) {
    KafkaAdmin(bootstrap_).createTopic("t");
    kafka_.command("stop");
    auto plugin = open(host_, {"t"}, bootstrap_);
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "refused", 5s));
    const auto health = host_.recording().of(Kind::Health);
    EXPECT_NE(health.back().text.find(bootstrap_), std::string::npos);
    kafka_.command("start");
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    KafkaAdmin(bootstrap_).produceNumbered("t", 0, "v", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(host_.recording().payloads("t", 0), numbered("v", 0, 3));
}

TEST_F(KafkaOutage, losesAndDoublesNothingOverAKilledBroker) {
    {
        KafkaAdmin admin(bootstrap_);
        admin.createTopic("t", 2);
        admin.produceNumbered("t", 0, "v", 0, 100);
        admin.produceNumbered("t", 1, "v", 0, 100);
    }
    host_.set("/start", "earliest");
    auto plugin = open(host_, {"t"}, bootstrap_);
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(200));
    kafka_.command("kill");
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return recording.health().starts_with(std::to_string(SLUICE_STATE_CONNECTING));
    }));
    kafka_.command("start");
    KafkaAdmin admin(bootstrap_);
    admin.produceNumbered("t", 0, "v", 100, 100);
    admin.produceNumbered("t", 1, "v", 100, 100);
    ASSERT_TRUE(host_.waitForMessages(400));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    EXPECT_EQ(host_.recording().payloads("t", 0), numbered("v", 0, 200));
    EXPECT_EQ(host_.recording().payloads("t", 1), numbered("v", 0, 200));
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
    for (const auto& call : host_.recording().of(Kind::Health))
        EXPECT_EQ(call.text.find("might be"), std::string::npos) << call.text;
}

TEST_F(KafkaOutage, aFrozenBrokerIsNoticedAndStopStaysQuick) {
    KafkaAdmin(bootstrap_).createTopic("t");
    auto plugin = open(host_, {"t"}, bootstrap_);
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    kafka_.command("freeze");
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "no-answer", 20s));
    kafka_.command("thaw");
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    KafkaAdmin(bootstrap_).produceNumbered("t", 0, "v", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3));
    kafka_.command("freeze");
    EXPECT_LT(plugin->stop(), PluginInstance::kStopDeadline);
    kafka_.command("thaw");
}

TEST_F(KafkaOutage, theTopicReplacedDuringAnOutageIsAReset) {
    {
        KafkaAdmin admin(bootstrap_);
        admin.createTopic("t");
        admin.produceNumbered("t", 0, "old", 0, 10);
    }
    host_.set("/start", "earliest");
    auto plugin = open(host_, {"t"}, bootstrap_);
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    kafka_.command("stop");
    kafka_.command("start");
    KafkaAdmin admin(bootstrap_);
    admin.deleteTopic("t");
    admin.createTopic("t");
    KafkaAdmin(bootstrap_).produceNumbered("t", 0, "new", 0, 20);
    ASSERT_TRUE(waitForLost(host_, SLUICE_RESET));
    ASSERT_TRUE(host_.wait([&](const Recording& recording) {
        const auto values = recording.payloads("t", 0);
        return values.size() >= 30 && values.back() == "new19" &&
               values[values.size() - 20] == "new0";
    }));
}

}  // namespace
}  // namespace sluice::test
