#include "Reader.h"

#include <span>
#include <stdexcept>
#include <utility>

#include <poll.h>

#include "Fault.h"

namespace sluice::kafka {
Reader::Reader(const plugin::Host& host, const Options& options, Listener& listener)
    : host_(host),
      options_(options),
      listener_(listener),
      client_(options, {}, *this),
      messages_(kBatchMax) {
    // A batch call waits until its batch is full, so it is never let wait: this wakes us instead.
    client_.wakeBy(wake_.fd());
}

void Reader::run() {
    while (!isStopping_) {
        applyUpdates();
        drain();
        if (!isStopping_) wait();
    }
}

void Reader::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        isStopping_ = true;
    }
    caughtUp_.notify_all();
    wake_.raise();
}

void Reader::post(Update update) {
    {
        const std::lock_guard lock(mutex_);
        updates_.push_back(std::move(update));
        ++pending_;
    }
    wake_.raise();
}

bool Reader::isBehind() const {
    const std::lock_guard lock(mutex_);
    return pending_ > 0;
}

bool Reader::catchUp(std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    return caughtUp_.wait_for(lock, within, [this] { return pending_ == 0 || isStopping_; });
}

void Reader::wantHeaders() {
    std::unique_lock lock(mutex_);
    if (std::exchange(wantsHeaders_, true)) return;
    batchDone_.wait_for(lock, kHandoverMax, [this] { return !hasBatch_; });
}

void Reader::beginBatch() {
    const std::lock_guard lock(mutex_);
    hasBatch_ = true;
    withHeaders_ = wantsHeaders_;
}

void Reader::endBatch() noexcept {
    {
        const std::lock_guard lock(mutex_);
        hasBatch_ = false;
    }
    batchDone_.notify_all();
}

std::optional<Progress> Reader::progress(const Partition& partition) const {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(partition.topic);
    const auto index = static_cast<std::size_t>(partition.index);
    if (found == topics_.end() || index >= found->second->lanes.size()) return std::nullopt;
    return found->second->lanes[index].progress;
}

void Reader::wait() noexcept {
    pollfd wanted{wake_.fd(), POLLIN, 0};
    poll(&wanted, 1, kWaitMs);
    wake_.clear();  // before the queue is looked at: what comes later raises it again
}

void Reader::onError(rd_kafka_resp_err_t error, std::string_view reason) {
    listener_.onFault(error, reason);
}

void Reader::onLog(std::string_view line) {
    host_.log(SLUICE_LOG_DEBUG, options_.scrub(withoutGuess(line)));
}

void Reader::drain() {
    while (!isStopping_) {
        const std::size_t count = client_.take(messages_.data(), kBatchMax);
        if (count == 0) return;
        take(count);
        applyUpdates();
    }
}

void Reader::take(std::size_t count) {
    // Messages are the batch's memory until the push; whatever happens, they are given back.
    const std::span messages(messages_.data(), count);
    struct GiveBack {
        Reader& reader;
        std::span<rd_kafka_message_t*> messages;
        ~GiveBack() {
            reader.endBatch();
            for (rd_kafka_message_t* message : messages) rd_kafka_message_destroy(message);
        }
    } const giveBack{*this, messages};
    beginBatch();

    lastHandle_ = nullptr;
    for (const rd_kafka_message_t* message : messages) {
        Topic* const topic = topicOf(*message);
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && topic != nullptr)
            add(*message, *topic);
        else
            takeError(*message, topic);
    }
    if (!batch_.empty()) check(host_.push(batch_));
    publishProgress();
    tellEnds();
}

Reader::Topic* Reader::topicOf(const rd_kafka_message_t& message) {
    if (message.rkt == nullptr) return nullptr;
    if (message.rkt != lastHandle_) {
        lastHandle_ = message.rkt;
        const auto found = topics_.find(rd_kafka_topic_name(message.rkt));
        lastTopic_ = found == topics_.end() ? nullptr : found->second.get();
    }
    const bool isKnown = lastTopic_ != nullptr && message.partition >= 0 &&
                         static_cast<std::size_t>(message.partition) < lastTopic_->lanes.size();
    return isKnown ? lastTopic_ : nullptr;
}

void Reader::add(const rd_kafka_message_t& message, Topic& topic) {
    Lane& lane = topic.lanes[static_cast<std::size_t>(message.partition)];
    if (message.offset < lane.next) return;  // of a fetch that was under way when the lane moved
    addRecord(batch_, message, topic.name, withHeaders_);
    lane.next = message.offset + 1;
    if (lane.newest == nullptr) touched_.push_back(&lane);
    lane.newest = &message;
}

void Reader::takeError(const rd_kafka_message_t& message, Topic* topic) {
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (topic != nullptr) ends_.push_back({topic, message.partition, message.offset});
    } else if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
        if (topic != nullptr) listener_.onOutOfRange({topic->name, message.partition});
    } else if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        listener_.onFault(message.err, rd_kafka_message_errstr(&message));
    }
}

void Reader::publishProgress() {
    if (touched_.empty()) return;
    const std::lock_guard lock(mutex_);
    for (Lane* lane : touched_) {
        const RecordMark mark = markOf(*lane->newest);
        const RecordMark& first = lane->progress.first;
        lane->progress = {lane->next, first.offset < 0 ? mark : first, mark};
        lane->newest = nullptr;
    }
    touched_.clear();
}

/// The end passes what is no message: markers of transactions, and what compaction took.
void Reader::tellEnds() {
    for (const End& end : ends_) {
        Lane& lane = end.topic->lanes[static_cast<std::size_t>(end.partition)];
        if (end.offset < lane.next || (end.offset == lane.next && lane.toldEnd)) continue;
        const auto position = static_cast<std::uint64_t>(end.offset);
        check(host_.at(end.topic->name, static_cast<std::uint32_t>(end.partition), {position, 0}));
        lane.toldEnd = true;
        lane.next = end.offset;
        const std::lock_guard lock(mutex_);
        lane.progress.next = end.offset;
    }
    ends_.clear();
}

void Reader::check(sluice_result result) {
    if (result == SLUICE_OK) return;
    isStopping_ = true;
    if (result == SLUICE_INVALID) throw std::logic_error("the host refused a call");
}

}  // namespace sluice::kafka
