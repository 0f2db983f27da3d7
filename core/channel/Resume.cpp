#include "channel/Resume.h"

#include <algorithm>

#include "channel/Turn.h"
#include "channel/ViewChoice.h"
#include "event/EventId.h"

namespace sluice {
namespace {

const FamilyCut* findFamily(const Cut& cut, std::uint32_t hash) {
    for (const FamilyCut& family : cut)
        if (family.hash == hash) return &family;
    return nullptr;
}

/// The id, if it is one that this node may act upon.
std::optional<EventId> readableId(const std::string& text, const HubSnapshot& hub,
                                  const Epoch& epoch) {
    std::optional<EventId> id = parseEventId(text);
    if (id && id->epoch == epoch && id->seq > hub.horizon) id.reset();
    return id;
}

/// Not where what lanes had behind the id comes again under other seqs (section 8).
bool resumesBySeq(const EventId& id, const Epoch& epoch, const HubSnapshot& hub, const Feed& feed) {
    if (id.cut || id.epoch != epoch) return false;
    if (feed.families.empty() || !hub.rewound) return true;
    return std::none_of(hub.rewound->begin(), hub.rewound->end(), [&](const SeqRange& range) {
        return id.seq > range.after && id.seq < range.upTo;
    });
}

}  // namespace

/// The stream of one request while it is put together: section 4.
class Resumption final {
  public:
    Resumption(const ResumeRequest& request, const TurnContext& context)
        : request_{request}, context_{context}, hub_{context.hub}, feed_{context.feed} {}

    Stream run();

  private:
    void begin();
    void beginEarliest();
    void beginLast();
    void beginSince();
    void beginAt(const SourcePlaces& places);
    std::size_t firstSince(std::int64_t timeMs);
    bool lacksSince(const ChannelView& channel, std::size_t first);
    Place placeSince(LaneIndex lane, std::size_t first);
    void tellSince(const std::vector<LaneIndex>& lanes, std::size_t first);
    void beginSnapshot();
    void goOn(const EventId& id);
    void goOnInFamily(const EventId& id, const Feed::FamilyLanes& family,
                      std::vector<Place>& places);
    void goOnPlain(const EventId& id);
    void carryOn(const EventId& id, const Feed::FamilyLanes& family, const FamilyCut& inId,
                 std::vector<Place>& places);
    void checkEnds(const Feed::FamilyLanes& family, std::vector<Place>& places);
    void tellForeign(const EventId& id);
    void tellAll();
    Place byTime(LaneIndex lane, std::uint64_t timeMs);
    Place named(const EventId& id, LaneIndex lane, Place place) const;
    std::uint64_t cursorOverBases() const;
    const std::vector<Item>& kept();

