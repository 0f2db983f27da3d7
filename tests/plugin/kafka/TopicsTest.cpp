#include "kafka/KafkaFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class KafkaTopics : public KafkaTest {
  protected:
    /// A producer that knew the topic's former life takes the new one for missing for a while.
    void reproduce(const std::string& topic, int count) {
        KafkaAdmin(facts().bootstrap).produceNumbered(topic, 0, "new", 0, count);
    }
};

TEST_F(KafkaTopics, aMissingTopicIsAStateAndIsReadFromItsBeginningWhenItComes) {
    const std::string topic = freshTopic();
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "topic-missing"));
    admin().createTopic(topic, 2);
    admin().produceNumbered(topic, 1, "v", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3, 10s));
    EXPECT_EQ(host_.recording().payloads(topic, 1), numbered("v", 0, 3));
    EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(KafkaTopics, doesNotCreateAMissingTopic) {
    const std::string topic = freshTopic();
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "topic-missing"));
    plugin->stop();
    EXPECT_NO_THROW(admin().createTopic(topic));  // or it would be there already
}

TEST_F(KafkaTopics, aPatternTakesNewTopicsWithinTenSeconds) {
    const std::string prefix = freshTopic("orders");
    admin().createTopic(prefix + ".eu");
    auto plugin = open(host_, {prefix + ".{region}"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    admin().createTopic(prefix + ".us");
    admin().createTopic(prefix + ".us.deep");
    admin().produceNumbered(prefix + ".us.deep", 0, "no", 0, 1);
    admin().produceNumbered(prefix + ".us", 0, "v", 0, 3);
    admin().produceNumbered(prefix + ".eu", 0, "w", 0, 2);
    ASSERT_TRUE(host_.waitForMessages(5, 10s));
    EXPECT_EQ(host_.recording().payloads(prefix + ".us", 0), numbered("v", 0, 3));
    EXPECT_EQ(host_.recording().payloads(prefix + ".eu", 0), numbered("w", 0, 2));
    EXPECT_EQ(host_.recording().messages.size(), 5U);
}

TEST_F(KafkaTopics, newPartitionsAreReadFromTheirBeginningWithinTenSeconds) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 3);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    admin().addPartitions(topic, 3);
    admin().produceNumbered(topic, 2, "v", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3, 10s));
    EXPECT_EQ(host_.recording().payloads(topic, 2), numbered("v", 0, 3));
    const auto lanes = host_.recording().of(Kind::Lanes).back();
    ASSERT_EQ(lanes.ends.size(), 3U);
    EXPECT_EQ(lanes.ends[0].flags, SLUICE_ENDS_KNOWN);  // keeps its place
    EXPECT_EQ(lanes.ends[2].flags, SLUICE_ENDS_KNOWN | SLUICE_ENDS_HAS_START);
    EXPECT_EQ(lanes.ends[2].start.first, 0U);
}

TEST_F(KafkaTopics, changedPatternsAddAndDropTopicsWhileItRuns) {
    const std::string first = freshTopic(), second = freshTopic();
    admin().createTopic(first);
    admin().createTopic(second);
    admin().produceNumbered(second, 0, "old", 0, 2);
    auto plugin = open(host_, {first});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForLanes(host_, first, 1));
    ASSERT_TRUE(plugin->watch({second}));
    ASSERT_TRUE(waitForLanes(host_, second, 1));
    admin().produceNumbered(first, 0, "dropped", 0, 2);
    admin().produceNumbered(second, 0, "new", 0, 2);
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads(second, 0), numbered("new", 0, 2));
    EXPECT_EQ(host_.recording().messages.size(), 2U);
}

TEST_F(KafkaTopics, retentionThatOvertakesASlowReaderIsToldAsLost) {
    const std::string topic = freshTopic();
    constexpr int kCount = 400;
    admin().createTopic(topic);
    const std::string filling(20'000, '.');  // 8 MB in all, of which 1 MiB is read ahead
    for (int i = 0; i < kCount; i += 50) admin().produceNumbered(topic, 0, filling, i, 50);
    host_.set("/start", "earliest").set("/buffer", "1MiB");
    host_.set("/rdkafka/fetch.message.max.bytes", "100000");
    host_.holdPushes();
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHeldPush());
    admin().deleteRecords(topic, 0, kCount - 10);
    host_.releasePushes();
    ASSERT_TRUE(waitForLost(host_, SLUICE_LOST));
    ASSERT_TRUE(host_.wait([&](const Recording& recording) {
        return recording.messages.back().position.first == kCount - 1;
    }));
    const auto recording = host_.recording();
    const auto lost = recording.of(Kind::Lost).back();
    EXPECT_EQ(lost.from.first, recording.messages[lost.messagesBefore - 1].position.first + 1);
    EXPECT_EQ(lost.to.first, static_cast<std::uint64_t>(kCount - 10));
    EXPECT_EQ(recording.messages.size(), lost.messagesBefore + 10);
}

