#include "mqtt/MqttFixture.h"

namespace sluice::test {
namespace {

class MqttRead : public MqttTest {
  protected:
    MosquittoProcess broker_;
};

/// What holds for both versions of the protocol.
class MqttVersions : public MqttRead, public ::testing::WithParamInterface<const char*> {
  protected:
    MqttVersions() { host_.set("/version", GetParam()); }
    int version() const { return std::string(GetParam()) == "5" ? 5 : 4; }
};

INSTANTIATE_TEST_SUITE_P(Both, MqttVersions, ::testing::Values("5", "3.1.1"),
                         [](const auto& given) {
                             return std::string(given.param) == "5" ? "v5" : "v311";
                         });

TEST_P(MqttVersions, bringEveryQualityOfServiceInOrder) {
    host_.set("/qos", "2");
    const auto plugin = run(host_, broker_.uri(), {"t/{x}"});
    MqttClient client(broker_.port(), {.id = "p", .version = version()});
    for (int qos = 0; qos <= 2; ++qos)
        client.publishNumbers("t/" + std::to_string(qos), 0, 100, qos);
    ASSERT_TRUE(host_.waitForMessages(300));
    for (const std::string qos : {"0", "1", "2"}) EXPECT_EQ(runs(host_, "t/" + qos), "0-99");
    for (const RecordedMessage& message : host_.recording().messages) {
        EXPECT_EQ(message.variables.at("qos"), message.topic.substr(2));
        EXPECT_EQ(message.variables.at("retained"), "false");
        EXPECT_EQ(message.variables.at("duplicate"), "false");
        EXPECT_FALSE(message.hasLane);
    }
}

TEST_P(MqttVersions, askForNoMoreThanTheQosThatIsSet) {
    host_.set("/qos", "0");
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port()).publish({.topic = "t", .payload = "x", .qos = 2});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(host_.recording().messages[0].variables.at("qos"), "0");
}

TEST_P(MqttVersions, markWhatWasRetained) {
    MqttClient client(broker_.port());
    client.publish({.topic = "t", .payload = "kept", .isRetained = true});
    const auto plugin = run(host_, broker_.uri(), {"t"});
    ASSERT_TRUE(host_.waitForMessages(1));
    client.publish({.topic = "t", .payload = "live", .isRetained = true});
    ASSERT_TRUE(host_.waitForMessages(2));
    const auto messages = host_.recording().messages;
    EXPECT_EQ(messages[0].payload, "kept");
    EXPECT_EQ(messages[0].variables.at("retained"), "true");
    EXPECT_EQ(messages[1].payload, "live");
    EXPECT_EQ(messages[1].variables.at("retained"), "false");
}

TEST_P(MqttVersions, carryAnyBytes) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const std::string large(1 << 20, '\0');
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient client(broker_.port());
    for (const std::string& payload : {all, std::string{}, large})
        client.publish({.topic = "t", .payload = payload});
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(payloads(host_, "t"), (std::vector<std::string>{all, "", large}));
}

TEST_P(MqttVersions, tellTheVersionInTheState) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    EXPECT_TRUE(words(host_).ends_with(std::string("MQTT ") + GetParam())) << words(host_);
}

TEST_F(MqttRead, bringsUserPropertiesAsHeadersAndTheContentTypeAsAVariable) {
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port())
        .publish({.topic = "t",
                  .payload = "x",
                  .userProperties = {{"unit", "K"}, {"unit", "C"}, {"empty", ""}},
                  .contentType = "text/plain",
                  .responseTopic = "answers"});
    ASSERT_TRUE(host_.waitForMessages(1));
    const RecordedMessage message = host_.recording().messages[0];
    const std::vector<std::pair<std::string, std::optional<std::string>>> headers{
        {"unit", "K"}, {"unit", "C"}, {"empty", ""}};
    EXPECT_EQ(message.headers, headers);
    EXPECT_EQ(message.variables.at("content_type"), "text/plain");
    EXPECT_EQ(message.variables.at("response_topic"), "answers");
}

TEST_F(MqttRead, subscribesToWhatThePatternsTake) {
    const auto plugin =
        run(host_, broker_.uri(), {"sensors/{device}/temp", "logs/{rest**}", "exact/one"});
    MqttClient client(broker_.port());
    for (const char* topic : {"sensors/a/temp", "sensors/a/b/temp", "sensors/a/wet", "logs/x/y/z",
                              "exact/one", "exact/two", "end/end", "logs/end"})
        client.publish({.topic = topic, .payload = topic});
    ASSERT_TRUE(host_.wait(
        [](const Recording& recording) { return !recording.payloads("logs/end", 0).empty(); }));
    std::vector<std::string> topics;
    for (const auto& message : host_.recording().messages) topics.push_back(message.topic);
    EXPECT_EQ(topics,
              (std::vector<std::string>{"sensors/a/temp", "logs/x/y/z", "exact/one", "logs/end"}));
}

