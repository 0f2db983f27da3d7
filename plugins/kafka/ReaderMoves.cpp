#include <utility>

#include "Reader.h"

namespace sluice::kafka {
namespace {

void addTo(rd_kafka_topic_partition_list_t& list, const std::string& topic, std::int32_t partition,
           std::int64_t offset) {
    rd_kafka_topic_partition_list_add(&list, topic.c_str(), partition)->offset = offset;
}

void must(rd_kafka_error_t* error) {
    const ErrorPtr owned(error);
    if (owned) throw std::runtime_error(rd_kafka_error_string(owned.get()));
}

sluice_position positionOf(std::int64_t offset) {
    return {static_cast<std::uint64_t>(offset), 0};
}

}  // namespace

void Reader::applyUpdates() {
    std::deque<Update> updates;
    {
        const std::lock_guard lock(mutex_);
        updates.swap(updates_);
    }
    for (const Update& update : updates)
        if (!isStopping_) apply(update);
}

void Reader::apply(const Update& update) {
    const auto found = topics_.find(update.topic);
    if (update.isLeft && found != topics_.end()) leave(*found->second);
    if (update.isDeclared) check(host_.lanes(update.topic, update.ends, 1, update.cluster));
    if (!update.moves.empty() && !isStopping_) move(enter(update.topic), update.moves);
}

Reader::Topic& Reader::enter(const std::string& name) {
    if (const auto found = topics_.find(name); found != topics_.end()) return *found->second;
    auto topic = std::make_unique<Topic>();
    topic->name = name;
    Topic& entered = *topic;
    const std::lock_guard lock(mutex_);
    topics_.emplace(entered.name, std::move(topic));
    return entered;
}

void Reader::leave(Topic& topic) {
    const PartitionListPtr left(rd_kafka_topic_partition_list_new(1));
    for (std::size_t i = 0; i < topic.lanes.size(); ++i) {
        if (!std::exchange(topic.lanes[i].isAssigned, false)) continue;
        addTo(*left, topic.name, static_cast<std::int32_t>(i), RD_KAFKA_OFFSET_INVALID);
    }
    if (left->cnt > 0) must(rd_kafka_incremental_unassign(client_.handle(), left.get()));
}

void Reader::move(Topic& topic, const std::vector<Move>& moves) {
    const PartitionListPtr left(rd_kafka_topic_partition_list_new(1));
    const PartitionListPtr taken(rd_kafka_topic_partition_list_new(1));
    for (const Move& move : moves) {
        const auto index = static_cast<std::size_t>(move.partition);
        growTo(topic, index + 1);
        Lane& lane = topic.lanes[index];
        if (move.start) lane.next = *move.start;
        const std::int64_t readFrom = move.readFrom.value_or(lane.next);
        if (move.reason)
            check(host_.lost(topic.name, static_cast<std::uint32_t>(index), positionOf(lane.next),
                             positionOf(readFrom), *move.reason));
        if (std::exchange(lane.isAssigned, true))
            addTo(*left, topic.name, move.partition, RD_KAFKA_OFFSET_INVALID);
        addTo(*taken, topic.name, move.partition, readFrom);
        lane.next = readFrom;
        lane.toldEnd = false;
        const std::lock_guard lock(mutex_);
        // What was read before is another log's after a reset.
        const bool isOther = move.start || move.reason == SLUICE_RESET;
        if (isOther) lane.progress = {};
        lane.progress.next = readFrom;
    }
    if (left->cnt > 0) must(rd_kafka_incremental_unassign(client_.handle(), left.get()));
    must(rd_kafka_incremental_assign(client_.handle(), taken.get()));
}

void Reader::growTo(Topic& topic, std::size_t lanes) {
    if (topic.lanes.size() >= lanes) return;
    const std::lock_guard lock(mutex_);
    topic.lanes.resize(lanes);
}

}  // namespace sluice::kafka
