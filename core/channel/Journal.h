#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "channel/LaneNotes.h"
#include "channel/LaneTable.h"
#include "channel/Segment.h"
#include "event/EventId.h"

namespace sluice {

/// What of a hub outlives its process, but for the logs (resume.md section 8).
struct HubMemory {
    std::uint64_t seq = 0;
    std::int64_t lastMs = 0;                    // time of what was stamped last
    std::vector<Place> next{Place{{1, 0}, 0}};  // W by LaneIndex; of the plain lane not used
    std::vector<Place> kept{Place{{1, 0}, 0}};  // A by LaneIndex
    LaneTable lanes;
    std::vector<GapRecord> gapRecords;  // ascending by seq
    std::uint64_t gapRecordsEvictedSeq = 0;
    std::vector<LaneReset> resets;
    std::uint16_t gen = 0;
    BaseCut mappedBefore;
    // What left the logs of channels that the journal keeps when these were collected.
    BaseCut forgottenBase;
    std::uint64_t forgottenSeq = 0;
    /// Seqs given before a restart that are not on disk: what replayable lanes had there comes
    /// again under other seqs.
    std::vector<SeqRange> rewound;
};

/// What a channel's log is besides its events.
struct KeptLog {
    std::string channel;
    std::uint64_t evictedSeq = 0;
    BaseCutPtr base;
};

/// One event of a log; `bytes` are key, event line and data lines. `record.offset` is not used.
struct KeptEvent {
    Record record;
    std::string_view bytes;
};

/// Takes what a journal has, in this order: `memory` once, then of every channel its log, then its
/// events in pieces, ascending by seq.
class JournalReader {
  public:
    virtual void memory(HubMemory memory) = 0;
    virtual void log(KeptLog log) = 0;
    /// Of the channel named last. `base` is W before the first of these events.
    virtual void piece(BaseCutPtr base, std::span<const KeptEvent> events) = 0;

  protected:
    ~JournalReader() = default;
};

/// Keeps what a hub does, so that it goes on after a restart. Declared here, implemented by the
/// folder journal, handed in by the node.
///
/// The hub calls everything below `restore` under its mutex and in its one order. Nothing of it
/// waits for a disk or throws; what is told counts when `commit` is called, all of it or nothing.
class Journal {
  public:
    virtual ~Journal() = default;

    /// The epoch of the hub whose journal this is; a fresh one where there is none yet.
    virtual const Epoch& epoch() const = 0;
    /// Whether the journal keeps the log of this channel. The answer never changes.
    virtual bool keeps(std::string_view channel) const = 0;
    /// Whether it keeps every channel that the pattern takes; may err towards false.
    virtual bool keepsAll(const Pattern& channels) const = 0;
    /// Tells what was on disk; nothing at all where there is no journal yet. Call once, first.
    virtual void restore(JournalReader& reader) = 0;

    /// An event and those of its channels that are kept. `after`: the place behind it.
    virtual void event(const KeptEvent& event, Place after,
                       std::span<const std::string_view> channels) noexcept = 0;
    /// W and seq after something of which nothing is kept.
    virtual void moved(LaneIndex lane, Place next, std::uint64_t seq) noexcept = 0;
    /// N3: A and W are now gap.to; of the plain lane, A.
    virtual void gap(const GapRecord& gap, std::uint64_t recordsEvictedSeq) noexcept = 0;
    virtual void reset(const LaneReset& reset, Position low) noexcept = 0;
    virtual void family(const Family& family) noexcept = 0;
    /// The next lane of the family.
    virtual void lane(FamilyIndex family, Position start) noexcept = 0;
    virtual void retired(FamilyIndex family) noexcept = 0;
    virtual void remapped(std::uint16_t gen) noexcept = 0;
    /// The log of a kept channel has nothing up to this seq any more.
    virtual void evicted(std::string_view channel, std::uint64_t upTo) noexcept = 0;
    /// The log of a kept channel is gone; what it evicted is in `forgotten` now.
    virtual void collected(std::string_view channel) noexcept = 0;

    /// What was told since the last call is to be kept. True: the journal had to let go of a part
    /// of it, and wants to hear `everything` before anything else.
    virtual bool commit() noexcept = 0;
    /// All that the hub knows, and the logs of kept channels without their events.
    virtual void everything(const HubMemory& memory, std::span<const KeptLog> logs) noexcept = 0;
};

}  // namespace sluice
