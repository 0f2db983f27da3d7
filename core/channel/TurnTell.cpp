#include <algorithm>

#include "channel/Turn.h"

/// What a turn has to tell before anything else: resume.md sections 5 and 7.
namespace sluice {

void moveBeforeEnds(std::span<Place> places, const Feed::FamilyLanes& family,
                    const SourceEnds::Family& answer, const HubSnapshot& hub,
                    std::vector<Gap::Lane>& lanes) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        const LaneIndex lane = family.lanes[i];
        if (places[i] <= hub.next[lane] || !isBeyond(answer, i, places[i])) continue;
        lanes.push_back({lane, places[i], hub.kept[lane]});
        places[i] = hub.kept[lane];
    }
}

void Turn::tell(const Gap& gap) {
    stream_.tell_.emplace_back(gap.reason, gapJson(gap, *context_.hub.lanes));
}

std::uint64_t Turn::toldOf(const ChannelLog* log) const {
    for (const auto& [known, seq] : stream_.told_)
        if (known == log) return seq;
    return 0;
}

bool Turn::wasTold(const ChannelLog* log) const {
    return std::any_of(stream_.told_.begin(), stream_.told_.end(),
                       [log](const auto& entry) { return entry.first == log; });
}

void Turn::setTold(const ChannelLog* log, std::uint64_t seq) {
    for (auto& [known, told] : stream_.told_) {
        if (known != log) continue;
        told = seq;
        return;
    }
    stream_.told_.emplace_back(log, seq);
    std::sort(stream_.told_.begin(), stream_.told_.end());
}

/// A channel that a pattern took while the live stream was there: nothing of it was missed but what
/// left its log since.
void Turn::forgetJoined() {
    if (!stream_.isLive()) return;
    for (const ChannelView& channel : context_.channels)
        if (channel.joined && !wasTold(channel.log) &&
            channel.view.bornEvictedSeq > stream_.cursor_)
            setTold(channel.log, channel.view.bornEvictedSeq);
}

Place Turn::cutAt(LaneIndex lane) const {
    if (lane == kPlainLane) return stream_.cut_->plain;
    const Feed::Slot slot = context_.feed.slot(lane);
    return slot.family == kNoFamily ? Place{} : stream_.cut_->families[slot.family][slot.lane];
}

/// Catching up: the lane goes on at A (or leaves the cut, where it is gone).
void Turn::dropReset(const Gap::Lane& lane) {
    const Feed::Slot slot = context_.feed.slot(lane.lane);
    if (slot.family != kNoFamily)
        stream_.cut_->families[slot.family][slot.lane] = context_.hub.kept[lane.lane];
}

void Turn::tellResets() {
    std::vector<Gap::Lane> lanes;
    const HubSnapshot& hub = context_.hub;
    for (const LaneReset& reset : *hub.resets) {
        if (reset.seq <= stream_.seen_ || reset.seq > hub.horizon) continue;
        if (!context_.feed.concerns(reset.lane)) continue;
        const bool gone = context_.feed.slot(reset.lane).family == kNoFamily;
        Gap::Lane lane{reset.lane, {}, gone ? std::nullopt : std::optional{hub.kept[reset.lane]}};
        if (stream_.cut_ && !gone) lane.from = cutAt(reset.lane);
        lanes.push_back(lane);
    }
    stream_.seen_ = std::max(stream_.seen_, hub.horizon);
    if (stream_.cut_) {
        for (const Gap::Lane& lane : lanes) dropReset(lane);
        tellBeyondEnds(lanes);
    }
    if (lanes.empty()) return;
    if (stream_.cut_) {
        stream_.cursor_ = 0;
        stream_.told_.clear();
        out_.dropsReplay = true;
    }
    Gap gap;
    gap.reason = GapReason::Reset;
    gap.lanes = std::move(lanes);
    tell(gap);
}

