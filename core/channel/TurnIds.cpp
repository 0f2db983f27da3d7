#include <algorithm>

#include "channel/Turn.h"

/// Which id stands where: resume.md sections 3 and 5.
namespace sluice {
namespace {

bool hasOrdinals(const StreamCut& cut) {
    const auto isInside = [](const Place& place) { return place.ordinal != 0; };
    return std::ranges::any_of(cut.families, [&](const std::vector<Place>& places) {
        return std::ranges::any_of(places, isInside);
    });
}

}  // namespace

/// Fills V as it is at the cursor, walking backwards from the horizon: in each lane the place of
/// the first event behind the cursor, else W.
void Turn::computeAhead() {
    const Feed& feed = context_.feed;
    ahead_.families.resize(feed.families.size());
    for (std::size_t f = 0; f < feed.families.size(); ++f) {
        std::vector<Place>& places = ahead_.families[f];
        places.clear();
        for (const LaneIndex lane : feed.families[f].lanes)
            places.push_back(withoutStaleOrdinal(lane, context_.hub.next[lane]));
    }
    aheadAfter_.resize(items_.size());
    for (std::size_t i = items_.size(); i-- > 0;) {
        const Item& item = items_[i];
        const Feed::Slot slot = feed.slot(item.lane());
        if (slot.family == kNoFamily) continue;
        Place& place = ahead_.families[slot.family][slot.lane];
        aheadAfter_[i] = place;
        place = withoutStaleOrdinal(
            item.lane(), item.isEvent() ? item.record->place() : std::min(place, item.gap->from));
    }
}

void Turn::passAhead(std::size_t index) {
    const Feed::Slot slot = context_.feed.slot(items_[index].lane());
    if (slot.family != kNoFamily) ahead_.families[slot.family][slot.lane] = aheadAfter_[index];
}

void Turn::moveCut(LaneIndex lane, Place place, std::int64_t timeMs) {
    const Feed::Slot slot = context_.feed.slot(lane);
    if (lane == kPlainLane) {
        stream_.cut_->plain = place;
        stream_.idTimeMs_ = timeMs;
        out_.moves.push_back({Feed::Slot{}, place, timeMs});
    } else if (slot.family != kNoFamily) {
        stream_.cut_->families[slot.family][slot.lane] = place;
        out_.moves.push_back({slot, place, timeMs});
    }
}

void Turn::coverLane(LaneIndex lane) {
    const Feed::Slot slot = context_.feed.slot(lane);
    if (slot.family == kNoFamily) return;
    const Place place = ahead_.families[slot.family][slot.lane];
    if (cutAt(lane) < place) moveCut(lane, place, stream_.idTimeMs_);
}

void Turn::coverSuperseded() {
    for (const Feed::FamilyLanes& family : context_.feed.families)
        for (const LaneIndex lane : family.lanes) coverLane(lane);
}

void Turn::coverSuperseded(const Item& passed) {
    coverLane(passed.lane());
    const Place plain{{passed.seq + 1, 0}, 0};
    if (!context_.feed.plain || plain <= cutAt(kPlainLane)) return;
    moveCut(kPlainLane, plain, passed.isEvent() ? passed.record->appendMs : passed.gap->timeMs);
}

void Turn::movePast(const Item& item) {
    if (!item.isEvent()) {
        moveCut(item.lane(), item.gap->to, item.gap->timeMs);
        return;
    }
    const LaneIndex lane = item.lane();
    const Feed::Slot slot = context_.feed.slot(lane);
    const Words words =
        slot.family == kNoFamily ? Words::One : context_.feed.families[slot.family].words;
    moveCut(lane, placeAfter(item.record->place(), item.record->of, words), item.record->appendMs);
}

/// N8: a place inside a message that was mapped before the last reload counts with ordinal 0.
Place Turn::withoutStaleOrdinal(LaneIndex lane, Place place) const {
    if (place.ordinal != 0 && context_.hub.mappedBefore &&
        place < placeIn(context_.hub.mappedBefore.get(), lane))
        place.ordinal = 0;
    return place;
}

const std::vector<FamilyCutView>& Turn::views(const StreamCut& cut) {
    views_.clear();
    for (std::size_t f = 0; f < cut.families.size(); ++f)
        if (!cut.families[f].empty())
            views_.push_back(
                {context_.feed.families[f].hash, context_.feed.families[f].words, cut.families[f]});
    return views_;
}

const std::string& Turn::id(std::int64_t timeMs, bool wantsFull) {
    id_.clear();
    if (stream_.snapshot_) return id_;
    if (stream_.isLive())
        liveId(timeMs, wantsFull);
    else
        catchUpId();
    return id_;
}

void Turn::liveId(std::int64_t timeMs, bool wantsFull) {
    const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(timeMs, 0));
    const IdClass idClass = context_.feed.idClass;
    const bool full = idClass == IdClass::Full || (idClass == IdClass::FullAtEnd && wantsFull);
    if (full &&
        appendFullId(id_, context_.epoch, stream_.cursor_, time, views(ahead_), context_.hub.gen))
        return;
    appendShortId(id_, context_.epoch, stream_.cursor_, time);
}

void Turn::catchUpId() {
    const StreamCut* cut = &*stream_.cut_;
    if (context_.hub.mappedBefore && hasOrdinals(*cut)) {
        cleaned_ = *cut;
        for (std::size_t f = 0; f < cleaned_.families.size(); ++f) {
            const std::vector<LaneIndex>& lanes = context_.feed.families[f].lanes;
            for (std::size_t i = 0; i < lanes.size() && i < cleaned_.families[f].size(); ++i)
                cleaned_.families[f][i] = withoutStaleOrdinal(lanes[i], cleaned_.families[f][i]);
        }
        cut = &cleaned_;
    }
    const std::uint64_t plain = cut->plain.position.first;
    const std::uint64_t seq = context_.feed.plain && plain > 0 ? plain - 1 : 0;
    const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(stream_.idTimeMs_, 0));
    if (!appendFullId(id_, context_.epoch, seq, time, views(*cut), context_.hub.gen))
        appendShortId(id_, kNobodysEpoch, seq, time);
}

}  // namespace sluice