TEST_F(KafkaTopics, retentionThatOvertakesAnInputThatIsAwayIsToldAsLost) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 10);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    // An open transaction holds the reader at 10 while retention goes past it.
    KafkaAdmin producer(facts().bootstrap, topic);
    producer.beginTransaction();
    producer.produceNumbered(topic, 0, "held", 0, 5);
    admin().deleteRecords(topic, 0, 10);
    producer.endTransaction(true);
    ASSERT_TRUE(host_.waitForMessages(15));
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    admin().produceNumbered(topic, 0, "w", 0, 10);
    admin().deleteRecords(topic, 0, 20);
    ASSERT_TRUE(plugin->start({{topic, 0, 16}}));
    ASSERT_TRUE(waitForLost(host_, SLUICE_LOST));
    ASSERT_TRUE(host_.waitForMessages(21));
    const auto lost = host_.recording().of(Kind::Lost);
    EXPECT_EQ(lost.back().from.first, 16U);
    EXPECT_EQ(lost.back().to.first, 20U);
    EXPECT_EQ(host_.recording().messages.back().payload, "w9");
}

TEST_F(KafkaTopics, aDeletedTopicIsAStateAndItsNextLifeIsAReset) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 10);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    admin().deleteTopic(topic);
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "topic-missing", 10s));
    ASSERT_TRUE(waitForLanes(host_, topic, 0));
    admin().createTopic(topic);
    reproduce(topic, 15);
    ASSERT_TRUE(waitForLost(host_, SLUICE_RESET));
    ASSERT_TRUE(host_.waitForMessages(25));
    EXPECT_EQ(host_.recording().of(Kind::Lost).back().to.first, 0U);
    std::vector<std::string> expected = numbered("old", 0, 10);
    for (const auto& value : numbered("new", 0, 15)) expected.push_back(value);
    EXPECT_EQ(host_.recording().payloads(topic, 0), expected);
    EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

/// rd_kafka_destroy() of 2.0.2 would hang for ever after assign().
TEST_F(KafkaTopics, stopsInTimeWhileItsTopicIsGone) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2);
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    admin().produceNumbered(topic, 1, "v", 0, 3);
    ASSERT_TRUE(host_.waitForMessages(3));
    admin().deleteTopic(topic);
    ASSERT_TRUE(waitForLanes(host_, topic, 0));
    EXPECT_LT(plugin->stop(), 2s * kPatience);
}

TEST_F(KafkaTopics, recreatedAtOnceWithFewerRecordsIsAReset) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 10);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    admin().deleteTopic(topic);
    admin().createTopic(topic);
    reproduce(topic, 4);
    ASSERT_TRUE(waitForLost(host_, SLUICE_RESET));
    ASSERT_TRUE(host_.waitForMessages(14));
    std::vector<std::string> expected = numbered("old", 0, 10);
    for (const auto& value : numbered("new", 0, 4)) expected.push_back(value);
    EXPECT_EQ(host_.recording().payloads(topic, 0), expected);
}

/// Nothing new ever comes that would make the guard look: it looks all the same, now and then.
TEST_F(KafkaTopics, recreatedAtOnceWithAsManyRecordsIsAReset) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 4);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(4));
    admin().deleteTopic(topic);
    admin().createTopic(topic);
    reproduce(topic, 4);
    ASSERT_TRUE(host_.waitForMessages(8, 45s));
    std::vector<std::string> expected = numbered("old", 0, 4);
    for (const auto& value : numbered("new", 0, 4)) expected.push_back(value);
    EXPECT_EQ(host_.recording().payloads(topic, 0), expected);
    EXPECT_EQ(host_.recording().of(Kind::Lost).back().number, SLUICE_RESET);
}

/// librdkafka says nothing at all in this case.
TEST_F(KafkaTopics, recreatedAtOnceWithMoreRecordsIsNoticedByTheGuard) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "old", 0, 10);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(10));
    admin().deleteTopic(topic);
    admin().createTopic(topic);
    reproduce(topic, 15);
    ASSERT_TRUE(waitForLost(host_, SLUICE_RESET));
    ASSERT_TRUE(host_.wait([&](const Recording& recording) {
        const auto lost = recording.of(Kind::Lost);
        return recording.messages.size() == lost.back().messagesBefore + 15;
    }));
    const auto recording = host_.recording();
    auto values = recording.payloads(topic, 0);
    values.erase(values.begin(), values.end() - 15);
    EXPECT_EQ(values, numbered("new", 0, 15));
}

}  // namespace
}  // namespace sluice::test
