#include <algorithm>

#include "channel/Hub.h"
#include "channel/HubState.h"

/// The appending half of the hub: one critical section does everything for a message (N1).
namespace sluice {

PublishResult Hub::publish(const EventBatch& batch) noexcept {
    Publishing publishing;
    {
        const std::lock_guard lock{mutex_};
        publishing.timeMs = nowMs();
        for (const EventBatch::Message& message : batch.messages())
            publishMessage(batch, message, publishing);
        commit();
    }
    wake(publishing.toWake);
    return publishing.result;
}

void Hub::publishMessage(const EventBatch& batch, const EventBatch::Message& message,
                         Publishing& publishing) {
    const bool plain = message.lane == kPlainLane;
    Place& next = next_[message.lane];
    if (!plain && Place{message.position, 0} < next) {
        ++publishing.result.redelivered;
        return;
    }
    const Words words =
        plain ? Words::One : lanes_->families[lanes_->lanes[message.lane].family].words;
    const std::span<const EventBatch::Event> events = batch.events(message);
    Record record;
    record.lane = message.lane;
    record.appendMs = publishing.timeMs;
    record.of = plain ? std::uint16_t{1} : static_cast<std::uint16_t>(events.size());
    if (plain) plainMs_ = publishing.timeMs;
    bool isTold = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        record.seq = ++seq_;
        record.position = plain ? Position{seq_, 0} : message.position;
        record.ordinal = plain ? std::uint16_t{0} : static_cast<std::uint16_t>(i);
        // W moves with each event, so that an eviction inside the message leaves a floor above
        // what it evicted.
        if (!plain) next = placeAfter(record.place(), record.of, words);
        publishing.result.lastSeq = seq_;
        isTold = appendEvent(batch, events[i], record, publishing);
    }
    if (!plain) next_[message.lane] = {sluice::next(message.position, words), 0};
    if (journal_ && !isTold) journal_->moved(message.lane, next_[message.lane], seq_);
}

bool Hub::appendEvent(const EventBatch& batch, const EventBatch::Event& event,
                      const Record& stamped, Publishing& publishing) {
    Record record = stamped;
    record.keyLength = event.keyLength;
    record.eventLineLength = static_cast<std::uint16_t>(event.eventLineLength);
    record.dataLinesLength = event.dataLinesLength;
    record.isDeletion = event.isDeletion ? 1 : 0;
    if (hasRoomFor(batch, event, publishing)) {
        for (std::uint32_t c = event.channelsBegin; c < event.channelsEnd; ++c)
            appendTo(logFor(batch.channel(c), publishing), record, batch.bytes(event), publishing);
        return tellJournal(record, batch.bytes(event));
    }
    ++publishing.result.noRoomForChannel;
    ++counts_.noRoomForChannel;
    if (record.lane == kPlainLane) {
        lostInLock(kPlainLane, {});
    } else {
        const Place after = next_[record.lane];
        noteGap(record.lane, record.place(), after);
        kept_[record.lane] = after;
    }
    markEverything(publishing.toWake);
    return false;
}

/// Whether all channels of the event have a log or can get one. One that cannot goes nowhere: an
/// event that came on one channel and was told as lost for another would be both for whoever reads
/// the two, and its place both covered and not.
bool Hub::hasRoomFor(const EventBatch& batch, const EventBatch::Event& event,
                     Publishing& publishing) {
    if (counts_.channels + (event.channelsEnd - event.channelsBegin) <= options_.channelsMax)
        return true;
    for (;;) {
        std::size_t wanted = counts_.channels;
        for (std::uint32_t c = event.channelsBegin; c < event.channelsEnd; ++c) {
            const auto found = logs_.find(batch.channel(c));
            if (found == logs_.end() || !found->second->exists()) ++wanted;
        }
        if (wanted <= options_.channelsMax) return true;
        if (!makeRoomForChannel(publishing.garbage)) return false;
    }
}

void Hub::appendTo(ChannelLog& log, const Record& record, std::string_view bytes,
                   Publishing& publishing) {
    if (log.needsSegment(bytes.size())) makeSegment(log, record, bytes.size(), publishing.garbage);
    log.append(record, bytes);
    if (log.isKept) keptNames_.emplace_back(log.name());
    if (log.readers().keepsLatest) keepLatest(log, record, bytes, publishing.garbage);
    ++publishing.result.appended;
    ++counts_.appended;
    ++counts_.keptEvents;
    if (&log != leastIdle_) {
        unlinkIdle(log);
        linkIdle(log);
    }
    markDirty(log, publishing.toWake);
    const History& history = log.history();
    while (log.segmentCount() > 1 && (log.events() > history.events || log.bytes() > history.bytes))
        evictOldest(log, Why::Channel, publishing.garbage);
}

void Hub::makeSegment(ChannelLog& log, const Record& record, std::size_t bodyBytes,
                      Garbage& garbage) {
    const std::int64_t oldestMs = record.appendMs - log.history().age.count();
    while (log.oldest() && log.oldest()->record(log.oldest()->size() - 1).appendMs < oldestMs)
        evictOldest(log, Why::Age, garbage);
    // A small budget wants small segments, or one of them would exceed it.
    const std::size_t bytes =
        std::max(sizeof(Record) + bodyBytes,
                 std::min(log.nextSegmentBytes(bodyBytes), options_.historyBytesMax / 8));
    evictForTotal(log, bytes + sizeof(Segment), garbage);

    auto base = baseNow();
    (*base)[kPlainLane] = {{record.seq, 0}, 0};
    (*base)[record.lane] = record.place();
    Segment* const segment = Segment::create(bytes, std::move(base), log);
    segment->older = newestSegment_;
    if (newestSegment_)
        newestSegment_->newer = segment;
    else
        oldestSegment_ = segment;
    newestSegment_ = segment;
    counts_.keptBytes += segment->allocatedBytes();
    log.addSegment(SegmentPtr{segment});
}

ChannelLog& Hub::logFor(std::string_view channel, Publishing& publishing) {
    const auto found = logs_.find(channel);
    if (found != logs_.end() && found->second->exists()) return *found->second;
    if (found != logs_.end()) --counts_.interests;
    ChannelLog& log = found != logs_.end() ? *found->second : enter(channel);
    becomeLog(log, publishing.toWake);
    return log;
}

ChannelLog& Hub::enter(std::string_view channel) {
    const PolicyInForce policy = policyOf(channel);
    auto log = std::make_unique<ChannelLog>(std::string{channel}, policy.history, policy.readers,
                                            forgottenOf(channel));
    ChannelLog& entered = *log;
    entered.isKept = journal_ && journal_->keeps(channel);
    logs_.emplace(entered.name(), std::move(log));
    return entered;
}

void Hub::becomeLog(ChannelLog& log, std::uint64_t& toWake) {
    ++counts_.channels;
    linkIdle(log);
    offerToPatterns(log, toWake);
}

Hub::PolicyInForce Hub::policyOf(std::string_view channel) const {
    for (const ChannelPolicy& policy : options_.policies)
        if (policy.pattern.matches(channel)) return {policy.history, policy.readers};
    return {options_.history, options_.readers};
}

}  // namespace sluice
