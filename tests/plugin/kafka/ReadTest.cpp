#include "kafka/KafkaFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class KafkaRead : public KafkaTest {};

TEST_F(KafkaRead, carriesKeysHeadersTimesAndTombstones) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1, {{"retention.ms", "-1"}});
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    ASSERT_TRUE(waitForLanes(host_, topic, 1));
    admin().produce(topic, {{.key = "k",
                             .value = "v",
                             .partition = 0,
                             .timeMs = 1'700'000'000'123,
                             .headers = {{"a", "1"}, {"a", "2"}, {"none", std::nullopt}, {"", ""}}},
                            {.key = "gone", .value = std::nullopt, .headers = {}},
                            {.key = std::nullopt, .value = "", .headers = {}},
                            {.key = "", .value = std::string("\0\xff", 2), .headers = {}}});
    ASSERT_TRUE(host_.waitForMessages(4));
    const auto messages = host_.recording().messages;
    EXPECT_EQ(messages[0].topic, topic);
    EXPECT_EQ(messages[0].family, topic);
    EXPECT_EQ(messages[0].key, "k");
    EXPECT_EQ(messages[0].payload, "v");
    EXPECT_EQ(messages[0].timeMs, 1'700'000'000'123);
    const decltype(messages[0].headers) headers = {
        {"a", "1"}, {"a", "2"}, {"none", std::nullopt}, {"", ""}};
    EXPECT_EQ(messages[0].headers, headers);
    EXPECT_EQ(messages[1].key, "gone");
    EXPECT_EQ(messages[1].payload, std::nullopt);
    EXPECT_EQ(messages[2].key, std::nullopt);
    EXPECT_EQ(messages[2].payload, "");
    EXPECT_EQ(messages[3].key, "");
    EXPECT_EQ(messages[3].payload, std::string("\0\xff", 2));
    for (std::uint64_t i = 0; i < messages.size(); ++i) EXPECT_EQ(messages[i].position.first, i);
}

TEST_F(KafkaRead, leavesHeadersOutUntilTheyAreNeeded) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1);
    host_.set("/brokers", facts().bootstrap);
    PluginInstance frugal(SLUICE_TEST_PLUGIN_KAFKA, host_);
    ASSERT_TRUE(frugal.open());
    ASSERT_TRUE(frugal.watch({topic}, 0));
    ASSERT_TRUE(frugal.start());
    ASSERT_TRUE(waitForLanes(host_, topic, 1));
    const KafkaRecord record{.key = {}, .value = "v", .partition = 0, .headers = {{"a", "1"}}};
    admin().produce(topic, {record});
    ASSERT_TRUE(host_.waitForMessages(1));
    ASSERT_TRUE(frugal.watch({topic}, SLUICE_NEEDS_HEADERS));
    admin().produce(topic, {record});
    ASSERT_TRUE(host_.waitForMessages(2));
    const auto messages = host_.recording().messages;
    EXPECT_TRUE(messages[0].headers.empty());
    EXPECT_EQ(messages[1].headers.size(), 1u);
}

TEST_F(KafkaRead, declaresLanesWithLowEndAndStartBeforeTheFirstMessage) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 3);
    admin().produceNumbered(topic, 1, "v", 0, 5);
    admin().deleteRecords(topic, 1, 2);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(3));
    const auto lanes = host_.recording().of(Kind::Lanes);
    ASSERT_EQ(lanes.size(), 1U);
    EXPECT_EQ(lanes[0].messagesBefore, 0U);
    EXPECT_FALSE(lanes[0].cluster.empty());
    ASSERT_EQ(lanes[0].ends.size(), 3U);
    EXPECT_EQ(lanes[0].ends[1].flags, SLUICE_ENDS_HAS_START | SLUICE_ENDS_KNOWN);
    EXPECT_EQ(lanes[0].ends[1].low.first, 2U);
    EXPECT_EQ(lanes[0].ends[1].end.first, 5U);
    EXPECT_EQ(lanes[0].ends[1].start.first, 2U);
    EXPECT_EQ(lanes[0].ends[2].end.first, 0U);
    EXPECT_EQ(host_.recording().payloads(topic, 1), numbered("v", 2, 3));
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
}

TEST_F(KafkaRead, beginsLiveAtTheEnd) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 5);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForLanes(host_, topic, 1));
    admin().produceNumbered(topic, 0, "new", 0, 2);
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("new", 0, 2));
    EXPECT_EQ(host_.recording().of(Kind::Lanes)[0].ends[0].start.first, 5U);
}

TEST_F(KafkaRead, rewindsByTime) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2);
    const std::int64_t nowMs = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
    admin().produce(topic,
                    {{.key = {}, .value = "old", .timeMs = nowMs - 600'000, .headers = {}},
                     {.key = {}, .value = "young", .timeMs = nowMs - 30'000, .headers = {}}});
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start({}, 60s));
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(host_.recording().payloads(topic, 0), std::vector<std::string>{"young"});
    EXPECT_EQ(host_.recording().of(Kind::Lanes)[0].ends[0].start.first, 1U);
    EXPECT_EQ(host_.recording().of(Kind::Lanes)[0].ends[1].start.first, 0U);
}

TEST_F(KafkaRead, beginsSinceATime) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1, {{"retention.ms", "-1"}});
    admin().produce(topic, {{.key = {}, .value = "a", .timeMs = 1'600'000'000'000, .headers = {}},
                            {.key = {}, .value = "b", .timeMs = 1'700'000'000'000, .headers = {}}});
    host_.set("/start", "since:2022-01-01T00:00:00+01:00");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(host_.recording().payloads(topic, 0), std::vector<std::string>{"b"});
}

