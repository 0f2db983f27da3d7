#include <algorithm>

#include "channel/Turn.h"

/// A stream that catches up by what its sources send again: resume.md section 6.
namespace sluice {

/// Whether the channel has lost something that the stream was not told of.
bool Turn::isNews(const ChannelView& channel) const {
    return !wasTold(channel.log) ||
           channel.view.evictedSeq > std::max(stream_.cursor_, toldOf(channel.log));
}

/// Lanes whose floor in the channel lies above the cut.
std::vector<Gap::Lane> Turn::lackOf(const ChannelView& channel) const {
    std::vector<Gap::Lane> lack;
    const auto look = [&](LaneIndex lane) {
        const Place floor = channel.view.floor(lane, context_.hub.kept);
        const Place at = cutAt(lane);
        if (at < floor) lack.push_back({lane, at, floor});
    };
    for (const Feed::FamilyLanes& family : context_.feed.families)
        for (const LaneIndex lane : family.lanes) look(lane);
    if (context_.feed.plain) look(kPlainLane);
    return lack;
}

std::optional<GapReason> Turn::refusal(LaneIndex lane) const {
    for (const auto& [refused, reason] : stream_.refused_)
        if (refused == lane) return reason;
    return std::nullopt;
}

/// Whether the stream has to wait for its sources before it reads its logs; adds what is to be
/// asked for. Nothing that it lacks is told before that is over: the cut stays below it meanwhile.
bool Turn::replays() {
    if (stream_.isLive() || !context_.mayReplay) return false;
    if (out_.dropsReplay) stream_.refused_.clear();  // positions went back: another source
    const ReplayView* const view = out_.dropsReplay ? nullptr : context_.replay;
    bool lacks = false;
    for (const ChannelView& channel : context_.channels) {
        if (!isNews(channel)) continue;
        for (const Gap::Lane& lane : lackOf(channel)) {
            if (lane.lane == kPlainLane || refusal(lane.lane)) continue;
            lacks = true;
            if (!view || !view->covers(lane.lane, *lane.from)) want(lane);
        }
    }
    if (!lacks) out_.dropsReplay = true;
    return lacks;
}

void Turn::want(const Gap::Lane& lane) {
    const bool isKnown = std::any_of(out_.wants.begin(), out_.wants.end(),
                                     [&](const ReplayLeg& leg) { return leg.lane == lane.lane; });
    if (isKnown) return;
    // Its source's messages are mapped anew, so a place inside one of them may mean another event.
    const Place from = withoutStaleOrdinal(lane.lane, *lane.from);
    if (from != *lane.from) moveCut(lane.lane, from, stream_.idTimeMs_);
    out_.wants.push_back({lane.lane, from, context_.hub.next[lane.lane]});
}

void Turn::replayTurn() {
    open();
    writeTold();
    const ReplayView* const view = out_.dropsReplay ? nullptr : context_.replay;
    bool isFull = false;
    for (std::size_t i = 0; view && i < view->items.size() && !isFull; ++i) {
        if (stream_.hasEnded()) break;
        isFull = replayItem(*view->items[i]);
        ++out_.replayed;
    }
    // Whether it still lacks anything is the next turn's first question.
    out_.more = out_.replayed > 0;
    out_.waits = !out_.more;
    if (stream_.hasEnded()) return;
    if (context_.pingDue || (out_.replayed > 0 && hasUnwrittenCut())) writePosition();
}

/// Whether the write is full then.
bool Turn::replayItem(const ReplayItem& item) {
    if (context_.feed.slot(item.lane).family == kNoFamily) return false;
    const Place at = cutAt(item.lane);
    // Of a log that others share there may be what this stream has, or what it has not come to.
    if (at < item.from || item.to <= at) return false;
    switch (item.kind) {
        case ReplayItem::Kind::Failed:
            stream_.refuseReplay(item.lane, GapReason::Evicted);
            return false;
        case ReplayItem::Kind::Event:
            return replayEvent(item);
        case ReplayItem::Kind::Nothing:
            moveCut(item.lane, item.to, stream_.idTimeMs_);
            return false;
        case ReplayItem::Kind::Expired:
            tellReplayed(GapReason::Expired, item);
            return false;
        case ReplayItem::Kind::Reset:
            tellReplayed(GapReason::Reset, item);
            return false;
    }
    return false;
}

bool Turn::replayEvent(const ReplayItem& item) {
    const ReplayEvent& event = item.event;
    const bool isCovered = event.place < cutAt(item.lane);
    moveCut(item.lane, item.to, stream_.idTimeMs_);
    const std::string* const channel = isCovered ? nullptr : channelTaking(context_, event);
    if (!channel) return false;
    const bool isFull = fillsQuantum(event.lines().size());
    const std::string& text = id(context_.hub.timeMs, true);
    if (context_.spec.envelope)
        writer_.event(
            envelope(*channel, event.eventLine(), event.key(), event.timeMs, event.dataLines()),
            text);
    else
        writer_.event(event.lines(), text);
    countEvent();
    return isFull;
}

void Turn::tellReplayed(GapReason reason, const ReplayItem& item) {
    Gap gap;
    gap.reason = reason;
    gap.lanes = {{item.lane, cutAt(item.lane), item.to}};
    moveCut(item.lane, item.to, stream_.idTimeMs_);
    ++out_.gaps[static_cast<std::size_t>(reason)];
    writer_.gap(gapJson(gap, *context_.hub.lanes), id(context_.hub.timeMs, true));
    wroteItem_ = true;
    endBlock();
}

}  // namespace sluice
