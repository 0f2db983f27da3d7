#include "LaneReading.h"

#include <algorithm>

#include "PlainLane.h"

namespace sluice::redis {
namespace {

constexpr std::uint32_t kWords = 2;

sluice_lane_ends endsOf(const StreamInfo& now) {
    sluice_lane_ends ends{};
    ends.flags = SLUICE_ENDS_KNOWN;
    ends.low = now.low().position();
    ends.end = now.end().position();
    return ends;
}

}  // namespace

std::size_t ReadSize::of(std::size_t streams) const {
    const std::size_t share = Reading::kEntriesMax / std::max<std::size_t>(streams, 1);
    return std::min(std::max(share, Reading::kEntriesLeast), most_);
}

void ReadSize::enough() {
    most_ = std::min(most_ * 2, Reading::kEntriesOfOneMax);
}

LaneReading::LaneReading(const plugin::Host& host, const Options& options, Connection& asker,
                         StartPlan plan)
    : host_(host),
      options_(options),
      asker_(asker),
      plan_(std::move(plan)),
      rule_(options.start),
      writer_(host, options.payloadField) {
    // Who was read before has begun already.
    if (!plan_.positions.empty()) rule_ = {};
}

// -- where a lane begins

bool LaneReading::see(const std::string& key, const StreamInfo& now, bool isBorn, Fault&) {
    const auto found = lanes_.find(key);
    if (found == lanes_.end())
        begin(key, now, isBorn);
    else
        settle(key, found->second, {}, now);
    Lane& lane = lanes_.find(key)->second;
    lane.end = now.end();
    lane.isPaused = false;
    return true;
}

void LaneReading::begin(const std::string& key, const StreamInfo& now, bool isBorn) {
    const StreamId start = startOf(key, now, isBorn);
    const bool isCarriedOn = plan_.positions.erase(key) > 0;
    Lane lane;
    lane.progress.next = start;
    const bool isCounted = now.added != StreamInfo::kUncounted && !isCarriedOn;
    if (isCounted && start == StreamId{})
        lane.progress.added = 0;
    else if (isCounted && start == now.end())
        lane.progress.added = now.added;
    else if (isCounted && now.first && start <= *now.first && !now.hasHoles())
        lane.progress.added = now.addedBeforeFirst();
    sluice_lane_ends ends = endsOf(now);
    ends.flags |= SLUICE_ENDS_HAS_START;
    ends.start = start.position();
    expectOk(host_.lanes(key, {&ends, 1}, kWords));
    settle(key, lanes_.emplace(key, lane).first->second, {}, now);
}

StreamId LaneReading::startOf(const std::string& key, const StreamInfo& now, bool isBorn) {
    using enum plugin::StartRule::Kind;
    if (const auto found = plan_.positions.find(key); found != plan_.positions.end())
        return found->second;
    if (isBorn) return {};
    switch (rule_.kind) {
        case Earliest:
            return now.low();
        case Since:
            if (!sinceMs_)
                sinceMs_ = rule_.isRelative ? serverTimeMs(asker_, options_) - rule_.sinceMs
                                            : rule_.sinceMs;
            return atTime(*sinceMs_, now);
        case Live:
            break;
    }
    if (plan_.rewind.count() == 0) return now.end();
    // Ids are the server's times, or run ahead of its clock, or are no times at all.
    const auto lastMs = static_cast<std::int64_t>(
        std::min<std::uint64_t>(now.last.ms, std::numeric_limits<std::int64_t>::max()));
    return atTime(std::min(serverTimeMs(asker_, options_), lastMs) - plan_.rewind.count(), now);
}

/// The first id that there can be from that time on, of what is there.
StreamId LaneReading::atTime(std::int64_t timeMs, const StreamInfo& now) const {
    const StreamId wanted{static_cast<std::uint64_t>(std::max<std::int64_t>(timeMs, 0)), 0};
    return std::clamp(wanted, now.low(), now.end());
}

void LaneReading::lose(const std::string& key) {
    const bool wasDeclared = lanes_.erase(key) + plan_.positions.erase(key) > 0;
    if (wasDeclared) expectOk(host_.lanes(key, {}, kWords));
}

void LaneReading::pause(const std::string& key) {
    if (const auto lane = lanes_.find(key); lane != lanes_.end()) lane->second.isPaused = true;
}

void LaneReading::answer(const std::string& key, const StreamInfo* now) {
    if (now == nullptr) return expectOk(host_.lanes(key, {}, kWords));
    if (!lanes_.contains(key)) return;  // its declaration will answer
    const sluice_lane_ends ends = endsOf(*now);
    expectOk(host_.lanes(key, {&ends, 1}, kWords));
}

/// Tells what is gone. False: the stream began anew, and the entries are not the next ones.
bool LaneReading::settle(const std::string& key, Lane& lane, std::span<const StreamId> entries,
                         const StreamInfo& now) {
    const Verdict verdict = judge(lane.progress, entries, now);
    const StreamId next = lane.progress.next;
    if (verdict.kind != Verdict::Kind::Whole) {
        const bool isReset = verdict.kind == Verdict::Kind::Reset;
        tellLost(key, next, verdict.to, isReset ? SLUICE_RESET : SLUICE_LOST);
    }
    lane.progress = verdict.after;
    return verdict.kind != Verdict::Kind::Reset;
}

// -- reading

bool LaneReading::put(Connection& connection, std::span<const std::string> missing,
                      std::chrono::milliseconds block) {
    asked_.clear();
    reader_ = &connection;
    std::vector<Lanes::const_iterator> lanes;
    for (auto lane = lanes_.cbegin(); lane != lanes_.cend(); ++lane)
        if (!lane->second.isPaused) lanes.push_back(lane);
    const std::size_t streams = lanes.size() + missing.size();
    if (streams == 0) return false;
    const std::string count = std::to_string(size_.of(streams));
    const std::string blockMs = std::to_string(block.count());
    std::vector<std::string> ids;
    ids.reserve(streams);
    std::vector<std::string_view> words{"XREAD", "COUNT", count};
    if (block.count() > 0) words.insert(words.end(), {"BLOCK", blockMs});
    words.emplace_back("STREAMS");
    for (const auto& lane : lanes) {
        words.emplace_back(lane->first);
        const StreamId next = lane->second.progress.next;
        ids.push_back(next == StreamId{} ? next.text() : next.before().text());
        asked_[lane->first] = {next, lane->second.end};
    }
    for (const std::string& key : missing) {
        words.emplace_back(key);
        ids.push_back(StreamId{}.text());
    }
    words.insert(words.end(), ids.begin(), ids.end());
    connection.put(words);
    return true;
}

void LaneReading::take(const Reply& reply, std::set<std::string>& toLook) {
    std::vector<Given> given = givenBy(reply, toLook);
    std::vector<std::string> keys;
    for (const Given& one : given) keys.push_back(one.lane->first);
    // Asked behind the read: see judge().
    const std::vector<Look> looks = lookAt(asker_, keys, options_);
    for (std::size_t i = 0; i < given.size(); ++i) {
        deliver(given[i], looks[i]);
        if (looks[i].place != Look::Place::Here) toLook.insert(keys[i]);
    }
    flush();
    passHoles();
    asked_.clear();
}

/// What the reply gives of lanes that still stand where the read began.
std::vector<LaneReading::Given> LaneReading::givenBy(const Reply& reply,
                                                     std::set<std::string>& toLook) {
    std::vector<Given> all;
    bool isWhole = true;
    for (const Reply& stream : reply.items) {
        if (!stream.isArray(2) || stream.items[0].kind != Reply::Kind::String) continue;
        const auto lane = lanes_.find(stream.items[0].text);
        if (lane == lanes_.end()) {
            toLook.emplace(stream.items[0].text);
            continue;
        }
        const auto asked = asked_.extract(lane->first);
        if (asked.empty() || asked.mapped().from != lane->second.progress.next) continue;
        Given given{lane, {}, {}};
        isWhole = takeEntries(stream.items[1], &stream == reply.items.data(), given) && isWhole;
        if (!given.entries.empty()) all.push_back(std::move(given));
    }
    if (isWhole)
        size_.enough();
    else
        size_.tooMuch();
    return all;
}

/// False: the rest of them was left out of the reply.
bool LaneReading::takeEntries(const Reply& items, bool isFirst, Given& given) {
    for (const Reply& item : items.items) {
        auto entry = Entry::parse(item);
        if (!entry)
            reader_->fail({Fault::Weight::Definite, "protocol",
                           options_.shown + " answered XREAD with something else"});
        if (entry->kind == Entry::Kind::Dropped) {
            // With nothing but itself in the reply, it is too long by itself.
            if (!isFirst || !size_.isLeast() || !given.entries.empty()) return false;
            entry->kind = Entry::Kind::TooLong;
        }
        given.ids.push_back(entry->id);
        given.entries.push_back(std::move(*entry));
    }
    return true;
}

void LaneReading::deliver(Given& given, const Look& look) {
    const std::string& key = given.lane->first;
    Lane& lane = given.lane->second;
    if (look.place == Look::Place::Here) {
        if (!settle(key, lane, given.ids, look.info)) return;
        lane.end = look.info.end();
    } else {
        // Gone since it was read, so nobody can say what was in front.
        if (given.ids.front() != lane.progress.next)
            tellLost(key, lane.progress.next, given.ids.front(), SLUICE_LOST);
        lane.progress = {given.ids.back().next(), std::nullopt};
    }
    push(key, given);
}

void LaneReading::push(const std::string& key, const Given& given) {
    for (const Entry& entry : given.entries) {
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

/// Streams that had nothing to give up to the end that was known before: what was there up to it is
/// deleted, and reading stands behind it.
void LaneReading::passHoles() {
    std::vector<std::string> keys;
    for (const auto& [key, asked] : asked_) {
        const auto lane = lanes_.find(key);
        if (lane != lanes_.end() && lane->second.progress.next == asked.from &&
            asked.from < asked.end)
            keys.push_back(key);
    }
    if (keys.empty()) return;
    const std::vector<Look> looks = lookAt(asker_, keys, options_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (looks[i].place != Look::Place::Here) continue;  // the next look will act
        Lane& lane = lanes_.find(keys[i])->second;
        const StreamId end = asked_.find(keys[i])->second.end;
        if (!settle(keys[i], lane, {}, looks[i].info) || lane.progress.next >= end) continue;
        expectOk(host_.at(keys[i], 0, end.position()));
        lane.progress = {end, std::nullopt};
        if (end == looks[i].info.end()) lane.progress.added = looks[i].info.added;
    }
}

}  // namespace sluice::redis
