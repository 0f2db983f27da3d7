#include <algorithm>

#include "LaneReading.h"
#include "PlainLane.h"

namespace sluice::redis {
namespace {

/// XREAD COUNT count [BLOCK block] STREAMS keys ids
void putRead(Connection& connection, std::string_view count, std::string_view blockMs,
             const std::vector<std::string_view>& keys, const std::vector<std::string>& ids) {
    std::vector<std::string_view> words{"XREAD", "COUNT", count};
    if (blockMs != "0") words.insert(words.end(), {"BLOCK", blockMs});  // 0 would be for ever
    words.emplace_back("STREAMS");
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), ids.begin(), ids.end());
    connection.put(words);
}

}  // namespace

/// Only waits: one entry of each stream shows that there are some. They are read by readTogether().
bool LaneReading::put(Connection& connection, std::span<const std::string> missing,
                      std::chrono::milliseconds block) {
    reader_ = &connection;
    std::vector<std::string_view> keys;
    std::vector<std::string> ids;
    for (const auto& [key, lane] : lanes_) {
        if (lane.isPaused) continue;
        keys.emplace_back(key);
        ids.push_back(lane.progress.next.readBehind());
    }
    for (const std::string& key : missing) {
        keys.emplace_back(key);
        ids.push_back(StreamId{}.readBehind());
    }
    if (keys.empty()) return false;
    putRead(connection, "1", std::to_string(block.count()), keys, ids);
    return true;
}

std::optional<Fault> LaneReading::take(const Reply& reply, std::set<std::string>& toLook) {
    std::vector<Lanes::iterator> lanes = givenBy(reply, toLook);
    std::optional<Fault> fault;
    for (int round = 0; !lanes.empty() && round < kRoundsMax && !fault; ++round) {
        std::vector<Lanes::iterator> more;
        for (std::size_t from = 0; from < lanes.size() && !fault; from += kTogetherMax) {
            const std::span some(lanes.begin() + static_cast<std::ptrdiff_t>(from),
                                 std::min(kTogetherMax, lanes.size() - from));
            fault = readTogether(some, more, toLook);
        }
        lanes = std::move(more);
    }
    return fault;
}

/// The lanes that have something to give, and those that stand before an end although they have
/// not: what was there is deleted.
std::vector<LaneReading::Lanes::iterator> LaneReading::givenBy(const Reply& reply,
                                                               std::set<std::string>& toLook) {
    std::set<std::string_view> given;
    for (const Reply& stream : reply.items) {
        if (!stream.isArray(2) || stream.items[0].kind != Reply::Kind::String) continue;
        given.insert(stream.items[0].text);
        if (!lanes_.contains(stream.items[0].text)) toLook.emplace(stream.items[0].text);
    }
    std::vector<Lanes::iterator> lanes;
    for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
        const bool isBehind = lane->second.progress.next < lane->second.end;
        if (!lane->second.isPaused && (isBehind || given.contains(lane->first)))
            lanes.push_back(lane);
    }
    reader_->forget();
    return lanes;
}

/// What the lanes have and what the server says of their streams, at one moment: entries come
/// and go between two commands. Those that may have more are added to `more`.
std::optional<Fault> LaneReading::readTogether(std::span<const Lanes::iterator> lanes,
                                               std::vector<Lanes::iterator>& more,
                                               std::set<std::string>& toLook) {
    const std::size_t count = size_.of(lanes.size());
    putTransaction(lanes, count);
    std::string refusal;
    for (std::size_t i = 0; i < lanes.size() + 2; ++i)  // MULTI and what it holds
        if (const Reply& reply = reader_->receive(); reply.kind == Reply::Kind::Error)
            if (refusal.empty()) refusal = reply.text;
    const Reply& all = reader_->receive();
    if (refusal.empty() && all.kind == Reply::Kind::Error) refusal = all.text;
    if (refusal.empty() && !all.isArray(lanes.size() + 1)) failToUnderstand();
    if (refusal.empty() && all.items[0].kind == Reply::Kind::Error) refusal = all.items[0].text;
    if (!refusal.empty()) {
        reader_->forget();
        return describe(refusal, options_);
    }
    std::vector<Given> given = entriesOf(lanes, all.items[0]);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const auto now = StreamInfo::parse(all.items[i + 1]);
        if (!now)
            toLook.insert(lanes[i]->first);  // it has just gone
        else if (deliver(given[i], *now) &&
                 (given[i].page.ids.size() == count || given[i].page.isCut))
            more.push_back(lanes[i]);
    }
    flush();
    reader_->forget();
    return std::nullopt;
}

