#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "channel/ChannelLog.h"
#include "channel/HubOptions.h"
#include "channel/Journal.h"
#include "channel/LaneNotes.h"
#include "channel/LaneTable.h"
#include "event/EventBatch.h"
#include "event/EventId.h"

namespace sluice {

/// Everything a reader needs to know together, taken under one hold of the hub's mutex.
struct HubSnapshot {
    std::uint64_t horizon = 0;
    std::int64_t timeMs = 0;   // not after the append of any event beyond the horizon
    std::int64_t beganMs = 0;  // when the hub began: what came before can only be from a journal
    std::int64_t plainMs = 0;  // not before the append of any event of the plain lane; 0: none
    std::vector<Place> next;   // W by LaneIndex; of the plain lane (horizon + 1, 0)
    std::vector<Place> kept;   // A by LaneIndex
    std::shared_ptr<const LaneTable> lanes;
    std::shared_ptr<const std::vector<GapRecord>> gapRecords;  // ascending by seq
    std::uint64_t gapRecordsEvictedSeq = 0;
    std::shared_ptr<const std::vector<LaneReset>> resets;
    std::uint16_t gen = 0;                                 // of the mappings in force
    BaseCutPtr mappedBefore;                               // W when the mappings in force came (N8)
    std::uint64_t remaps = 0;                              // how often mappings came
    std::shared_ptr<const std::vector<SeqRange>> rewound;  // HubMemory::rewound
};

/// What changed for one loop since it last asked. The logs stay valid while the loop's interest in
/// them does.
struct LoopWork {
    std::vector<ChannelLog*> dirty;
    std::vector<ChannelLog*> born;  // new channels that one of the loop's patterns takes
    bool everything = false;        // gap records, resets or lanes: all streams must look
};

/// What became of a batch.
struct PublishResult {
    std::uint32_t redelivered = 0;       // messages below W: dropped
    std::uint32_t appended = 0;          // copies appended to logs
    std::uint32_t noRoomForChannel = 0;  // events that were told as lost: channelsMax is reached
    std::uint64_t lastSeq = 0;           // of the last event of the batch, 0 without one
};

/// Totals since the start, for metrics and books: appended + restored = kept + evicted.
struct HubCounts {
    std::uint64_t appended = 0;
    std::uint64_t restored = 0;  // from a journal
    std::uint64_t keptEvents = 0, keptBytes = 0;
    std::uint64_t evictedByChannel = 0;  // events, count or bytes of the channel's own history
    std::uint64_t evictedByTotal = 0;    // historyBytesMax
    std::uint64_t evictedByAge = 0;
    std::uint64_t evictedByReset = 0;
    std::uint64_t evictedByCollection = 0;
    std::uint64_t noRoomForChannel = 0;  // events that went nowhere and were told as lost
    std::uint64_t latestKeys = 0, latestDeletions = 0, latestBytes = 0;  // kept per key
    std::uint64_t latestDroppedByKeys = 0, latestDroppedByBytes = 0, latestDroppedByTotal = 0;
    std::uint64_t latestDroppedByReset = 0, latestDroppedByCollection = 0;
    std::uint64_t latestDeletionsForgotten = 0;
    std::uint64_t channels = 0, interests = 0, gapRecords = 0, gapRecordsEvicted = 0;
    std::uint64_t seq = 0;
};

/// A line of the admin listener's /channels.
struct ChannelSummary {
    std::string name;
    std::uint64_t events = 0, bytes = 0, evictedSeq = 0;
    std::int64_t lastAppendMs = 0;
    bool subscribed = false;
    ReaderPolicy readers;
    std::uint64_t keys = 0, keysBytes = 0;  // of the latest events
    bool isLatestComplete = false;
};

using LoopIndex = std::uint32_t;
inline constexpr LoopIndex kLoopsMax = 64;

/// The one order of events: stamps every event with `seq` and appends it to its channels' logs
/// under one short lock (design.md section 4; guarantees N1 to N8 of resume.md).
///
/// Any thread may call; of one lane one thread at a time. Nothing here waits for readers. `wake` of
/// a loop is called outside the lock. Owns the logs; must outlive loops and inputs.
class Hub final {
  public:
    /// What the hub calls, on a publisher's thread, when a loop that had no work has some.
    class Wakeable {
      public:
        virtual void wake() noexcept = 0;

      protected:
        ~Wakeable() = default;
    };

