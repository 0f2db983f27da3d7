#include <set>

#include "kafka/KafkaFixture.h"

namespace sluice::test {
namespace {

class KafkaBounds : public KafkaTest {};

TEST_F(KafkaBounds, aFloodComesWholeAndInOrder) {
    constexpr int kCount = 50'000;
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, kCount);
    host_.set("/start", "earliest");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(kCount, 60s));
    EXPECT_EQ(host_.recording().payloads(topic, 0), numbered("v", 0, kCount));
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
}

/// Larger than what is fetched at once: Kafka gives one message at least.
TEST_F(KafkaBounds, hugeMessagesOfAnyBytesComeWhole) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1, {{"max.message.bytes", "20000000"}});
    std::string huge(900'000, '\0');
    for (std::size_t i = 0; i < huge.size(); ++i) huge[i] = static_cast<char>(i * 7);
    host_.set("/start", "earliest").set("/buffer", "1MiB");
    host_.set("/rdkafka/fetch.message.max.bytes", "10000");
    auto plugin = open(host_, {topic});
    ASSERT_TRUE(plugin->start());
    const KafkaRecord record{.key = huge.substr(0, 1'000), .value = huge, .headers = {}};
    admin().produce(topic, {record, record, record});
    ASSERT_TRUE(host_.waitForMessages(3));
    for (const auto& message : host_.recording().messages) {
        EXPECT_TRUE(message.payload == huge);
        EXPECT_EQ(message.key, record.key);
    }
}

TEST_F(KafkaBounds, tenThousandTopicsOfOnePattern) {
    constexpr std::size_t kTopics = 10'000;
    KafkaProcess broker{{"--many-topics"}};  // which it alone burdens
    broker.command("fill many. " + std::to_string(kTopics));
    host_.set("/start", "earliest");
    auto plugin = open(host_, {"many.{n}"}, broker.facts().bootstrap);
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForMessages(kTopics, 400s));
    std::set<std::string> read;
    for (const auto& message : host_.recording().messages) read.insert(message.topic);
    EXPECT_EQ(read.size(), kTopics);
    broker.command("kill");  // to end well takes it long, with so many
}

}  // namespace
}  // namespace sluice::test