/// The entries first: they shall have the room of the reply.
void LaneReading::putTransaction(std::span<const Lanes::iterator> lanes, std::size_t count) {
    std::vector<std::string_view> keys;
    std::vector<std::string> ids;
    for (const auto& lane : lanes) {
        keys.emplace_back(lane->first);
        ids.push_back(lane->second.progress.next.readBehind());
    }
    reader_->put({"MULTI"});
    putRead(*reader_, std::to_string(count), "0", keys, ids);
    for (const std::string_view key : keys) reader_->put({"XINFO", "STREAM", key});
    reader_->put({"EXEC"});
    reader_->flush();
}

/// The entries of each lane, in the order of the lanes.
std::vector<LaneReading::Given> LaneReading::entriesOf(std::span<const Lanes::iterator> lanes,
                                                       const Reply& reply) {
    std::vector<Given> given;
    for (const auto& lane : lanes) given.push_back({lane, {}});
    bool isWhole = true;
    // Streams stand in the order in which they were asked for; those with nothing are not there.
    auto lane = given.begin();
    for (const Reply& stream : reply.items) {
        if (!stream.isArray(2)) failToUnderstand();
        const std::string_view key = stream.items[0].text;
        while (lane != given.end() && lane->lane->first != key) ++lane;
        if (lane == given.end()) failToUnderstand();
        const bool isFirst = &stream == reply.items.data();
        if (!lane->page.take(stream.items[1], isFirst && size_.isLeast())) failToUnderstand();
        isWhole = isWhole && !lane->page.isCut;
    }
    if (isWhole)
        size_.enough();
    else
        size_.tooMuch();
    return given;
}

void LaneReading::failToUnderstand() {
    reader_->fail({Fault::Weight::Definite, "protocol",
                   options_.shown + " answered XREAD with something else"});
}

/// False: the stream began anew, and the entries are not its next ones.
bool LaneReading::deliver(const Given& given, const StreamInfo& now) {
    const std::string& key = given.lane->first;
    Lane& lane = given.lane->second;
    lane.end = now.end();
    if (!settle(key, lane, given.page.ids, now)) return false;
    push(key, given);
    if (given.page.entries.empty() && !given.page.isCut && lane.progress.next < now.end()) {
        flush();
        expectOk(host_.at(key, 0, now.end().position()));
        lane.progress = {now.end(), std::nullopt};
        if (now.added != StreamInfo::kUncounted) lane.progress.added = now.added;
    }
    return true;
}

void LaneReading::push(const std::string& key, const Given& given) {
    for (const Entry& entry : given.page.entries) {
        if (entry.kind == Entry::Kind::TooLong) {
            tellLost(key, entry.id, entry.id.next(), SLUICE_LOST);
            tooLong_.note(host_, "entry " + std::string(entry.idText) + " of " + key);
            continue;
        }
        writer_.add(batch_, key, entry, *reader_).lane(key, 0, entry.id.ms, entry.id.seq);
        if (batch_.size() == kEntriesMax) flush();
    }
}

void LaneReading::tellLost(const std::string& key, StreamId from, StreamId to,
                           sluice_lost_reason reason) {
    flush();
    expectOk(host_.lost(key, 0, from.position(), to.position(), reason));
}

void LaneReading::flush() {
    if (!batch_.empty()) expectOk(host_.push(batch_));
}

}  // namespace sluice::redis