    Hub(HubOptions options, const Clock& clock, Epoch epoch = randomEpoch());
    /// Goes on where the journal stands, and tells it everything from now on; null: there is none.
    /// The journal outlives the hub.
    Hub(HubOptions options, const Clock& clock, Journal* journal);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    const Epoch& epoch() const { return epoch_; }

    // -- lanes

    /// Enters a family or finds it again by hash. Throws std::invalid_argument when another family
    /// of the node has this hash.
    FamilyIndex declareFamily(std::string_view input, std::string_view name, std::uint32_t hash,
                              Words words);
    /// Enters lane `index` where its input begins to read: A = W = start. A lane that is known
    /// keeps its place. REQUIRES: every lower index of the family was entered.
    LaneIndex declareLane(FamilyIndex family, std::uint32_t index, Position start);
    /// N6: enters a lane born while the node runs: read from its beginning, what lies below `low`
    /// is told as lost.
    LaneIndex bearLane(FamilyIndex family, std::uint32_t index, Position low);
    /// N7 with a known incarnation: the family is not at the source any more under this hash.
    void retireFamily(FamilyIndex family) noexcept;
    /// W of a lane: where its input goes on after a restart.
    Place next(LaneIndex lane) const;
    std::shared_ptr<const LaneTable> lanes() const;

    // -- what sources say

    /// N1: stamps and appends all events of the batch and sets W. Never waits for readers.
    PublishResult publish(const EventBatch& batch) noexcept;
    /// The source has nothing below `position` that was not published.
    void at(LaneIndex lane, Position position) noexcept;
    /// N3: what lies between W and `to` will never come. The plain lane: position is ignored.
    void lost(LaneIndex lane, Position to) noexcept;
    /// N7: positions of the lane went back; `low` is its new low mark.
    void reset(LaneIndex lane, Position low) noexcept;
    /// N8: other mappings are in force from here on.
    void remapped(std::uint16_t gen) noexcept;
    /// Replaces HubOptions::policies, history and readers. What channels keep beyond their new
    /// history goes with the next event, or with its age. Holds the lock for as long as it takes to
    /// match all channels: some 10 ms for 100,000.
    void setHistories(std::vector<ChannelPolicy> policies, const History& others,
                      const ReaderPolicy& readersOfOthers = {});

    // -- loops

    LoopIndex addLoop(Wakeable& loop);
    /// Registers the loop's interest in a channel; null when interestsMax is reached.
    ChannelLog* watch(LoopIndex loop, std::string_view channel);
    void unwatch(LoopIndex loop, ChannelLog& log) noexcept;
    /// Registers interest in all channels that the pattern takes, now and later (they come as
    /// `LoopWork::born`); false when it takes more than patternMatchesMax already, or interestsMax
    /// is reached. Among the matches is an entry named by the pattern itself, to be withdrawn like
    /// the others: it stands for channels whose logs are gone, and floors what was theirs.
    bool watchPattern(LoopIndex loop, const Pattern& pattern, std::vector<ChannelLog*>& matches);
    void unwatchPattern(LoopIndex loop, const Pattern& pattern) noexcept;

    void snapshot(HubSnapshot& out) const;
    /// All that a channel keeps, for a reader that is no loop; of a channel without a log what it
    /// would have been born with.
    LogView view(std::string_view channel) const;
    /// A loop's turn: its work and the snapshot, under the same hold. A later publish wakes it
    /// again.
    void collect(LoopIndex loop, LoopWork& work, HubSnapshot& out);

    // -- housekeeping

    /// Evicts what is too old; looks at a bounded number of logs per call. Once a second is enough.
    void sweep() noexcept;
    HubCounts counts() const;
    /// At most `max` channels whose name contains `part`, unordered.
    std::vector<ChannelSummary> channels(std::string_view part, std::size_t max) const;

  private:
    /// What counts for one channel; borrowed until the policies change.
    struct PolicyInForce {
        const History& history;
        const ReaderPolicy& readers;
    };
    struct Loop;
    struct PatternInterest;
    struct Publishing;
    class Restorer;
    using Garbage = std::vector<SegmentPtr>;  // dropped outside the lock
    enum class Why { Channel, Total, Age, Reset, Collection };

