#include "base/Assert.h"
#include "channel/ChannelLog.h"

/// The latest events of a channel's keys, beside its log and under the same mutex.
namespace sluice {

void ChannelLog::viewLatest(const LatestWish& wish, LogView& out) const {
    const std::lock_guard lock{mutex_};
    out.bornEvictedSeq = bornEvictedSeq_;
    out.policy = readers_;
    out.hasLatest = readers_.keepsLatest;
    if (latest_) {
        out.isLatestComplete = latest_->isComplete();
        latest_->view(wish, out);
        return;
    }
    // Without an event so far: nothing, and what was forgotten before is lost.
    out.parts.clear();
    out.evictedSeq = evictedSeq_;
    out.base = base_;
    out.isLatestComplete = evictedSeq_ == 0;
    out.lastSeq = out.cutAt = 0;
}

void ChannelLog::setReaders(const ReaderPolicy& readers, LatestPerKey::Garbage& garbage) {
    const std::lock_guard lock{mutex_};
    readers_ = readers;
    if (!readers.keepsLatest)
        latest_.reset();
    else if (!latest_ && exists_)
        makeLatest(garbage);
}

/// From what the log holds. What it held before counts as lost.
std::size_t ChannelLog::makeLatest(LatestPerKey::Garbage& garbage) {
    std::size_t forgotten = 0;
    latest_ = std::make_unique<LatestPerKey>(*this, evictedSeq_, base_);
    for (const SegmentPtr& segment : segments_)
        for (std::uint32_t i = 0; i < segment->size(); ++i) {
            const Record& record = segment->record(i);
            const std::string_view key = segment->key(record);
            const std::string_view bytes{key.data(), key.size() + segment->lines(record).size()};
            forgotten += latest_->keep(record, bytes, garbage);
        }
    return forgotten;
}

std::size_t ChannelLog::keepLatest(const Record& record, std::string_view bytes,
                                   LatestPerKey::Garbage& garbage) {
    const std::lock_guard lock{mutex_};
    // Made of a log that has the event already.
    if (!latest_) return makeLatest(garbage);
    return latest_->keep(record, bytes, garbage);
}

bool ChannelLog::dropOldestLatest(LatestPerKey::Garbage& garbage) {
    const std::lock_guard lock{mutex_};
    return latest_->dropOldest(garbage);
}

std::size_t ChannelLog::forgetLatest(LaneIndex lane, LatestPerKey::Garbage& garbage) {
    const std::lock_guard lock{mutex_};
    return latest_->forgetLane(lane, garbage);
}

}  // namespace sluice
