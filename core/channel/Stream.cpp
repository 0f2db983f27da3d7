#include "channel/Stream.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {

std::string_view nameOf(GapReason reason) {
    switch (reason) {
        case GapReason::Evicted:
            return "evicted";
        case GapReason::Expired:
            return "expired";
        case GapReason::Reset:
            return "reset";
        case GapReason::Lost:
            return "lost";
        case GapReason::Approximate:
            return "approximate";
        case GapReason::Busy:
            return "busy";
        case GapReason::BadId:
            return "bad-id";
        case GapReason::Skipped:
            return "skipped";
    }
    return "lost";
}

bool isAhead(std::span<const Place> places, const Feed::FamilyLanes& family,
             const HubSnapshot& hub) {
    if (places.size() > family.lanes.size()) return true;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i] > hub.next[family.lanes[i]]) return true;
    return false;
}

std::uint64_t Stream::neededFrom(const Feed& feed, const HubSnapshot& hub, bool hasEnds) const {
    if (isLive()) return cursor_;
    if (hasEnds) return 0;
    for (const LaneReset& reset : *hub.resets)
        if (reset.seq > seen_ && feed.concerns(reset.lane)) return 0;
    return cursor_;
}

std::vector<std::uint32_t> Stream::familiesToAsk(const Feed& feed, const HubSnapshot& hub) const {
    std::vector<std::uint32_t> hashes;
    if (!cut_) return hashes;
    for (std::size_t f = 0; f < feed.families.size(); ++f) {
        const Feed::FamilyLanes& family = feed.families[f];
        if (isAhead(cut_->families[f], family, hub)) hashes.push_back(family.hash);
    }
    return hashes;
}

void Stream::refit(const Feed& before, const Feed& after, const HubSnapshot& hub) {
    if (!cut_) return;
    // With one change of the mappings in between, whatever that added to D(CS) was not in it before
    // the place where it happened. After several that is not known: such lanes are at their
    // beginning, and more is told than is missing.
    const bool isOneChange = hub.remaps <= before.remaps + 1;
    const auto placeOfChange = [&](LaneIndex lane) {
        return isOneChange ? placeIn(hub.mappedBefore.get(), lane) : Place{};
    };
    std::vector<std::vector<Place>> families(after.families.size());
    for (std::size_t f = 0; f < after.families.size(); ++f) {
        const std::vector<LaneIndex>& lanes = after.families[f].lanes;
        const auto known = std::find_if(
            before.families.begin(), before.families.end(),
            [&](const auto& family) { return family.family == after.families[f].family; });
        std::vector<Place>& places = families[f];
        if (known != before.families.end())
            places = std::move(
                cut_->families[static_cast<std::size_t>(known - before.families.begin())]);
        for (std::size_t i = places.size(); i < lanes.size(); ++i)
            places.push_back(lanes[i] < before.lanesKnown && known == before.families.end()
                                 ? placeOfChange(lanes[i])
                                 : Place{});
    }
    cut_->families = std::move(families);
    if (after.plain && !before.plain)
        cut_->plain = std::max(cut_->plain, placeOfChange(kPlainLane));
}

void Stream::refuseReplay(LaneIndex lane, GapReason reason) {
    const auto known = std::find_if(refused_.begin(), refused_.end(),
                                    [lane](const auto& entry) { return entry.first == lane; });
    if (known == refused_.end()) refused_.emplace_back(lane, reason);
    std::sort(refused_.begin(), refused_.end());
}

void TurnOutput::clear() {
    bytes.clear();
    blocks.clear();
    moves.clear();
    events = 0;
    std::fill(std::begin(gaps), std::end(gaps), 0u);
    skipped = conflated = sampled = 0;
    more = isBeyond = false;
    openBlocks = 0;
    tokenAt = std::string::npos;
    syncBlock.reset();
    replayed = 0;
    wants.clear();
    waits = dropsReplay = false;
    before.reset();
    told.reset();
}

Stream TurnOutput::after(std::size_t index) const {
    SLUICE_ASSERT(before && index + 1 < blocks.size());
    if (index < openBlocks) {
        Stream opened = *before;
        opened.opened_ = true;
        opened.openId_.reset();
        return opened;
    }
    Stream stream = told ? *told : *before;
    stream.opened_ = true;
    const BlockEnd& end = blocks[index];
    stream.cursor_ = end.cursor;
    if (stream.remaining_ != Stream::kUnlimited) stream.remaining_ -= end.events;
    if (syncBlock && index >= *syncBlock)
        stream.snapshot_.reset();
    else if (stream.snapshot_)
        stream.snapshot_->events += end.events;
    for (std::uint32_t i = 0; i < end.moves; ++i) {
        const Move& move = moves[i];
        if (move.slot.family == kNoFamily) {
            stream.cut_->plain = move.place;
            stream.idTimeMs_ = move.timeMs;
        } else {
            stream.cut_->families[move.slot.family][move.slot.lane] = move.place;
        }
    }
    return stream;
}

}  // namespace sluice
