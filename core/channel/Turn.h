#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "channel/Gap.h"
#include "channel/Stream.h"

namespace sluice {

/// The events and gap records of a channel set between a cursor and the horizon, merged by seq.
struct Item {
    std::uint64_t seq = 0;
    const Segment* segment = nullptr;  // null: a gap record
    const Record* record = nullptr;
    const GapRecord* gap = nullptr;
    std::uint32_t channel = 0;  // index of the first channel of the set that has it
    std::uint32_t leftOut = 0;  // events before it that sampling left out

    bool isEvent() const { return record != nullptr; }
    std::int64_t timeMs() const { return record ? record->appendMs : gap->timeMs; }
    LaneIndex lane() const { return record ? record->lane : gap->lane; }
};
std::vector<Item> itemsAfter(std::uint64_t cursor, const TurnContext& context);
/// The first of these, at most countMax of each channel. Returns whether that is all of them.
bool firstItemsAfter(std::uint64_t cursor, const TurnContext& context, std::size_t countMax,
                     std::vector<Item>& items);
/// Of channels that are sampled, leaves the last event that the subscription takes of each slot of
/// time, as far as slots have ended (TurnSample.cpp). `items` are in order of their seq.
void sample(const TurnContext& context, std::vector<Item>& items);
/// Whether the subscription takes the event: by its types and its filter.
bool takes(const TurnContext& context, const Item& item);

/// The channel on which the subscription takes an event that was sent again; null: on none.
const std::string* channelTaking(const TurnContext& context, const ReplayEvent& event);

/// Lanes of a family whose place lies beyond the end that the source told (section 4) go back to A;
/// adds them to `lanes`, to be told as reset.
void moveBeforeEnds(std::span<Place> places, const Feed::FamilyLanes& family,
                    const SourceEnds::Family& answer, const HubSnapshot& hub,
                    std::vector<Gap::Lane>& lanes);

/// One turn at work; lives for the turn only. resume.md section 5.
class Turn final {
  public:
    Turn(Stream& stream, const TurnContext& context, TurnOutput& out);
    void run();
    /// Instead of run: the last blocks of a drained stream.
    void farewell(std::uint32_t retryMs);

  private:
    // What is to be told now, before anything else (TurnTell.cpp).
    void tellResets();
    void tellBeyondEnds(std::vector<Gap::Lane>& lanes);
    void dropReset(const Gap::Lane& lane);
    void tellDroppedRecords();
    void tellOverrun();
    void tellLack();
    void tellSkipped();
    void tell(const Gap& gap);
    void forgetJoined();
    std::uint64_t toldOf(const ChannelLog* log) const;
    void setTold(const ChannelLog* log, std::uint64_t seq);
    bool wasTold(const ChannelLog* log) const;
    Place cutAt(LaneIndex lane) const;

    // What the source sends again (TurnReplay.cpp).
    bool isNews(const ChannelView& channel) const;
    std::vector<Gap::Lane> lackOf(const ChannelView& channel) const;
    std::optional<GapReason> refusal(LaneIndex lane) const;
    bool replays();
    void want(const Gap::Lane& lane);
    void replayTurn();
    bool replayItem(const ReplayItem& item);
    bool replayEvent(const ReplayItem& item);
    void tellReplayed(GapReason reason, const ReplayItem& item);

    // The snapshot that a stream may begin with (TurnSnapshot.cpp).
    void boundItems();
    void syncBefore(const Item& item);
    void endSnapshotTurn();
    void writeSync();
    std::string syncJson() const;

    void open();
    void writeTold();
    void takeItems();
    void writeItems();
    bool writeTakenItems();
    bool writeItem(std::size_t index, bool isLast);
    void writeEvent(const Item& item, bool isLast);
    void writeGapRecord(const Item& item);
    bool hasUnwrittenCut() const;
    void writePosition();
    void finish();
    void endBlock();
    bool fillsQuantum(std::size_t linesBytes) const;
    void countEvent();
    std::size_t lastTaken() const;

    // Ids (TurnIds.cpp).
    void computeAhead();
    void passAhead(std::size_t index);
    void movePast(const Item& item);
    void moveCut(LaneIndex lane, Place place, std::int64_t timeMs);
    /// Of a stream that catches up with the latest events of keys: what was superseded up to the
    /// cursor is covered, or another reading of the log would bring it behind what superseded it.
    void coverSuperseded();
    void coverSuperseded(const Item& passed);
    void coverLane(LaneIndex lane);
    /// The id of the stream as it stands. `wantsFull` decides for live streams of
    /// IdClass::FullAtEnd.
    const std::string& id(std::int64_t timeMs, bool wantsFull);
    void catchUpId();
    void liveId(std::int64_t timeMs, bool wantsFull);
    const std::vector<FamilyCutView>& views(const StreamCut& cut);
    Place withoutStaleOrdinal(LaneIndex lane, Place place) const;

    Stream& stream_;
    const TurnContext& context_;
    TurnOutput& out_;
    BlockWriter writer_;
    std::vector<Item> items_;  // catching up: a window of them
    bool conflates_ = false;   // it catches up with the latest events of keys
    bool hasAllItems_ = true;  // nothing is behind the window
    // The highest cut allowed for a live stream (V), and what it becomes in a lane past each item.
    StreamCut ahead_;
    std::vector<Place> aheadAfter_;
    std::vector<FamilyCutView> views_;
    StreamCut cleaned_;
    std::string id_;
    std::size_t startBytes_ = 0;
    bool wroteItem_ = false;
    std::uint64_t cutAt_ = 0;  // the views end here; 0: they have all up to the horizon
};

}  // namespace sluice