TEST_F(MqttRead, followsPatternsThatChange) {
    const auto plugin = run(host_, broker_.uri(), {"a", "b"});
    ASSERT_TRUE(plugin->watch({"b", "c"}));
    ASSERT_TRUE(isRunning(host_));
    MqttClient client(broker_.port());
    // A change takes its time: try until the new topic comes.
    for (int i = 0; i < 100 && payloads(host_, "c").empty(); ++i) {
        client.publish({.topic = "c", .payload = "x"});
        host_.waitForMessages(1, 100ms);
    }
    client.publish({.topic = "a", .payload = "x"});
    client.publish({.topic = "b", .payload = "x"});
    ASSERT_TRUE(
        host_.wait([](const Recording& recording) { return !recording.payloads("b", 0).empty(); }));
    EXPECT_TRUE(payloads(host_, "a").empty());
}

TEST_F(MqttRead, pushesAMessageOnceWhereItsFiltersOverlap) {
    MqttClient client(broker_.port());
    for (const char* topic : {"a/b/c", "a/x/c"})
        client.publish({.topic = topic, .payload = "kept", .isRetained = true});
    const auto plugin = run(host_, broker_.uri(), {"a/{x}/c", "a/b/{y}", "{z}/b/c", "a/b/c"});
    ASSERT_TRUE(host_.waitForMessages(2));
    for (int i = 0; i < 3; ++i) client.publish({.topic = "a/b/c", .payload = "same"});
    client.publish({.topic = "a/b/c", .payload = "last"});
    client.publish({.topic = "a/b/end", .payload = "end"});
    ASSERT_TRUE(host_.wait(
        [](const Recording& recording) { return !recording.payloads("a/b/end", 0).empty(); }));
    EXPECT_EQ(payloads(host_, "a/b/c"),
              (std::vector<std::string>{"kept", "same", "same", "same", "last"}));
    EXPECT_EQ(payloads(host_, "a/x/c"), (std::vector<std::string>{"kept"}));
}

TEST_F(MqttRead, saysThatAPatternIsNoTopicAndReadsTheOthers) {
    const auto plugin = open(host_, broker_.uri(), {"sensors/#", "t"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "bad-pattern"));
    EXPECT_NE(words(host_).find("sensors/# is no topic of MQTT"), std::string::npos);
    MqttClient(broker_.port()).publish({.topic = "t", .payload = "x"});
    EXPECT_TRUE(host_.waitForMessages(1));
}

TEST_F(MqttRead, tenThousandTopicsByOnePattern) {
    const auto plugin = run(host_, broker_.uri(), {"s/{n}/v"});
    MqttClient client(broker_.port());
    for (int i = 0; i < 10'000; ++i)
        client.publish({.topic = "s/" + std::to_string(i) + "/v", .payload = "x", .qos = 0});
    ASSERT_TRUE(host_.waitForMessages(10'000));
    std::set<std::string> topics;
    for (const auto& message : host_.recording().messages) topics.insert(message.topic);
    EXPECT_EQ(topics.size(), 10'000U);
}

TEST_F(MqttRead, tenThousandTopicsByTheirNames) {
    std::vector<std::string> names;
    for (int i = 0; i < 10'000; ++i) names.push_back("s/" + std::to_string(i));
    const auto plugin = run(host_, broker_.uri(), names);
    MqttClient client(broker_.port());
    for (const char* topic : {"s/0", "s/4711", "s/9999", "s/10000", "s/1"})
        client.publish({.topic = topic, .payload = topic});
    ASSERT_TRUE(host_.waitForMessages(4));
    EXPECT_EQ(host_.recording().messages.size(), 4U);
}

TEST_F(MqttRead, aFloodComesWholeAndInOrder) {
    constexpr int kCount = 30'000;
    const auto plugin = run(host_, broker_.uri(), {"t"});
    MqttClient(broker_.port()).publishNumbers("t", 0, kCount);
    ASSERT_TRUE(host_.waitForMessages(kCount, 60s));
    EXPECT_EQ(runs(host_, "t"), "0-" + std::to_string(kCount - 1));
    EXPECT_EQ(losses(host_), 0U);
}

TEST_F(MqttRead, publishesItsStatusAndALastWill) {
    MqttClient watcher(broker_.port());
    watcher.subscribe("sluice/+");
    host_.set("/status/topic", "sluice/status").set("/status/offline", "gone");
    {
        const auto plugin = run(host_, broker_.uri(), {"t"});
        EXPECT_EQ(watcher.receive(), "sluice/status online");
    }
    EXPECT_EQ(watcher.receive(), "sluice/status gone");
    MqttClient late(broker_.port(), {.id = "late"});
    late.subscribe("sluice/+");
    EXPECT_EQ(late.receive(), "sluice/status gone retained");
}

}  // namespace
}  // namespace sluice::test
