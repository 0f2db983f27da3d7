#include "ReplayReader.h"

#include <algorithm>
#include <span>
#include <utility>

#include <poll.h>

#include "Fault.h"

namespace sluice::kafka {
namespace {

/// A reader that is slower than the broker leaves so much in memory.
const Client::Properties kReplaying = {{"queued.max.messages.kbytes", "16384"}};

sluice_position positionOf(std::int64_t offset) {
    return {static_cast<std::uint64_t>(offset), 0};
}

/// Nobody could be asked, in contrast to: there is no such partition.
bool isSilence(rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT ||
           error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

}  // namespace

ReplayReader::ReplayReader(const plugin::Host& host, const Options& options,
                           plugin::ReplayGroup& group)
    : host_(host),
      options_(options),
      group_(group),
      client_(options, kReplaying, *this),
      messages_(kBatchMax) {
    client_.wakeBy(group_.wakeSignal().fd());
}

void ReplayReader::run() {
    auto idleAt = Clock::now();
    while (!group_.isStopping()) {
        takeNew();
        dropClosed();
        drain();
        lookAtSilent();
        if (!lanes_.empty()) {
            idleAt = Clock::now();
            wait(kLookAfter / 4);
        } else if (Clock::now() - idleAt < kLinger) {
            wait(kLinger);
        } else if (group_.end()) {
            return;
        }
    }
}

void ReplayReader::onLog(std::string_view line) {
    host_.log(SLUICE_LOG_DEBUG, options_.scrub(withoutGuess(line)));
}

void ReplayReader::wait(std::chrono::milliseconds most) noexcept {
    pollfd wanted{group_.wakeSignal().fd(), POLLIN, 0};
    poll(&wanted, 1, static_cast<int>(most.count()));
}

// -- what is to be read

void ReplayReader::takeNew() {
    for (plugin::Replay& replay : group_.takeNew()) waiting_.push_back(std::move(replay));
    for (std::size_t i = waiting_.size(); i > 0; --i) {
        plugin::Replay replay = std::move(waiting_.front());
        waiting_.pop_front();
        if (lanes_.contains({replay.family, static_cast<std::int32_t>(replay.lane)}))
            waiting_.push_back(std::move(replay));
        else if (group_.isOpen(replay.id))
            begin(std::move(replay));
    }
}

void ReplayReader::begin(plugin::Replay replay) {
    if (!plugin::isBelow(replay.from, replay.to)) return group_.done(replay);
    Lane lane;
    lane.position = static_cast<std::int64_t>(replay.from.first);
    lane.to = static_cast<std::int64_t>(replay.to.first);
    lane.progressAt = Clock::now();
    lane.lookAt = lane.progressAt + kLookAfter;
    const Partition partition{replay.family, static_cast<std::int32_t>(replay.lane)};
    lane.replay = std::move(replay);
    client_.read(partition, lane.position);
    lanes_.emplace(partition, std::move(lane));
}

void ReplayReader::dropClosed() {
    for (auto lane = lanes_.begin(); lane != lanes_.end();)
        lane = group_.isOpen(lane->second.replay.id) ? std::next(lane) : end(lane);
}

ReplayReader::Lanes::iterator ReplayReader::end(Lanes::iterator lane) {
    client_.endReading(lane->first);
    return lanes_.erase(lane);
}

// -- what comes

void ReplayReader::drain() {
    while (!group_.isStopping() && !lanes_.empty()) {
        const std::size_t count = client_.take(messages_.data(), kBatchMax);
        if (count == 0) return;
        take(count);
        takeNew();
        dropClosed();
    }
}

void ReplayReader::take(std::size_t count) {
    // Messages are the batch's memory until the push; whatever happens, they are given back.
    const std::span messages(messages_.data(), count);
    struct GiveBack {
        std::span<rd_kafka_message_t*> messages;
        ~GiveBack() {
            for (rd_kafka_message_t* message : messages) rd_kafka_message_destroy(message);
        }
    } const giveBack{messages};
    for (const rd_kafka_message_t* message : messages) takeOne(*message);
    flush();
}

void ReplayReader::takeOne(const rd_kafka_message_t& message) {
    const auto lane = laneOf(message);
    if (lane == lanes_.end()) return;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        add(lane, message);
    } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        passTo(lane, message.offset);
    } else if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
        lane->second.isOutside = true;
        lane->second.lookAt = {};
    }
}

ReplayReader::Lanes::iterator ReplayReader::laneOf(const rd_kafka_message_t& message) {
    if (message.rkt == nullptr) return lanes_.end();
    const std::string_view topic = rd_kafka_topic_name(message.rkt);
    const auto isIt = [&](const Lanes::value_type& lane) {
        return lane.first.index == message.partition && lane.first.topic == topic;
    };
    // Records of a partition come together.
    if (batched_ != lanes_.end() && isIt(*batched_)) return batched_;
    return std::ranges::find_if(lanes_, isIt);
}

