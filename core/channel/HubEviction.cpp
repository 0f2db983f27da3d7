#include <algorithm>

#include "channel/Hub.h"
#include "channel/HubState.h"

/// The forgetting half of the hub: whole segments leave from the front (N5).
namespace sluice {
namespace {

/// Logs that one sweep, or one search for a log to collect, looks at.
constexpr std::size_t kLogsPerSweep = 1'000;

}  // namespace

void Hub::evictOldest(ChannelLog& log, Why why, Garbage& garbage) {
    // Only the last segment leaves the node's W behind; others leave the base of the next one.
    const BaseCutPtr emptied = log.segmentCount() == 1 ? BaseCutPtr{baseNow()} : nullptr;
    garbage.push_back(log.evictOldest(emptied));
    if (log.isKept) journal_->evicted(log.name(), log.evictedSeq());
    Segment& segment = *garbage.back();
    unlink(segment);
    counts_.keptBytes -= segment.allocatedBytes();
    counts_.keptEvents -= segment.size();
    switch (why) {
        case Why::Channel:
            counts_.evictedByChannel += segment.size();
            break;
        case Why::Total:
            counts_.evictedByTotal += segment.size();
            break;
        case Why::Age:
            counts_.evictedByAge += segment.size();
            break;
        case Why::Reset:
            counts_.evictedByReset += segment.size();
            break;
        case Why::Collection:
            counts_.evictedByCollection += segment.size();
            break;
    }
}

void Hub::evictAll(ChannelLog& log, Why why, Garbage& garbage) {
    while (log.segmentCount() > 0) evictOldest(log, why, garbage);
}

void Hub::evictForTotal(ChannelLog& log, std::size_t wanted, Garbage& garbage) {
    while (counts_.keptBytes + wanted > options_.historyBytesMax && oldestSegment_)
        evictOldest(log.segmentCount() >= 2 ? log : oldestSegment_->owner, Why::Total, garbage);
}

void Hub::unlink(Segment& segment) {
    (segment.older ? segment.older->newer : oldestSegment_) = segment.newer;
    (segment.newer ? segment.newer->older : newestSegment_) = segment.older;
    segment.older = segment.newer = nullptr;
}

bool Hub::makeRoomForChannel(Garbage& garbage) {
    std::size_t looked = 0;
    for (ChannelLog* log = longestIdle_; log && looked < kLogsPerSweep; log = log->lessIdle) {
        ++looked;
        if (log->interestedLoops != 0) continue;
        collectLog(*log, garbage);
        return true;
    }
    return false;
}

void Hub::collectLog(ChannelLog& log, Garbage& garbage) {
    evictAll(log, Why::Collection, garbage);
    if (log.isKept) {
        forgetInto(keptForgotten_, log);
        journal_->collected(log.name());
    } else {
        forgetInto(forgotten_, log);
    }
    if (log.latest()) counts_.latestDroppedByCollection += log.latest()->keys();
    countLatest(log, true);
    unlinkIdle(log);
    --counts_.channels;
    logs_.erase(logs_.find(log.name()));
}

void Hub::linkIdle(ChannelLog& log) {
    log.longerIdle = leastIdle_;
    log.lessIdle = nullptr;
    (leastIdle_ ? leastIdle_->lessIdle : longestIdle_) = &log;
    leastIdle_ = &log;
}

void Hub::unlinkIdle(ChannelLog& log) {
    if (sweepNext_ == &log) sweepNext_ = log.lessIdle;
    (log.longerIdle ? log.longerIdle->lessIdle : longestIdle_) = log.lessIdle;
    (log.lessIdle ? log.lessIdle->longerIdle : leastIdle_) = log.longerIdle;
    log.longerIdle = log.lessIdle = nullptr;
}

void Hub::sweep() noexcept {
    Garbage garbage;
    const std::lock_guard lock{mutex_};
    const std::int64_t now = nowMs();
    if (!sweepNext_) sweepNext_ = longestIdle_;
    for (std::size_t looked = 0; sweepNext_ && looked < kLogsPerSweep; ++looked) {
        ChannelLog& log = *sweepNext_;
        sweepNext_ = log.lessIdle;
        const std::int64_t oldestMs = now - log.history().age.count();
        while (log.oldest() && log.oldest()->record(log.oldest()->size() - 1).appendMs < oldestMs)
            evictOldest(log, Why::Age, garbage);
    }
    commit();
}

}  // namespace sluice
