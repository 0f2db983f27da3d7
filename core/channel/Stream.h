#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/FilterMemo.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/ReplayLog.h"
#include "channel/Subscription.h"
#include "event/Block.h"
#include "event/EventId.h"

namespace sluice {

/// Reasons of gaps (resume.md section 7). Skipped: the channel's policy for slow readers.
enum class GapReason : std::uint8_t {
    Evicted,
    Expired,
    Reset,
    Lost,
    Approximate,
    Busy,
    BadId,
    Skipped
};
inline constexpr std::size_t kGapReasons = 8;
std::string_view nameOf(GapReason reason);

/// One log of the stream's channel set as the turn sees it.
struct ChannelView {
    std::string_view channel;
    const ChannelLog* log = nullptr;  // names the channel in `told`
    LogView view;
    bool joined = false;    // came to a pattern's set while the stream was there
    bool isLatest = false;  // the view is of the latest events of its keys
    // Up to TurnContext::untilMs the turn takes the last event only of each slot of time.
    bool isSampled = false;
    // What the policy left out of the view: of a reader that skips, to be told; of one that
    // conflates, as far as the log still knew.
    std::uint32_t skipped = 0, conflated = 0;
};

/// Everything a turn looks at. The views hold at least everything kept with seq > the stream's
/// neededFrom(...), and were taken after the snapshot.
struct TurnContext {
    const SubscriptionSpec& spec;
    const Feed& feed;
    const HubSnapshot& hub;
    std::span<const ChannelView> channels;
    const Epoch& epoch;
    FilterMemo* filterMemo = nullptr;  // what filters said of events; null: they are asked again
    const SourceEnds* ends = nullptr;  // a fresh answer of the source, where one was asked for
    const SourcePlaces* places = nullptr;  // likewise, of where a stream is to begin
    // A stream that catches up may ask for what its logs have no more (resume.md section 6).
    bool mayReplay = false;
    const ReplayView* replay = nullptr;  // what came of that; null: it has not asked
    std::uint32_t retryMs = 2'000;
    std::uint32_t keepaliveMs = 20'000;
    std::size_t quantumBytes = 64u << 10;
    std::string_view
        tokenPlace{};  // text that each reader's token takes the place of; may be empty
    std::int64_t untilMs = INT64_MAX;  // stop before what was appended later
    // A stream that catches up looks at so many items in one go: of no effect on what it writes.
    std::size_t itemsAtOnce = 1'024;
    bool pingDue = false;
};

/// What one turn wrote, with enough to go on from the end of any of its blocks.
struct TurnOutput;

/// A cut over the families of a Feed, aligned with it by index, perhaps with lanes beyond those
/// that are known here.
struct StreamCut {
    std::vector<std::vector<Place>> families;
    Place plain;
    bool operator==(const StreamCut&) const = default;
};

/// Whether some place lies beyond what this node has read of the family, or in a lane that it has
/// not seen yet: then the source is asked for its ends (section 4).
bool isAhead(std::span<const Place> places, const Feed::FamilyLanes& family,
             const HubSnapshot& hub);

/// Where a stream stands in a snapshot: it reads the latest events of keys, without ids, until it
/// has all that was there at one moment; then `sluice.sync` comes, with the first id
/// (docs/readers.md).
struct SnapshotPhase {
    std::uint64_t beganAt = 0;  // horizon at its begin: from here on losses are told
    std::uint64_t syncAt = 0;   // complete once everything up to here was written; 0: not known
    std::uint64_t events = 0;   // written so far
    bool operator==(const SnapshotPhase&) const = default;
};

/// A stream's position and what it was told: resume.md section 5. A value: equal streams of one
/// Subscription write equal bytes, so they are one herd; a straggler goes on with a copy.
///
/// Live: it has everything up to cur and nothing after. Catching up: it carries its own cut.
class Stream {
  public:
    bool isLive() const { return !cut_; }
    bool hasEnded() const { return remaining_ == 0; }
    /// Nothing will be written any more.
    void end() { remaining_ = 0; }
    std::uint64_t cursor() const { return cursor_; }
    const std::optional<SnapshotPhase>& snapshot() const { return snapshot_; }
    /// Whether the stream would be told that something left the log behind this view.
    bool misses(const ChannelLog* log, const LogView& view, const Feed& feed) const;
    /// Records with a greater seq must be in the views of the next turn: the cursor, or 0 where a
    /// reset or the source's answer may send the stream back.
    std::uint64_t neededFrom(const Feed& feed, const HubSnapshot& hub, bool hasEnds) const;
    /// Families whose ends should be asked for again, at most once a second, while this is not
    /// empty: the stream is ahead of what this node has read (section 4).
    std::vector<std::uint32_t> familiesToAsk(const Feed& feed, const HubSnapshot& hub) const;
    /// The Feed was made again: lanes were born, or other mappings came into force. Keeps the cut
    /// aligned; it has all of what other mappings added to D(CS) up to where they came (N8).
    void refit(const Feed& before, const Feed& after, const HubSnapshot& hub);
    /// A lane is not read again: what the logs have of it no more is told for this reason.
    void refuseReplay(LaneIndex lane, GapReason reason);
    /// The last block of a drained stream: a position block with the full cut and its own retry;
    /// before it, what is to be told by then. Writes nothing before the first turn. The views are
    /// as for a turn.
    void farewell(const TurnContext& context, std::uint32_t retryMs, TurnOutput& out) const;