    const ResumeRequest& request_;
    const TurnContext& context_;
    const HubSnapshot& hub_;
    const Feed& feed_;
    Stream stream_;
    std::optional<std::vector<Item>> kept_;
    Gap approximate_, reset_;
};

Stream Resumption::run() {
    if (request_.limit) stream_.remaining_ = *request_.limit;
    approximate_.reason = GapReason::Approximate;
    approximate_.lanes.emplace();
    reset_.reason = GapReason::Reset;
    reset_.lanes.emplace();
    if (!request_.idText) {
        begin();
        return stream_;
    }
    const std::optional<EventId> id = readableId(*request_.idText, hub_, context_.epoch);
    stream_.openId_ = id ? *request_.idText : "0";
    if (!id) {
        Gap gap;
        gap.reason = GapReason::BadId;
        stream_.tell_.emplace_back(gap.reason, gapJson(gap, *hub_.lanes));
        stream_.cursor_ = stream_.seen_ = hub_.horizon;
    } else if (resumesBySeq(*id, context_.epoch, hub_, feed_)) {
        stream_.cursor_ = stream_.seen_ = id->seq;
    } else {
        goOn(*id);
    }
    return stream_;
}

void Resumption::begin() {
    stream_.cursor_ = hub_.horizon;
    switch (request_.start.kind) {
        case Start::Kind::Live:
            break;
        case Start::Kind::Earliest:
            beginEarliest();
            break;
        case Start::Kind::Last:
            beginLast();
            break;
        case Start::Kind::Since:
            beginSince();
            break;
        case Start::Kind::Snapshot:
            return beginSnapshot();
    }
    stream_.seen_ = stream_.cut_ ? hub_.horizon : stream_.cursor_;
}

/// Everything that is kept per key, from the first on. What was lost before is none of its
/// business.
void Resumption::beginSnapshot() {
    stream_.cursor_ = 0;
    stream_.seen_ = hub_.horizon;
    stream_.snapshot_ = SnapshotPhase{hub_.horizon, 0, 0};
    for (const ChannelView& channel : context_.channels)
        stream_.told_.emplace_back(channel.log, hub_.horizon);
    std::sort(stream_.told_.begin(), stream_.told_.end());
    stream_.recordsTold_ = hub_.gapRecordsEvictedSeq;
}

/// Everything kept. What was evicted before all of it is not missed; what left one channel from
/// behind the first event kept in another one is a hole, and is told.
void Resumption::beginEarliest() {
    stream_.cursor_ = 0;
    const std::uint64_t first = kept().empty() ? hub_.horizon + 1 : kept().front().seq;
    for (const ChannelView& channel : context_.channels)
        if (channel.view.evictedSeq > 0 && channel.view.evictedSeq < first)
            stream_.told_.emplace_back(channel.log, channel.view.evictedSeq);
    std::sort(stream_.told_.begin(), stream_.told_.end());
    stream_.recordsTold_ = std::min(hub_.gapRecordsEvictedSeq, first - 1);
}

void Resumption::beginLast() {
    std::uint32_t left = request_.start.count;
    for (std::size_t i = kept().size(); i-- > 0 && left > 0;) {
        if (!takes(context_, kept()[i])) continue;
        stream_.cursor_ = kept()[i].seq - 1;
        --left;
    }
}

/// Everything appended at that time or later. What of that has left history is told.
void Resumption::beginSince() {
    if (context_.places && !context_.places->families.empty()) return beginAt(*context_.places);
    const std::size_t first = firstSince(request_.start.sinceMs);
    if (first < kept().size()) stream_.cursor_ = kept()[first].seq - 1;
    std::vector<LaneIndex> lanes;
    for (const Feed::FamilyLanes& family : feed_.families)
        lanes.insert(lanes.end(), family.lanes.begin(), family.lanes.end());
    if (feed_.plain) lanes.push_back(kPlainLane);
    tellSince(lanes, first);
}

/// Where the sources say that their lanes stood, which may be before all that is kept: then it is
/// read again, or told. Lanes that cannot say begin by the time of their appends.
void Resumption::beginAt(const SourcePlaces& places) {
    const std::size_t first = firstSince(request_.start.sinceMs);
    std::vector<LaneIndex> byAppend;
    const auto bySource = [&](const SourcePlaces::Family* answer, std::size_t i, LaneIndex lane) {
        if (answer && i < answer->lanes.size()) return Place{answer->lanes[i], 0};
        byAppend.push_back(lane);
        return placeSince(lane, first);
    };
    stream_.cut_.emplace();
    stream_.idTimeMs_ = std::max<std::int64_t>(request_.start.sinceMs, 0);
    for (const Feed::FamilyLanes& family : feed_.families) {
        const SourcePlaces::Family* const answer = places.find(family.hash);
        std::vector<Place>& cut = stream_.cut_->families.emplace_back();
        for (std::size_t i = 0; i < family.lanes.size(); ++i)
            cut.push_back(bySource(answer, i, family.lanes[i]));
    }
    if (feed_.plain) stream_.cut_->plain = bySource(nullptr, 0, kPlainLane);
    tellSince(byAppend, first);
    stream_.recordsTold_ = hub_.gapRecordsEvictedSeq;
    stream_.cursor_ = cursorOverBases();
}

/// The first of what is kept that was appended then or later.
std::size_t Resumption::firstSince(std::int64_t timeMs) {
    const auto found = std::find_if(kept().begin(), kept().end(),
                                    [timeMs](const Item& item) { return item.timeMs() >= timeMs; });
    return static_cast<std::size_t>(found - kept().begin());
}

Place Resumption::placeSince(LaneIndex lane, std::size_t first) {
    for (std::size_t i = first; i < kept().size(); ++i)
        if (const Item& item = kept()[i]; item.lane() == lane)
            return item.isEvent() ? item.record->place() : item.gap->from;
    return hub_.next[lane];
}

/// Whether the channel had an event appended then or later that it keeps no more. Times are in the
/// order of seq.
bool Resumption::lacksSince(const ChannelView& channel, std::size_t first) {
    const std::uint64_t before = first > 0 ? kept()[first - 1].seq : 0;
    return channel.view.evictedSeq > before && channel.view.evictedMs >= request_.start.sinceMs;
}

/// Of lanes that begin by the time of their appends: what the logs, or the node, have no more.
void Resumption::tellSince(const std::vector<LaneIndex>& lanes, std::size_t first) {
    for (const ChannelView& channel : context_.channels) {
        // What a live stream lacks behind its cursor its first turn tells.
        const bool isToldLater = stream_.isLive() && channel.view.evictedSeq > stream_.cursor_;
        const bool lacks = !isToldLater && lacksSince(channel, first);
        Gap gap;
        gap.reason = GapReason::Evicted;
        gap.channel = channel.channel;
        gap.lanes.emplace();
        for (const LaneIndex lane : lanes) {
            const bool isPlain = lane == kPlainLane;
            const bool hadAny = !isPlain || hub_.plainMs >= request_.start.sinceMs;
            // What a source had before its reading began it has, perhaps, still.
            const bool beganLater =
                !isPlain && hub_.kept[lane] != Place{} && request_.start.sinceMs < hub_.beganMs;
            if ((lacks && hadAny) || beganLater)
                gap.lanes->push_back({lane, {}, channel.view.floor(lane, hub_.kept)});
        }
        if (!gap.lanes->empty()) stream_.tell_.emplace_back(gap.reason, gapJson(gap, *hub_.lanes));
    }
}

void Resumption::goOn(const EventId& id) {
    stream_.cut_.emplace();
    stream_.idTimeMs_ = static_cast<std::int64_t>(id.timeMs);
    stream_.seen_ = hub_.horizon;
    for (const Feed::FamilyLanes& family : feed_.families)
        goOnInFamily(id, family, stream_.cut_->families.emplace_back());
    goOnPlain(id);
    if (id.cut)
        tellForeign(id);
    else
        tellAll();
    const bool tellsApproximate =
        !approximate_.lanes || !approximate_.lanes->empty() || !approximate_.foreignLanes.empty();
    for (const Gap* gap : {&approximate_, &reset_}) {
        if (gap == &approximate_ ? !tellsApproximate
                                 : gap->lanes->empty() && gap->foreignLanes.empty())
            continue;
        stream_.tell_.emplace_back(gap->reason, gapJson(*gap, *hub_.lanes));
    }
    stream_.cursor_ = cursorOverBases();
}

void Resumption::goOnInFamily(const EventId& id, const Feed::FamilyLanes& family,
                              std::vector<Place>& places) {
    const FamilyCut* inId = id.cut ? findFamily(*id.cut, family.hash) : nullptr;
    for (std::size_t i = 0; i < family.lanes.size(); ++i) {
        const LaneIndex lane = family.lanes[i];
        if (inId) {
            places.push_back(i < inId->places.size() ? named(id, lane, inId->places[i]) : Place{});
        } else {
            places.push_back(byTime(lane, id.timeMs));
            approximate_.lanes->push_back({lane, {}, places.back()});
        }
    }
    checkEnds(family, places);
    if (inId) carryOn(id, family, *inId, places);
}

/// Lanes that the id names and this node has not seen yet count as there, until the source says no.
void Resumption::carryOn(const EventId& id, const Feed::FamilyLanes& family, const FamilyCut& inId,
                         std::vector<Place>& places) {
    const SourceEnds::Family* answer = context_.ends ? context_.ends->find(family.hash) : nullptr;
    for (std::size_t i = family.lanes.size(); i < inId.places.size(); ++i) {
        if (answer && i >= answer->lanes.size())
            reset_.foreignLanes.push_back(
                foreignLaneName(family.hash, static_cast<std::uint32_t>(i)));
        else
            places.push_back(
                {inId.places[i].position, id.gen == hub_.gen ? inId.places[i].ordinal : 0});
    }
}

void Resumption::checkEnds(const Feed::FamilyLanes& family, std::vector<Place>& places) {
    const SourceEnds::Family* answer = context_.ends ? context_.ends->find(family.hash) : nullptr;
    if (answer) moveBeforeEnds(places, family, *answer, hub_, *reset_.lanes);
}

void Resumption::goOnPlain(const EventId& id) {
    if (!feed_.plain) return;
    if (id.epoch == context_.epoch) {
        stream_.cut_->plain = {{id.seq + 1, 0}, 0};
        return;
    }
    stream_.cut_->plain = byTime(kPlainLane, id.timeMs);
    approximate_.lanes->push_back({kPlainLane, {}, stream_.cut_->plain});
}

void Resumption::tellForeign(const EventId& id) {
    for (const FamilyCut& family : *id.cut) {
        if (hub_.lanes->find(family.hash)) continue;
        for (std::uint32_t i = 0; i < family.places.size(); ++i)
            approximate_.foreignLanes.push_back(foreignLaneName(family.hash, i));
    }
}

/// A short id of another epoch names nothing: everything is found by time.
void Resumption::tellAll() {
    approximate_.lanes.reset();
}

Place Resumption::byTime(LaneIndex lane, std::uint64_t timeMs) {
    for (const Item& item : kept())
        if (item.isEvent() && item.record->lane == lane &&
            static_cast<std::uint64_t>(item.record->appendMs) >= timeMs)
            return item.record->place();
    return hub_.next[lane];
}

/// The place that the id names; inside a message only if it was mapped by the mappings in force.
Place Resumption::named(const EventId& id, LaneIndex lane, Place place) const {
    const bool mappedBefore = hub_.mappedBefore && place < placeIn(hub_.mappedBefore.get(), lane);
    if (id.gen != hub_.gen || mappedBefore) place.ordinal = 0;
    return place;
}

/// Segments of a log whose successor's base the cut has reached hold nothing but what it covers:
/// reading begins behind them.
std::uint64_t Resumption::cursorOverBases() const {
    const auto covers = [this](const BaseCut* base) {
        if (feed_.plain && stream_.cut_->plain < placeIn(base, kPlainLane)) return false;
        for (std::size_t f = 0; f < feed_.families.size(); ++f)
            for (std::size_t i = 0; i < feed_.families[f].lanes.size(); ++i)
                if (stream_.cut_->families[f][i] < placeIn(base, feed_.families[f].lanes[i]))
                    return false;
        return true;
    };
    std::uint64_t cursor = hub_.horizon;
    for (const ChannelView& channel : context_.channels) {
        // The latest events of keys reach back behind the log.
        if (conflates(channel.view) && stream_.misses(channel.log, channel.view, feed_)) return 0;
        std::uint64_t covered = hub_.horizon;
        const std::vector<LogView::Part>& parts = channel.view.parts;
        for (std::size_t p = 0; p < parts.size(); ++p) {
            const bool laterBegins = p + 1 < parts.size() && covers(parts[p + 1].base.get());
            if (laterBegins) continue;
            covered = parts[p].segment->record(parts[p].begin).seq - 1;
            break;
        }
        cursor = std::min(cursor, covered);
    }
    for (const GapRecord& gap : *hub_.gapRecords)
        if (feed_.concerns(gap.lane)) cursor = std::min(cursor, gap.seq - 1);
    return std::min(cursor, hub_.gapRecordsEvictedSeq > 0 ? std::uint64_t{0} : cursor);
}

const std::vector<Item>& Resumption::kept() {
    if (!kept_) kept_ = itemsAfter(0, context_);
    return *kept_;
}

std::vector<std::uint32_t> familiesToAsk(const ResumeRequest& request, const Feed& feed,
                                         const HubSnapshot& hub, const Epoch& epoch) {
    std::vector<std::uint32_t> hashes;
    if (!request.idText) return hashes;
    const std::optional<EventId> id = readableId(*request.idText, hub, epoch);
    if (!id || !id->cut || id->cut->empty()) return hashes;
    for (const Feed::FamilyLanes& family : feed.families) {
        const FamilyCut* inId = findFamily(*id->cut, family.hash);
        if (inId && isAhead(inId->places, family, hub)) hashes.push_back(family.hash);
    }
    return hashes;
}

std::vector<std::uint32_t> familiesToSeek(const ResumeRequest& request, const Feed& feed) {
    std::vector<std::uint32_t> hashes;
    if (request.idText || request.start.kind != Start::Kind::Since) return hashes;
    for (const Feed::FamilyLanes& family : feed.families) hashes.push_back(family.hash);
    return hashes;
}

Stream resume(const ResumeRequest& request, const TurnContext& context) {
    return Resumption{request, context}.run();
}

}  // namespace sluice
