#include "channel/ChannelLog.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr std::size_t kFirstSegmentBytes = 512;
constexpr std::size_t kLargestSegmentBytes = 64u << 10;

/// Index of the first record of the segment with seq > `afterSeq`; the segment ends at `end`.
std::uint32_t firstAfter(const Segment& segment, std::uint32_t end, std::uint64_t afterSeq) {
    std::uint32_t begin = 0;
    while (begin < end) {
        const std::uint32_t middle = begin + (end - begin) / 2;
        if (segment.record(middle).seq > afterSeq)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

}  // namespace

ChannelLog::ChannelLog(std::string name, const History& history, const ReaderPolicy& readers,
                       const Forgotten& forgotten)
    : name_{std::move(name)},
      history_{&history},
      bornEvictedSeq_{forgotten.seq},
      base_{forgotten.base},
      evictedSeq_{forgotten.seq},
      evictedMs_{forgotten.timeMs},
      readers_{readers} {}

LogView ChannelLog::view(std::uint64_t afterSeq) const {
    LogView out;
    view(afterSeq, out);
    return out;
}

void ChannelLog::view(std::uint64_t afterSeq, LogView& out) const {
    out.parts.clear();
    const std::lock_guard lock{mutex_};
    out.evictedSeq = evictedSeq_;
    out.evictedMs = evictedMs_;
    out.bornEvictedSeq = bornEvictedSeq_;
    out.base = base_;
    out.policy = readers_;
    out.hasLatest = readers_.keepsLatest;
    out.isLatestComplete = latest_ ? latest_->isComplete() : evictedSeq_ == 0;
    out.lastSeq = out.cutAt = 0;
    for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
        const std::uint32_t end = (*segment)->size();
        const std::uint32_t begin = firstAfter(**segment, end, afterSeq);
        if (begin < end) out.parts.push_back({*segment, (*segment)->base, begin, end});
        if (begin > 0) break;
    }
    std::reverse(out.parts.begin(), out.parts.end());
}

bool ChannelLog::needsSegment(std::size_t bodyBytes) const {
    if (segments_.empty() || !segments_.back()->fits(bodyBytes)) return true;
    // Whole segments are evicted, so one that is filled may hold only a part of what is kept.
    const std::uint32_t recordsMax = std::max(1u, history_->events / 4);
    return segments_.back()->size() >= recordsMax;
}

std::size_t ChannelLog::nextSegmentBytes(std::size_t bodyBytes) const {
    const std::size_t least = sizeof(Record) + bodyBytes;
    if (segments_.empty()) return std::max(least, kFirstSegmentBytes);
    const std::size_t doubled = 2 * (segments_.back()->allocatedBytes() - sizeof(Segment));
    const std::size_t share = std::max(kFirstSegmentBytes, history_->bytes / 8);
    return std::max(least, std::min({doubled, share, kLargestSegmentBytes}));
}

void ChannelLog::addSegment(SegmentPtr segment) {
    const std::lock_guard lock{mutex_};
    exists_ = true;
    bytes_ += segment->allocatedBytes();
    segments_.push_back(std::move(segment));
}

void ChannelLog::append(const Record& record, std::string_view bytes) {
    const std::lock_guard lock{mutex_};
    SLUICE_ASSERT(!segments_.empty());
    segments_.back()->append(record, bytes);
    ++events_;
    lastAppendMs_ = record.appendMs;
}

SegmentPtr ChannelLog::evictOldest(const BaseCutPtr& emptied) {
    const std::lock_guard lock{mutex_};
    SLUICE_ASSERT(!segments_.empty());
    SegmentPtr oldest = std::move(segments_.front());
    segments_.erase(segments_.begin());
    if (oldest->size() > 0) {
        const Record& last = oldest->record(oldest->size() - 1);
        evictedSeq_ = last.seq;
        evictedMs_ = last.appendMs;
    }
    base_ = segments_.empty() ? emptied : segments_.front()->base;
    events_ -= oldest->size();
    bytes_ -= oldest->allocatedBytes();
    return oldest;
}

bool ChannelLog::holds(LaneIndex lane) const {
    for (const SegmentPtr& segment : segments_)
        for (std::uint32_t i = 0; i < segment->size(); ++i)
            if (segment->record(i).lane == lane) return true;
    return false;
}

void ChannelLog::forgetLane(LaneIndex lane) {
    const auto without = [lane](const BaseCutPtr& base) {
        if (placeIn(base.get(), lane) == Place{}) return base;
        auto copy = std::make_shared<BaseCut>(*base);
        (*copy)[lane] = Place{};
        return BaseCutPtr{std::move(copy)};
    };
    const std::lock_guard lock{mutex_};
    base_ = without(base_);
    for (SegmentPtr& segment : segments_) segment->base = without(segment->base);
}

}  // namespace sluice