    // All of these: under mutex_. `toWake` collects loops to wake after it was released.
    ChannelLog* watchInLock(LoopIndex loop, std::string_view channel);
    void publishMessage(const EventBatch& batch, const EventBatch::Message& message,
                        Publishing& publishing);
    /// Whether the journal was told of it.
    bool appendEvent(const EventBatch& batch, const EventBatch::Event& event, const Record& record,
                     Publishing& publishing);
    void appendTo(ChannelLog& log, const Record& record, std::string_view bytes,
                  Publishing& publishing);
    void keepLatest(ChannelLog& log, const Record& record, std::string_view bytes,
                    Garbage& garbage);
    void boundLatest(ChannelLog& log, Garbage& garbage);
    void forgetLatest(ChannelLog& log, LaneIndex lane, Garbage& garbage);
    void setReaders(ChannelLog& log, const ReaderPolicy& readers, Garbage& garbage);
    void countLatest(const ChannelLog& log, bool isGoing);
    void makeSegment(ChannelLog& log, const Record& record, std::size_t bodyBytes,
                     Garbage& garbage);
    bool hasRoomFor(const EventBatch& batch, const EventBatch::Event& event,
                    Publishing& publishing);
    ChannelLog& logFor(std::string_view channel, Publishing& publishing);
    ChannelLog& enter(std::string_view channel);
    void becomeLog(ChannelLog& log, std::uint64_t& toWake);
    bool makeRoomForChannel(Garbage& garbage);
    void collectLog(ChannelLog& log, Garbage& garbage);
    void evictOldest(ChannelLog& log, Why why, Garbage& garbage);
    void evictAll(ChannelLog& log, Why why, Garbage& garbage);
    void evictForTotal(ChannelLog& log, std::size_t wanted, Garbage& garbage);
    void unlink(Segment& segment);
    void markDirty(ChannelLog& log, std::uint64_t& toWake);
    void markEverything(std::uint64_t& toWake);
    void offerToPatterns(ChannelLog& log, std::uint64_t& toWake);
    void linkIdle(ChannelLog& log);
    void unlinkIdle(ChannelLog& log);
    void noteGap(LaneIndex lane, Place from, Place to);
    void lostInLock(LaneIndex lane, Position to);
    void resetInLock(LaneIndex lane, Position low, Garbage& garbage);
    LaneIndex addLane(FamilyIndex family, std::uint32_t index, Position start);
    PolicyInForce policyOf(std::string_view channel) const;
    std::shared_ptr<BaseCut> baseNow() const;
    std::int64_t nowMs() const;
    void fill(HubSnapshot& out) const;
    // HubJournal.cpp
    void forgetInto(Forgotten& forgotten, const ChannelLog& log);
    Forgotten forgottenOf(std::string_view channel) const;
    bool tellJournal(const Record& record, std::string_view bytes);
    void commit() noexcept;
    void tellEverything() noexcept;
    bool isRemappedAsBefore(std::uint16_t gen);
    void markCarriedFamilies();
    // Outside mutex_.
    void wake(std::uint64_t loops) noexcept;

    // constant after construction
    HubOptions options_;  // but policies and history: guarded by mutex_
    const Clock& clock_;
    const Epoch epoch_;
    Journal* const journal_ = nullptr;
    std::int64_t beganMs_ = 0;
    // entered once each, by addLoop, before anything may want to wake it
    std::array<Wakeable*, kLoopsMax> wakeables_{};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::uint64_t seq_ = 0;
    mutable std::int64_t lastMs_ = 0;
    std::int64_t plainMs_ = 0;
    std::vector<Place> next_;  // W
    std::vector<Place> kept_;  // A
    std::shared_ptr<const LaneTable> lanes_;
    std::shared_ptr<const std::vector<GapRecord>> gapRecords_;
    std::uint64_t gapRecordsEvictedSeq_ = 0;
    std::shared_ptr<const std::vector<LaneReset>> resets_;
    Forgotten forgotten_;      // what logs that were collected had
    Forgotten keptForgotten_;  // the same of channels that the journal keeps
    std::shared_ptr<const std::vector<SeqRange>> rewound_;
    bool awaitsMappings_ = false;              // restored, and not remapped yet
    std::vector<std::string_view> keptNames_;  // of the event at work
    std::uint16_t gen_ = 0;
    BaseCutPtr mappedBefore_;
    std::uint64_t remaps_ = 0;
    std::unordered_map<std::string_view, std::unique_ptr<ChannelLog>> logs_;  // keys: their names
    std::vector<Loop> loops_;
    std::list<PatternInterest> patterns_;
    Segment* oldestSegment_ = nullptr;
    Segment* newestSegment_ = nullptr;
    ChannelLog* longestIdle_ = nullptr;
    ChannelLog* leastIdle_ = nullptr;
    ChannelLog* sweepNext_ = nullptr;
    HubCounts counts_;
};

}  // namespace sluice
