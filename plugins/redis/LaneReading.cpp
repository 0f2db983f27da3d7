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
            return atTime(key, *sinceMs_, now);
        case Live:
            break;
    }
    if (plan_.rewind.count() == 0) return now.end();
    // Ids are the server's times, or run ahead of its clock, or are no times at all.
    const auto lastMs = static_cast<std::int64_t>(
        std::min<std::uint64_t>(now.last.ms, std::numeric_limits<std::int64_t>::max()));
    return atTime(key, std::min(serverTimeMs(asker_, options_), lastMs) - plan_.rewind.count(),
                  now);
}

/// The position behind the last entry before that time. Were it the time itself, a reader who has
/// all up to that entry would be told that something between is gone, although nothing ever was
/// there.
StreamId LaneReading::atTime(const std::string& key, std::int64_t timeMs, const StreamInfo& now) {
    const StreamId wanted{static_cast<std::uint64_t>(std::max<std::int64_t>(timeMs, 0)), 0};
    if (wanted <= now.low()) return now.low();
    return std::clamp(behindLastBefore(wanted, key, asker_, options_).value_or(wanted), now.low(),
                      now.end());
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

}  // namespace sluice::redis
