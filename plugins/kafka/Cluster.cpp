#include "Cluster.h"

#include <algorithm>
#include <array>

namespace sluice::kafka {
namespace {

using Clock = std::chrono::steady_clock;

const Client::Properties kAsking = {
    // Only single records are read here.
    {"queued.min.messages", "1"},
    {"queued.max.messages.kbytes", "1024"},
    {"fetch.message.max.bytes", "1024"},
};

struct MetadataDestroy {
    void operator()(const rd_kafka_metadata_t* metadata) const {
        rd_kafka_metadata_destroy(metadata);
    }
};
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, MetadataDestroy>;

/// -1: none, or the topic is not there.
std::int32_t leaderIn(const rd_kafka_metadata_t& metadata, const Partition& partition) {
    if (metadata.topic_cnt != 1) return -1;
    const rd_kafka_metadata_topic_t& topic = metadata.topics[0];
    for (int i = 0; i < topic.partition_cnt; ++i)
        if (topic.partitions[i].id == partition.index) return topic.partitions[i].leader;
    return -1;
}

TopicFacts factsOf(const rd_kafka_metadata_topic_t& topic) {
    TopicFacts facts{topic.err, topic.partition_cnt, 0};
    for (int i = 0; i < topic.partition_cnt; ++i)
        if (topic.partitions[i].leader < 0) ++facts.withoutLeader;
    return facts;
}

PartitionListPtr listOf(std::span<const Partition> partitions, std::int64_t offset) {
    PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const Partition& partition : partitions)
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.index)
            ->offset = offset;
    return list;
}

Partition partitionOf(const rd_kafka_message_t& message) {
    return {message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt), message.partition};
}

}  // namespace

Cluster::Cluster(const Options& options, Client::Events& events)
    : client_(options, kAsking, events) {}

Topics Cluster::topics(const std::vector<std::string>& names, bool all, int timeoutMs) {
    for (const std::string& name : names)
        if (!all && !named_.contains(name))
            named_.emplace(name, rd_kafka_topic_new(client_.handle(), name.c_str(), nullptr));
    const rd_kafka_metadata_t* answer = nullptr;
    const auto error =
        rd_kafka_metadata(client_.handle(), all ? 1 : 0, nullptr, &answer, timeoutMs);
    const MetadataPtr metadata(answer);
    serve();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw BrokerError(error);
    Topics topics;
    for (int i = 0; i < metadata->topic_cnt; ++i)
        topics.emplace(metadata->topics[i].topic, factsOf(metadata->topics[i]));
    return topics;
}

Cluster::Leaders Cluster::leadersOf(const Partition& partition) {
    const TopicPtr topic(rd_kafka_topic_new(client_.handle(), partition.topic.c_str(), nullptr));
    std::map<std::int32_t, std::int32_t> named;  // by the broker that said so
    int brokers = 0;
    for (int i = 0; i < kLeaderAsksMax; ++i) {
        const rd_kafka_metadata_t* answer = nullptr;
        if (rd_kafka_metadata(client_.handle(), 0, topic.get(), &answer, kFirstCallMs) !=
            RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        const MetadataPtr metadata(answer);
        brokers = std::max(brokers, metadata->broker_cnt);
        const std::int32_t leader = leaderIn(*metadata, partition);
        if (leader >= 0) named[metadata->orig_broker_id] = leader;
        if (!named.empty() && named.begin()->second != leader) return Leaders::Disagree;
        if (2 * static_cast<int>(named.size()) > brokers) return Leaders::Agree;
    }
    return Leaders::Few;
}

std::string Cluster::id() {
    char* const id = rd_kafka_clusterid(client_.handle(), kCallMs);
    if (id == nullptr) return {};
    std::string copy(id);
    rd_kafka_mem_free(client_.handle(), id);
    return copy;
}

std::map<Partition, std::int64_t> Cluster::listOffsets(std::span<const Partition> partitions,
                                                       std::int64_t timeMs) {
    const PartitionListPtr asked = listOf(partitions, timeMs);
    const auto error = rd_kafka_offsets_for_times(client_.handle(), asked.get(), kCallMs);
    serve();
    std::map<Partition, std::int64_t> offsets;
    for (int i = 0; i < asked->cnt; ++i) {
        const auto& element = asked->elems[i];
        // An element that failed still has the time in the place of the offset.
        if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR && error == RD_KAFKA_RESP_ERR_NO_ERROR)
            offsets.emplace(Partition{element.topic, element.partition}, element.offset);
    }
    if (offsets.empty() && error != RD_KAFKA_RESP_ERR_NO_ERROR) throw BrokerError(error);
    return offsets;
}

std::map<Partition, Ends> Cluster::ends(std::span<const Partition> partitions) {
    std::map<Partition, Ends> answers;
    if (partitions.empty()) return answers;
    const auto lows = listOffsets(partitions, RD_KAFKA_OFFSET_BEGINNING);
    const auto ends = listOffsets(partitions, RD_KAFKA_OFFSET_END);
    for (const auto& [partition, low] : lows)
        if (const auto end = ends.find(partition); end != ends.end() && low >= 0)
            answers.emplace(partition, Ends{low, end->second});
    return answers;
}

std::map<Partition, std::int64_t> Cluster::offsetsAt(std::span<const Partition> partitions,
                                                     std::int64_t timeMs) {
    if (partitions.empty()) return {};
    return listOffsets(partitions, timeMs);
}

std::map<Partition, Cluster::Reread> Cluster::reread(
    const std::map<Partition, std::int64_t>& offsets) {
    std::map<Partition, Reread> answers;
    if (offsets.empty()) return answers;
    for (const auto& [partition, offset] : offsets) client_.read(partition, offset);
    const auto deadline = Clock::now() + std::chrono::milliseconds{kCallMs};
    while (answers.size() < offsets.size() && Clock::now() < deadline) {
        rd_kafka_message_t* taken = nullptr;
        if (client_.take(&taken, 1, 50) == 0) continue;
        const MessagePtr message(taken);
        const Partition partition = partitionOf(*message);
        const auto asked = offsets.find(partition);
        if (asked == offsets.end()) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            answers.emplace(partition, Reread{std::nullopt, message->offset <= asked->second});
        else if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
            answers.emplace(partition, Reread{});
        else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset == asked->second)
            answers.emplace(partition, Reread{markOf(*message), false});
        else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            answers.emplace(partition, Reread{});
    }
    for (const auto& [partition, offset] : offsets) client_.endReading(partition);
    serve();
    return answers;
}

void Cluster::serve() {
    // Events only: what a re-read left behind is dropped.
    rd_kafka_message_t* taken = nullptr;
    while (client_.take(&taken, 1) > 0) rd_kafka_message_destroy(taken);
}

}  // namespace sluice::kafka