    bool operator==(const Stream&) const = default;

  private:
    friend class Turn;
    friend class Resumption;
    friend struct TurnOutput;

    static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

    std::uint64_t cursor_ = 0;  // cur
    std::uint64_t seen_ = 0;    // resets up to here were told
    std::uint64_t recordsTold_ = 0;
    std::vector<std::pair<const ChannelLog*, std::uint64_t>> told_;  // sorted
    std::optional<StreamCut> cut_;                                   // P; absent: live
    std::int64_t idTimeMs_ = 0;                                      // of ids while catching up
    std::uint64_t remaining_ = kUnlimited;                           // events until the stream ends
    std::optional<SnapshotPhase> snapshot_;                          // live streams only
    std::vector<std::pair<LaneIndex, GapReason>> refused_;  // catching up: not asked for again
    // Until the first turn: what `sluice.open` echoes, and what resume has to tell.
    std::optional<std::string> openId_;  // absent: opened, or no id came
    bool opened_ = false;
    std::vector<std::pair<GapReason, std::string>> tell_;  // gaps, as JSON objects
};

struct TurnOutput {
    /// The end of one block and the stream there.
    struct BlockEnd {
        std::size_t offset = 0;  // in bytes
        std::uint64_t cursor = 0;
        std::uint32_t moves = 0;    // how many of `moves` are done
        std::uint32_t events = 0;   // events written so far
        std::uint32_t sampled = 0;  // events passed so far that sampling left out
    };
    struct Move {
        Feed::Slot slot;  // kNoFamily: the plain lane
        Place place;
        std::int64_t timeMs = 0;  // of a plain event
    };
    std::string bytes;
    std::vector<BlockEnd> blocks;
    std::vector<Move> moves;
    std::uint32_t events = 0;                  // events of users
    std::uint32_t gaps[kGapReasons] = {};      // told, by reason
    std::uint32_t skipped = 0, conflated = 0;  // events that policies left out
    std::uint32_t sampled = 0;                 // the same; of those that were passed
    bool more = false;                         // the quantum ended before the items did, or
    bool isBeyond = false;                     // it stopped at untilMs
    std::size_t openBlocks = 0;                // blocks written before `told`
    std::size_t tokenAt = std::string::npos;   // of TurnContext::tokenPlace, in the first block
    std::optional<std::size_t> syncBlock;      // index of `sluice.sync` among the blocks
    // Of a stream that may ask for a replay:
    std::size_t replayed = 0;      // items of the view that were read
    std::vector<ReplayLeg> wants;  // to be asked for
    bool waits = false;            // for what its sources send again, and has read all there is
    bool dropsReplay = false;      // it needs none any more, or another one
    std::optional<Stream> before;  // as the turn began
    std::optional<Stream> told;    // after the block of things told, if there was one

    void clear();
    /// The stream as it is after block `index`. REQUIRES: index + 1 < blocks.size() (after the last
    /// one it is the stream itself).
    Stream after(std::size_t index) const;
};

/// One turn (section 5): advances the stream and appends what it writes to `out`. Pure.
void turn(Stream& stream, const TurnContext& context, TurnOutput& out);

}  // namespace sluice
