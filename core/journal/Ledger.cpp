#include "journal/Ledger.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "journal/Records.h"

namespace sluice {
namespace {

void forget(BaseCut& cut, LaneIndex lane) {
    if (lane < cut.size()) cut[lane] = Place{};
}

void raise(BaseCut& cut, const BaseCut& other) {
    cut.resize(std::max(cut.size(), other.size()));
    for (LaneIndex lane = 0; lane < other.size(); ++lane)
        cut[lane] = std::max(cut[lane], other[lane]);
}

}  // namespace

BaseCutPtr withoutResets(BaseCutPtr base, std::uint64_t firstSeq,
                         const std::vector<LaneReset>& resets) {
    for (const LaneReset& reset : resets) {
        if (firstSeq > reset.seq || placeIn(base.get(), reset.lane) == Place{}) continue;
        auto changed = std::make_shared<BaseCut>(*base);
        forget(*changed, reset.lane);
        base = std::move(changed);
    }
    return base;
}

void Ledger::follow(std::string_view frame, Listener& listener) {
    ByteReader in{frame};
    while (!in.atEnd()) followOne(in, listener);
}

void Ledger::followOne(ByteReader& in, Listener& listener) {
    using records::Kind;
    switch (static_cast<Kind>(in.upTo<std::uint8_t>(0xff))) {
        case Kind::Event:
            return followEvent(in, listener);
        case Kind::Moved: {
            const LaneIndex lane = laneIn(in);
            const Place next = in.place();
            if (lane != kPlainLane) memory.next[lane] = next;
            memory.seq = std::max(memory.seq, in.number());
            return;
        }
        case Kind::Gap:
            return followGap(in);
        case Kind::Reset:
            return followReset(in, listener);
        case Kind::Family:
            memory.lanes.families.push_back(records::readFamily(in));
            return;
        case Kind::Lane: {
            const auto index = in.upTo<FamilyIndex>(kNoFamily);
            const Place start{in.position(), 0};
            if (index >= memory.lanes.families.size()) throw BadBytes{};
            Family& family = memory.lanes.families[index];
            const auto lane = static_cast<LaneIndex>(memory.lanes.lanes.size());
            memory.lanes.lanes.push_back({index, static_cast<std::uint32_t>(family.lanes.size())});
            family.lanes.push_back(lane);
            memory.next.push_back(start);
            memory.kept.push_back(start);
            return;
        }
        case Kind::Retired: {
            const auto index = in.upTo<FamilyIndex>(kNoFamily);
            if (index >= memory.lanes.families.size()) throw BadBytes{};
            memory.lanes.families[index].gone = true;
            return;
        }
        case Kind::Remapped:
            memory.gen = in.upTo<std::uint16_t>(0xffff);
            memory.mappedBefore = now();
            return;
        case Kind::Evicted:
            return followEvicted(in, listener);
        case Kind::Collected:
            return followCollected(in, listener);
        case Kind::Everything:
            return followEverything(in, listener);
    }
    throw BadBytes{};
}

LaneIndex Ledger::laneIn(ByteReader& in) const {
    const auto lane = in.upTo<LaneIndex>(0xffffffff);
    if (lane >= memory.lanes.lanes.size()) throw BadBytes{};
    return lane;
}

BaseCut Ledger::now() const {
    BaseCut cut = memory.next;
    cut[kPlainLane] = {{memory.seq + 1, 0}, 0};
    return cut;
}

void Ledger::followEvent(ByteReader& in, Listener& listener) {
    const KeptEvent event = records::readEvent(in);
    const Record& record = event.record;
    if (record.lane >= memory.lanes.lanes.size()) throw BadBytes{};
    const auto base = [&] {
        auto cut = std::make_shared<BaseCut>(now());
        (*cut)[kPlainLane] = {{record.seq, 0}, 0};
        (*cut)[record.lane] = record.place();
        return BaseCutPtr{std::move(cut)};
    };
    for (std::size_t n = in.count(); n > 0; --n) {
        const std::string_view name = in.text();
        auto found = channels.find(name);
        if (found == channels.end()) {
            found = channels.emplace(std::string{name}, Channel{}).first;
            found->second.evictedSeq = memory.forgottenSeq;
            found->second.base = std::make_shared<BaseCut>(memory.forgottenBase);
        }
        listener.event(found->first, found->second, event, base);
        found->second.lastSeq = record.seq;
    }
    memory.seq = std::max(memory.seq, record.seq);
    memory.lastMs = std::max(memory.lastMs, record.appendMs);
    if (record.lane == kPlainLane) return;
    const Words words = memory.lanes.families[memory.lanes.lanes[record.lane].family].words;
    memory.next[record.lane] = placeAfter(record.place(), record.of, words);
}

void Ledger::followGap(ByteReader& in) {
    const GapRecord gap = records::readGap(in);
    if (gap.lane >= memory.lanes.lanes.size()) throw BadBytes{};
    const std::uint64_t evictedSeq = in.number();
    memory.gapRecords.push_back(gap);
    std::erase_if(memory.gapRecords, [&](const GapRecord& one) { return one.seq <= evictedSeq; });
    memory.gapRecordsEvictedSeq = std::max(memory.gapRecordsEvictedSeq, evictedSeq);
    boundGapRecords();
    memory.seq = std::max(memory.seq, gap.seq);
    memory.lastMs = std::max(memory.lastMs, gap.timeMs);
    memory.kept[gap.lane] = gap.to;
    if (gap.lane != kPlainLane) memory.next[gap.lane] = gap.to;
}

void Ledger::boundGapRecords() {
    if (memory.gapRecords.size() <= kGapRecordsMax) return;
    const auto end = memory.gapRecords.end() - static_cast<std::ptrdiff_t>(kGapRecordsMax);
    memory.gapRecordsEvictedSeq = std::max(memory.gapRecordsEvictedSeq, (end - 1)->seq);
    memory.gapRecords.erase(memory.gapRecords.begin(), end);
}

void Ledger::followReset(ByteReader& in, Listener& listener) {
    const LaneIndex lane = laneIn(in);
    const std::uint64_t seq = in.number();
    const Place low{in.position(), 0};
    std::erase_if(memory.resets, [lane](const LaneReset& reset) { return reset.lane == lane; });
    memory.resets.push_back({lane, seq});
    std::erase_if(memory.gapRecords, [lane](const GapRecord& gap) { return gap.lane == lane; });
    for (auto& [name, channel] : channels) {
        if (placeIn(channel.base.get(), lane) == Place{}) continue;
        channel.base = withoutResets(channel.base, 0, {{lane, seq}});
        listener.changed(name);
    }
    forget(memory.forgottenBase, lane);
    forget(memory.mappedBefore, lane);
    memory.seq = std::max(memory.seq, seq);
    memory.next[lane] = memory.kept[lane] = low;
}

void Ledger::followEvicted(ByteReader& in, Listener& listener) {
    const std::string_view name = in.text();
    const std::uint64_t upTo = in.number();
    const auto found = channels.find(name);
    if (found == channels.end()) return;  // its events were never told
    evict(found->second, upTo);
    listener.changed(found->first);
}

void Ledger::evict(Channel& channel, std::uint64_t upTo) const {
    if (upTo <= channel.evictedSeq) return;
    channel.evictedSeq = upTo;
    const bool isEmptied = upTo >= channel.lastSeq;
    channel.base = isEmptied ? std::make_shared<BaseCut>(now()) : nullptr;
}

void Ledger::followCollected(ByteReader& in, Listener& listener) {
    const auto found = channels.find(in.text());
    if (found == channels.end()) return;
    const Channel& channel = found->second;
    if (channel.base) raise(memory.forgottenBase, *channel.base);
    memory.forgottenSeq = std::max({memory.forgottenSeq, channel.evictedSeq, channel.lastSeq});
    listener.gone(found->first);
    channels.erase(found);
}

/// The hub tells all that it knows after something was let go: only what it evicted meanwhile is
/// new for the channels, and the records of what was let go stand among its gap records.
void Ledger::followEverything(ByteReader& in, Listener& listener) {
    HubMemory fresh = records::readMemory(in);
    fresh.rewound = std::move(memory.rewound);
    std::vector<GapRecord> earlier = std::move(memory.gapRecords);
    const auto isKnown = [&](const GapRecord& gap) {
        return std::any_of(fresh.gapRecords.begin(), fresh.gapRecords.end(),
                           [&](const GapRecord& one) { return one.seq == gap.seq; });
    };
    for (const GapRecord& gap : earlier) {
        const bool wasReset = std::any_of(
            fresh.resets.begin(), fresh.resets.end(),
            [&](const LaneReset& reset) { return reset.lane == gap.lane && reset.seq > gap.seq; });
        if (!wasReset && gap.seq > fresh.gapRecordsEvictedSeq && !isKnown(gap))
            fresh.gapRecords.push_back(gap);
    }
    std::sort(fresh.gapRecords.begin(), fresh.gapRecords.end(),
              [](const GapRecord& a, const GapRecord& b) { return a.seq < b.seq; });
    memory = std::move(fresh);
    boundGapRecords();

    std::map<std::string, KeptLog, std::less<>> logs;
    for (std::size_t n = in.count(); n > 0; --n) {
        KeptLog log = records::readLog(in);
        std::string name = log.channel;
        logs.emplace(std::move(name), std::move(log));
    }
    for (auto channel = channels.begin(); channel != channels.end();) {
        if (logs.contains(channel->first)) {
            ++channel;
            continue;
        }
        listener.gone(channel->first);
        channel = channels.erase(channel);
    }
    for (auto& [name, log] : logs) {
        Channel& channel = channels[name];
        const bool hasEvicted = log.evictedSeq > channel.evictedSeq;
        const bool hasEvents = log.evictedSeq < channel.lastSeq;
        if (hasEvents && (hasEvicted || !channel.base))
            channel.base = nullptr;
        else
            channel.base = log.base;
        channel.evictedSeq = std::max(channel.evictedSeq, log.evictedSeq);
        listener.changed(name);
    }
}

void Ledger::skipTo(std::uint64_t upTo) {
    memory.rewound.push_back({memory.seq, upTo});
    if (memory.rewound.size() > kRewoundMax) {
        memory.rewound[1].after = memory.rewound[0].after;
        memory.rewound.erase(memory.rewound.begin());
    }
    const Place after{{upTo + 1, 0}, 0};
    memory.gapRecords.push_back({upTo, memory.lastMs, kPlainLane, {{memory.seq + 1, 0}, 0}, after});
    boundGapRecords();
    memory.kept[kPlainLane] = after;
    memory.seq = upTo;
}

}  // namespace sluice
