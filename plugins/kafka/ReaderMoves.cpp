#include <utility>

#include "Reader.h"

namespace sluice::kafka {
namespace {

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
    if (updates.empty()) return;
    for (const Update& update : updates)
        if (!isStopping_) apply(update);
    {
        const std::lock_guard lock(mutex_);
        pending_ -= updates.size();
    }
    caughtUp_.notify_all();
}

void Reader::apply(const Update& update) {
    const auto found = topics_.find(update.topic);
    if (update.isLeft && found != topics_.end()) leave(*found->second);
    if (update.isDeclared) check(host_.lanes(update.topic, update.ends, 1, update.cluster));
    for (const Move& move : update.moves)
        if (!isStopping_) this->move(enter(update.topic), move);
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

void Reader::leave(const Topic& topic) {
    for (std::size_t i = 0; i < topic.lanes.size(); ++i)
        client_.endReading({topic.name, static_cast<std::int32_t>(i)});
}

void Reader::move(Topic& topic, const Move& move) {
    const auto index = static_cast<std::size_t>(move.partition);
    growTo(topic, index + 1);
    Lane& lane = topic.lanes[index];
    if (move.start) lane.next = *move.start;
    const std::int64_t readFrom = move.readFrom.value_or(lane.next);
    if (move.reason)
        check(host_.lost(topic.name, static_cast<std::uint32_t>(index), positionOf(lane.next),
                         positionOf(readFrom), *move.reason));
    lane.next = readFrom;
    lane.toldEnd = false;
    {
        const std::lock_guard lock(mutex_);
        // What was read before is another log's after a reset.
        if (move.start || move.reason == SLUICE_RESET) lane.progress = {};
        lane.progress.next = readFrom;
    }
    client_.read({topic.name, move.partition}, readFrom);
}

void Reader::growTo(Topic& topic, std::size_t lanes) {
    if (topic.lanes.size() >= lanes) return;
    const std::lock_guard lock(mutex_);
    topic.lanes.resize(lanes);
}

}  // namespace sluice::kafka