/// The repeated check of section 4: lanes that the source says end before the cut, or are gone.
void Turn::tellBeyondEnds(std::vector<Gap::Lane>& lanes) {
    if (!context_.ends) return;
    for (std::size_t f = 0; f < context_.feed.families.size(); ++f) {
        const Feed::FamilyLanes& family = context_.feed.families[f];
        const SourceEnds::Family* answer = context_.ends->find(family.hash);
        if (!answer) continue;
        std::vector<Place>& places = stream_.cut_->families[f];
        moveBeforeEnds(std::span{places}.first(family.lanes.size()), family, *answer, context_.hub,
                       lanes);
        const std::size_t there = std::max(answer->lanes.size(), family.lanes.size());
        if (places.size() <= there) continue;
        Gap gap;
        gap.reason = GapReason::Reset;
        gap.lanes.emplace();
        for (std::size_t i = there; i < places.size(); ++i)
            gap.foreignLanes.push_back(foreignLaneName(family.hash, static_cast<std::uint32_t>(i)));
        places.resize(there);
        tell(gap);
    }
}

/// Gap records are bounded: whoever had not read the dropped ones is told of everything up to A.
void Turn::tellDroppedRecords() {
    const HubSnapshot& hub = context_.hub;
    if (hub.gapRecordsEvictedSeq <= std::max(stream_.cursor_, stream_.recordsTold_)) return;
    stream_.recordsTold_ = hub.gapRecordsEvictedSeq;
    Gap gap;
    gap.reason = GapReason::Lost;
    gap.lanes.emplace();
    for (const Feed::FamilyLanes& family : context_.feed.families)
        for (const LaneIndex lane : family.lanes) gap.lanes->push_back({lane, {}, hub.kept[lane]});
    if (context_.feed.plain) gap.lanes->push_back({kPlainLane, {}, hub.kept[kPlainLane]});
    if (!gap.lanes->empty()) tell(gap);
}

/// Live: logs that evicted past the cursor.
void Turn::tellOverrun() {
    for (const ChannelView& channel : context_.channels) {
        const std::uint64_t evicted = channel.view.evictedSeq;
        if (evicted <= std::max(stream_.cursor_, toldOf(channel.log))) continue;
        setTold(channel.log, evicted);
        Gap gap;
        gap.reason = GapReason::Evicted;
        gap.channel = channel.channel;
        gap.lanes.emplace();
        const auto add = [&](LaneIndex lane) {
            gap.lanes->push_back({lane, {}, channel.view.floor(lane, context_.hub.kept)});
        };
        for (const Feed::FamilyLanes& family : context_.feed.families)
            for (const LaneIndex lane : family.lanes) add(lane);
        if (context_.feed.plain) add(kPlainLane);
        tell(gap);
    }
}

/// Catching up: lanes whose floor in some channel lies above the cut. What is kept is sent; the cut
/// stays, since another channel may keep more.
void Turn::tellLack() {
    for (const ChannelView& channel : context_.channels) {
        if (!isNews(channel)) continue;
        setTold(channel.log, channel.view.evictedSeq);
        const std::vector<Gap::Lane> lack = lackOf(channel);
        for (const GapReason reason : {GapReason::Evicted, GapReason::Busy}) {
            Gap gap;
            gap.reason = reason;
            gap.channel = channel.channel;
            gap.lanes.emplace();
            for (const Gap::Lane& lane : lack)
                if (refusal(lane.lane).value_or(GapReason::Evicted) == reason)
                    gap.lanes->push_back(lane);
            if (!gap.lanes->empty()) tell(gap);
        }
    }
}

/// What the policy of a channel left out of its view (ViewChoice.h).
void Turn::tellSkipped() {
    bool any = false;
    for (const ChannelView& channel : context_.channels) {
        out_.skipped += channel.skipped;
        if (channel.skipped == 0) continue;
        any = true;
        Gap gap;
        gap.reason = GapReason::Skipped;
        gap.channel = channel.channel;
        gap.count = channel.skipped;
        tell(gap);
    }
    // It stands behind what was skipped, or the next turn would skip and tell it again.
    if (any) stream_.cursor_ = items_.empty() ? context_.hub.horizon : items_.front().seq - 1;
}

}  // namespace sluice
