#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "channel/HubOptions.h"
#include "channel/LatestPerKey.h"
#include "channel/Segment.h"

namespace sluice {

/// What left logs that are gone themselves, or what one log is born without (N5).
struct Forgotten {
    BaseCutPtr base;
    std::uint64_t seq = 0;
    std::int64_t timeMs = 0;  // not before the append of any of it
};

/// What a reader sees of a log, taken under one hold of its mutex: comparing evictedSeq and base
/// and referring to segments must not be torn apart (resume.md, section 5).
struct LogView {
    struct Part {
        SegmentPtr segment;
        BaseCutPtr base;                   // of the segment
        std::uint32_t begin = 0, end = 0;  // records [begin, end) are the reader's
    };
    std::uint64_t evictedSeq = 0;      // highest seq that was evicted; 0: none
    std::int64_t evictedMs = 0;        // not before the append of any event that was evicted
    std::uint64_t bornEvictedSeq = 0;  // evictedSeq as it was when the channel was entered
    BaseCutPtr base;                   // floor(lane) = max(A[lane], base[lane])
    std::vector<Part> parts;           // oldest first; records with seq > the one asked for
    ReaderPolicy policy;
    // Of the latest events of its keys, where the channel keeps them.
    bool hasLatest = false, isLatestComplete = false;
    // Only where these are the latest events: the newest seq that changed one of them, and where
    // the view ends because it was large enough (0: it has them all).
    std::uint64_t lastSeq = 0, cutAt = 0;

    Place floor(LaneIndex lane, const std::vector<Place>& kept) const {
        const Place base1 = placeIn(base.get(), lane);
        const Place kept1 = placeIn(&kept, lane);
        return base1 < kept1 ? kept1 : base1;
    }
};

/// The bounded, append-only log of one channel; before its first event only an entry that says who
/// is interested.
///
/// Owned by the hub. A loop that registered its interest may hold a reference until it withdraws
/// the interest. `view`: any thread. Everything else: the hub, under its mutex.
class alignas(64) ChannelLog {
  public:
    ChannelLog(std::string name, const History& history, const ReaderPolicy& readers,
               const Forgotten& forgotten);

    const std::string& name() const { return name_; }

    /// Everything kept with seq > `afterSeq`; the bodies stay while the view lives.
    LogView view(std::uint64_t afterSeq) const;
    /// As `view`, into a view whose memory is used again.
    void view(std::uint64_t afterSeq, LogView& out) const;
    /// The latest events of its keys, where it keeps them, in the place of its log.
    void viewLatest(const LatestWish& wish, LogView& out) const;

    // For the hub, under its mutex.

    const History& history() const { return *history_; }
    /// Borrowed until it is set again.
    void setHistory(const History& history) { history_ = &history; }
    const ReaderPolicy& readers() const { return readers_; }
    /// What is kept already becomes the first content of the latest events, where they are wanted.
    void setReaders(const ReaderPolicy& readers, LatestPerKey::Garbage& garbage);
    /// Null where they are not kept.
    const LatestPerKey* latest() const { return latest_.get(); }
    /// How many deletions were forgotten for it. REQUIRES: readers().keepsLatest; it was appended.
    std::size_t keepLatest(const Record& record, std::string_view bytes,
                           LatestPerKey::Garbage& garbage);
    /// As LatestPerKey::dropOldest. REQUIRES: latest() has entries.
    bool dropOldestLatest(LatestPerKey::Garbage& garbage);
    std::size_t forgetLatest(LaneIndex lane, LatestPerKey::Garbage& garbage);
    /// Whether there was an event since it was entered.
    bool exists() const { return exists_; }
    /// It had events before a restart, though none of them may be kept.
    void setExists() { exists_ = true; }
    std::size_t segmentCount() const { return segments_.size(); }
    std::size_t events() const { return events_; }
    std::size_t bytes() const { return bytes_; }
    std::int64_t lastAppendMs() const { return lastAppendMs_; }
    const Segment* oldest() const { return segments_.empty() ? nullptr : segments_.front().get(); }
    std::uint64_t evictedSeq() const { return evictedSeq_; }
    std::int64_t evictedMs() const { return evictedMs_; }
    const BaseCutPtr& base() const { return base_; }

    /// Whether `append` needs a new segment for a body of this size.
    bool needsSegment(std::size_t bodyBytes) const;
    /// How many bytes the next segment should have, for a body of this size.
    std::size_t nextSegmentBytes(std::size_t bodyBytes) const;
    void addSegment(SegmentPtr segment);
    /// REQUIRES: !needsSegment(bytes.size()).
    void append(const Record& record, std::string_view bytes);
    /// Takes the oldest segment out; `emptied` becomes the base if it was the last one.
    /// REQUIRES: segmentCount() > 0. The caller drops the result outside all locks.
    SegmentPtr evictOldest(const BaseCutPtr& emptied);
    /// Whether any kept event is of this lane.
    bool holds(LaneIndex lane) const;
    /// N7: the lane leaves every base.
    void forgetLane(LaneIndex lane);

    // guarded by the hub's mutex
    std::uint64_t interestedLoops = 0;  // one bit per loop
    std::uint64_t dirtyLoops = 0;       // loops that have it in their dirty list
    ChannelLog* longerIdle = nullptr;   // logs in order of their last append
    ChannelLog* lessIdle = nullptr;
    bool isKept = false;  // by the journal

  private:
    std::size_t makeLatest(LatestPerKey::Garbage& garbage);

    const std::string name_;
    const History* history_;  // the hub's; guarded by its mutex
    const std::uint64_t bornEvictedSeq_;

    mutable std::mutex mutex_;
    // Guarded by mutex_; the hub, which alone writes, may read them under its own mutex.
    std::vector<SegmentPtr> segments_;  // oldest first; a hundred or so at most
    BaseCutPtr base_;
    std::uint64_t evictedSeq_;
    std::int64_t evictedMs_;
    std::uint32_t events_ = 0;
    bool exists_ = false;
    ReaderPolicy readers_;
    std::unique_ptr<LatestPerKey> latest_;  // from the first event on
    std::size_t bytes_ = 0;
    std::int64_t lastAppendMs_ = 0;
};

}  // namespace sluice