void ReplayReader::add(Lanes::iterator lane, const rd_kafka_message_t& message) {
    Lane& of = lane->second;
    if (message.offset < of.position) return;  // of a fetch before the reading went elsewhere
    if (message.offset >= of.to) return passTo(lane, message.offset);
    if (batched_ != lane) flush();
    batched_ = lane;
    addRecord(batch_, message, lane->first.topic, of.replay.needsHeaders);
    of.doubtedSince.reset();
    passTo(lane, message.offset + 1);
}

/// Everything below the position was sent, or will be with the batch.
void ReplayReader::passTo(Lanes::iterator lane, std::int64_t position) {
    Lane& of = lane->second;
    of.position = std::max(of.position, position);
    of.progressAt = Clock::now();
    of.lookAt = of.progressAt + kLookAfter;
    if (of.position >= of.to) finish(lane);
}

void ReplayReader::finish(Lanes::iterator lane) {
    if (batched_ == lane) flush();
    group_.done(lane->second.replay);
    end(lane);
}

void ReplayReader::flush() {
    const auto lane = std::exchange(batched_, lanes_.end());
    if (lane == lanes_.end()) return;
    const auto before = Clock::now();
    group_.push(lane->second.replay, batch_);  // what was closed by it is dropped later
    const auto now = Clock::now();
    if (now - before < kLookAfter / 2) return;
    // The reader took its time, not the brokers.
    for (auto& [partition, other] : lanes_) {
        other.progressAt = now;
        other.lookAt = std::max(other.lookAt, now + kLookAfter / 2);
    }
}

// -- what does not

void ReplayReader::lookAtSilent() {
    const auto now = Clock::now();
    std::vector<Partition> silent;
    for (const auto& [partition, lane] : lanes_)
        if (now >= lane.lookAt) silent.push_back(partition);
    if (silent.empty()) return;
    Client::Events& events = *this;
    if (!cluster_) cluster_.emplace(options_, events);
    std::map<Partition, Ends> ends;
    bool isAnswered = true;
    try {
        ends = cluster_->ends(silent);
    } catch (const BrokerError& error) {
        isAnswered = !isSilence(error.error());
    }
    for (const Partition& partition : silent) {
        const auto lane = lanes_.find(partition);
        if (lane == lanes_.end() || group_.isStopping()) continue;
        lane->second.lookAt = Clock::now() + kLookAfter;
        if (isAnswered)
            look(lane, ends);
        else
            giveUpInTime(lane);
    }
}

void ReplayReader::look(Lanes::iterator lane, const std::map<Partition, Ends>& ends) {
    if (const auto found = ends.find(lane->first); found != ends.end())
        return compare(lane, found->second);
    if (isGone(lane->first)) return doubt(lane);
    giveUpInTime(lane);
}

void ReplayReader::giveUpInTime(Lanes::iterator lane) {
    Lane& of = lane->second;
    if (Clock::now() - of.progressAt < options_.replayTimeout) return;
    host_.log(SLUICE_LOG_WARNING, "a replay of " + lane->first.topic + "/" +
                                      std::to_string(lane->first.index) +
                                      " is given up: nothing came for so long");
    group_.fail(of.replay, positionOf(of.position));
    end(lane);
}

/// The brokers answer.
void ReplayReader::compare(Lanes::iterator lane, const Ends& ends) {
    Lane& of = lane->second;
    if (of.position < ends.low) {
        const std::int64_t from = std::exchange(of.position, ends.low);
        if (!group_.lost(of.replay, positionOf(from), positionOf(ends.low))) {
            end(lane);
            return;
        }
        of.isOutside = true;  // of what was fetched before nothing is wanted
    }
    if (ends.end < of.to && of.position >= ends.end) return doubt(lane);
    of.doubtedSince.reset();
    // The position is there now. At an end that has moved the client goes on by itself.
    if (std::exchange(of.isOutside, false)) client_.read(lane->first, of.position);
    giveUpInTime(lane);  // they answer, but give nothing
}

/// The partition ends below what is wanted, or is not there. Said for long enough, that is so.
void ReplayReader::doubt(Lanes::iterator lane) {
    Lane& of = lane->second;
    if (!of.doubtedSince) of.doubtedSince = Clock::now();
    if (Clock::now() - *of.doubtedSince < kDoubt) return;
    group_.reset(of.replay, positionOf(of.position));
    end(lane);
}

bool ReplayReader::isGone(const Partition& partition) {
    try {
        const Topics topics = cluster_->topics({partition.topic}, false, Cluster::kFirstCallMs);
        const auto facts = topics.find(partition.topic);
        return facts != topics.end() &&
               (facts->second.isMissing() || (facts->second.error == RD_KAFKA_RESP_ERR_NO_ERROR &&
                                              facts->second.partitions <= partition.index));
    } catch (const BrokerError&) {
        return false;
    }
}

}  // namespace sluice::kafka