TEST_F(KafkaRead, goesOnFromPositionsAfterARestart) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2);
    admin().produceNumbered(topic, 0, "v", 0, 10);
    admin().produceNumbered(topic, 1, "w", 0, 3);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    // Lane 1 was born while the input was down: it is read from its beginning.
    ASSERT_TRUE(plugin->start({{topic, 0, 7}}));
    ASSERT_TRUE(host_.waitForMessages(6));
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("v", 7, 3));
    EXPECT_EQ(host_.recording().payloads(topic, 1), numbered("w", 0, 3));
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    admin().produceNumbered(topic, 0, "v", 10, 2);
    ASSERT_TRUE(plugin->start({{topic, 0, 10}, {topic, 1, 3}}));
    ASSERT_TRUE(host_.waitForMessages(8));
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("v", 7, 5));
    EXPECT_EQ(host_.recording().messages.size(), 8U);
}

TEST_F(KafkaRead, tellsWhatRetentionTookWhileItWasAway) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 10);
    admin().deleteRecords(topic, 0, 6);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start({{topic, 0, 4}}));
    ASSERT_TRUE(host_.waitForMessages(4));
    const auto lost = host_.recording().of(Kind::Lost);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].from.first, 4U);
    EXPECT_EQ(lost[0].to.first, 6U);
    EXPECT_EQ(lost[0].number, SLUICE_LOST);
    EXPECT_EQ(lost[0].messagesBefore, 0U);
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("v", 6, 4));
}

TEST_F(KafkaRead, tellsAResetWhenItsPositionIsBeyondTheEnd) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 3);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start({{topic, 0, 50}}));
    ASSERT_TRUE(host_.waitForMessages(3));
    const auto lost = host_.recording().of(Kind::Lost);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].number, SLUICE_RESET);
    EXPECT_EQ(lost[0].to.first, 0U);
}

TEST_F(KafkaRead, passesTheMarkersOfTransactionsWithAt) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForLanes(host_, topic, 1));
    KafkaAdmin producer(facts().bootstrap, topic);
    producer.beginTransaction();
    producer.produceNumbered(topic, 0, "yes", 0, 2);
    producer.endTransaction(true);  // the marker has offset 2
    ASSERT_TRUE(waitForAt(host_, 3));
    producer.beginTransaction();
    producer.produceNumbered(topic, 0, "no", 0, 2);
    producer.endTransaction(false);
    ASSERT_TRUE(waitForAt(host_, 6));
    producer.beginTransaction();
    producer.produceNumbered(topic, 0, "yes", 2, 1);
    producer.endTransaction(true);
    ASSERT_TRUE(waitForAt(host_, 8));
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("yes", 0, 3));
    EXPECT_EQ(host_.recording().messages[2].position.first, 6U);
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
}

TEST_F(KafkaRead, passesACompactedTailWithAt) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1,
                        {{"cleanup.policy", "compact"},
                         {"segment.ms", "100"},
                         {"min.cleanable.dirty.ratio", "0.001"},
                         {"delete.retention.ms", "0"}});
    for (int i = 0; i < 3; ++i)
        admin().produce(topic, {{.key = "same", .value = "v" + std::to_string(i), .headers = {}}});
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.wait([&](const Recording& recording) {
        return !recording.messages.empty() && recording.messages.back().payload == "v2";
    }));
    const auto messages = host_.recording().messages;
    EXPECT_EQ(messages.back().position.first, 2U);
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
}

TEST_F(KafkaRead, answersAQueryThroughLanes) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    admin().produceNumbered(topic, 1, "v", 0, 4);
    ASSERT_TRUE(host_.waitForMessages(4));
    const auto asked = std::chrono::steady_clock::now();
    ASSERT_TRUE(plugin->query({topic, "no-such-topic"}));
    ASSERT_TRUE(host_.wait(
        [](const Recording& recording) { return recording.of(Kind::Lanes).size() == 3; }));
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 1s * kPatience);
    std::map<std::string, RecordedCall> answers;
    for (const auto& call : host_.recording().of(Kind::Lanes)) answers[call.family] = call;
    ASSERT_EQ(answers[topic].ends.size(), 2U);
    EXPECT_EQ(answers[topic].ends[1].flags, SLUICE_ENDS_KNOWN);
    EXPECT_EQ(answers[topic].ends[1].end.first, 4U);
    EXPECT_TRUE(answers["no-such-topic"].ends.empty());
}

TEST_F(KafkaRead, belongsToNoGroupAndCommitsNothing) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 10);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    plugin->stop();
    EXPECT_EQ(admin().groups(), 0);
}

TEST_F(KafkaRead, isSilentAfterStopAndStopsInTime) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 4);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForLanes(host_, topic, 4));
    for (int i = 0; i < 4; ++i) admin().produceNumbered(topic, i, "v", 0, 100);
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    host_.seal();
    admin().produceNumbered(topic, 0, "v", 100, 100);
    EXPECT_EQ(host_.callsAfterSeal(), 0U);
}

TEST_F(KafkaRead, endsItsThreadsWhenTheHostIsClosing) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    host_.startClosing();
    admin().produceNumbered(topic, 0, "v", 0, 10);
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    EXPECT_TRUE(host_.recording().messages.empty());
}

}  // namespace
}  // namespace sluice::test
