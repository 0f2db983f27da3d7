#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace sluice::test {

/// A record to be produced.
struct KafkaRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;  // absent: a tombstone
    std::int32_t partition = 0;
    std::int64_t timeMs = 0;  // 0: now
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// Makes topics and records. Every call waits for the broker's answer, at most kCallMs, and throws
/// std::runtime_error on any error. One thread.
class KafkaAdmin {
  public:
    /// transactionalId: not empty for a producer whose records belong to transactions.
    explicit KafkaAdmin(const std::string& bootstrap, const std::string& transactionalId = {});
    ~KafkaAdmin();
    KafkaAdmin(const KafkaAdmin&) = delete;
    KafkaAdmin& operator=(const KafkaAdmin&) = delete;

    void createTopic(const std::string& topic, int partitions = 1,
                     const std::map<std::string, std::string>& config = {});
    /// Topics of one partition, made by one request.
    void createTopics(const std::vector<std::string>& topics);
    void deleteTopic(const std::string& topic);
    void addPartitions(const std::string& topic, std::size_t total);
    /// Removes records with offsets below `before`.
    void deleteRecords(const std::string& topic, std::int32_t partition, std::int64_t before);

    /// Produces and waits for all acknowledgements.
    void produce(const std::string& topic, const std::vector<KafkaRecord>& records);
    /// Values "PREFIXn" for n = first..first+count-1 to one partition.
    void produceNumbered(const std::string& topic, std::int32_t partition,
                         const std::string& prefix, int first, int count);
    /// How many consumer groups the broker knows.
    int groups();
    void beginTransaction();
    void endTransaction(bool commits);

    static constexpr int kCallMs = 20'000;

  private:
    struct Destroy {
        void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
        void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
        void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
    };
    template <class Call>
    void ask(Call&& call);
    void finish();
    void enqueue(const std::string& topic, const KafkaRecord& record);
    void learn(const std::string& topic);

    std::unique_ptr<rd_kafka_t, Destroy> handle_;
    std::unique_ptr<rd_kafka_queue_t, Destroy> queue_;
    int failedDeliveries_ = 0;
};

}  // namespace sluice::test
