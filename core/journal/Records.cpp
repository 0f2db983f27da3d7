#include "journal/Records.h"

#include <utility>

namespace sluice::records {
namespace {

constexpr std::uint64_t kU16 = 0xffff, kU32 = 0xffffffff;
/// Stands in the length of the event line, which is shorter: the event deletes its key.
constexpr std::uint64_t kDeletion = 0x10000;
/// The time of an event is no point in the distant past or future.
std::uint64_t timeOf(std::int64_t ms) {
    return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

std::int64_t readTime(ByteReader& in) {
    return in.upTo<std::int64_t>(~std::uint64_t{0} >> 1);
}

void check(bool isGood) {
    if (!isGood) throw BadBytes{};
}

void writeLanes(ByteWriter& to, const std::vector<LaneRef>& lanes) {
    to.number(lanes.size());
    for (const LaneRef& lane : lanes) {
        to.number(lane.family);
        to.number(lane.index);
    }
}

/// Whether families and lanes name each other, and every lane has its places.
void checkLanes(const HubMemory& memory) {
    const LaneTable& table = memory.lanes;
    check(!table.lanes.empty() && table.lanes.front().family == kNoFamily);
    check(memory.next.size() == table.lanes.size() && memory.kept.size() == table.lanes.size());
    std::size_t named = 1;
    for (FamilyIndex f = 0; f < table.families.size(); ++f)
        for (std::uint32_t i = 0; i < table.families[f].lanes.size(); ++i, ++named) {
            const LaneIndex lane = table.families[f].lanes[i];
            check(lane > 0 && lane < table.lanes.size());
            check(table.lanes[lane].family == f && table.lanes[lane].index == i);
        }
    check(named == table.lanes.size());
    for (const GapRecord& gap : memory.gapRecords) check(gap.lane < table.lanes.size());
    for (const LaneReset& reset : memory.resets) check(reset.lane < table.lanes.size());
}

}  // namespace

void writeKind(std::string& out, Kind kind) {
    out += static_cast<char>(kind);
}

void writeEvent(std::string& out, const KeptEvent& event) {
    const Record& record = event.record;
    ByteWriter to{out};
    to.number(record.seq);
    to.number(record.lane);
    to.position(record.position);
    to.number(record.ordinal);
    to.number(record.of);
    to.number(timeOf(record.appendMs));
    to.number(record.keyLength);
    to.number(record.eventLineLength | (record.isDeletion != 0 ? kDeletion : 0));
    to.number(record.dataLinesLength);
    out += event.bytes;
}

KeptEvent readEvent(ByteReader& in) {
    KeptEvent event;
    Record& record = event.record;
    record.seq = in.number();
    record.lane = in.upTo<LaneIndex>(kU32);
    record.position = in.position();
    record.ordinal = in.upTo<std::uint16_t>(kU16);
    record.of = in.upTo<std::uint16_t>(kU16);
    record.appendMs = readTime(in);
    record.keyLength = in.upTo<std::uint32_t>(kU32);
    const auto eventLine = in.upTo<std::uint32_t>(kDeletion | kU16);
    record.eventLineLength = static_cast<std::uint16_t>(eventLine & kU16);
    record.isDeletion = (eventLine & kDeletion) != 0 ? 1 : 0;
    record.dataLinesLength = in.upTo<std::uint32_t>(kU32);
    event.bytes =
        in.raw(std::size_t{record.keyLength} + record.eventLineLength + record.dataLinesLength);
    return event;
}

void writeGap(std::string& out, const GapRecord& gap) {
    ByteWriter to{out};
    to.number(gap.seq);
    to.number(timeOf(gap.timeMs));
    to.number(gap.lane);
    to.place(gap.from);
    to.place(gap.to);
}

GapRecord readGap(ByteReader& in) {
    GapRecord gap;
    gap.seq = in.number();
    gap.timeMs = readTime(in);
    gap.lane = in.upTo<LaneIndex>(kU32);
    gap.from = in.place();
    gap.to = in.place();
    return gap;
}

void writeFamily(std::string& out, const Family& family) {
    ByteWriter to{out};
    to.text(family.input);
    to.text(family.name);
    to.number(family.hash);
    to.number(static_cast<std::uint64_t>(family.words));
    to.number(family.gone ? 1 : 0);
    to.number(family.lanes.size());
    for (const LaneIndex lane : family.lanes) to.number(lane);
}

Family readFamily(ByteReader& in) {
    Family family;
    family.input = in.text();
    family.name = in.text();
    family.hash = in.upTo<std::uint32_t>(kU32);
    const auto words = in.number();
    check(words == 1 || words == 2);
    family.words = words == 1 ? Words::One : Words::Two;
    family.gone = in.upTo<int>(1) != 0;
    family.lanes.resize(in.count());
    for (LaneIndex& lane : family.lanes) lane = in.upTo<LaneIndex>(kU32);
    return family;
}

void writeLog(std::string& out, const KeptLog& log) {
    ByteWriter to{out};
    to.text(log.channel);
    to.number(log.evictedSeq);
    to.places(log.base ? *log.base : BaseCut{});
}

KeptLog readLog(ByteReader& in) {
    KeptLog log;
    log.channel = in.text();
    log.evictedSeq = in.number();
    log.base = std::make_shared<BaseCut>(in.places());
    return log;
}

void writeMemory(std::string& out, const HubMemory& memory) {
    ByteWriter to{out};
    to.number(memory.seq);
    to.number(timeOf(memory.lastMs));
    to.places(memory.next);
    to.places(memory.kept);
    to.number(memory.lanes.families.size());
    for (const Family& family : memory.lanes.families) writeFamily(out, family);
    writeLanes(to, memory.lanes.lanes);
    to.number(memory.gapRecords.size());
    for (const GapRecord& gap : memory.gapRecords) writeGap(out, gap);
    to.number(memory.gapRecordsEvictedSeq);
    to.number(memory.resets.size());
    for (const LaneReset& reset : memory.resets) {
        to.number(reset.lane);
        to.number(reset.seq);
    }
    to.number(memory.gen);
    to.places(memory.mappedBefore);
    to.places(memory.forgottenBase);
    to.number(memory.forgottenSeq);
    to.number(memory.rewound.size());
    for (const SeqRange& range : memory.rewound) {
        to.number(range.after);
        to.number(range.upTo);
    }
}

HubMemory readMemory(ByteReader& in) {
    HubMemory memory;
    memory.seq = in.number();
    memory.lastMs = readTime(in);
    memory.next = in.places();
    memory.kept = in.places();
    for (std::size_t n = in.count(); n > 0; --n) memory.lanes.families.push_back(readFamily(in));
    memory.lanes.lanes.clear();
    for (std::size_t n = in.count(); n > 0; --n) {
        const auto family = in.upTo<FamilyIndex>(kU32);
        memory.lanes.lanes.push_back({family, in.upTo<std::uint32_t>(kU32)});
    }
    for (std::size_t n = in.count(); n > 0; --n) memory.gapRecords.push_back(readGap(in));
    memory.gapRecordsEvictedSeq = in.number();
    for (std::size_t n = in.count(); n > 0; --n) {
        const auto lane = in.upTo<LaneIndex>(kU32);
        memory.resets.push_back({lane, in.number()});
    }
    memory.gen = in.upTo<std::uint16_t>(kU16);
    memory.mappedBefore = in.places();
    memory.forgottenBase = in.places();
    memory.forgottenSeq = in.number();
    for (std::size_t n = in.count(); n > 0; --n) {
        const std::uint64_t after = in.number();
        memory.rewound.push_back({after, in.number()});
    }
    checkLanes(memory);
    return memory;
}

}  // namespace sluice::records
