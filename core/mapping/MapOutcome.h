#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mapping/Rejection.h"

namespace sluice {

/// A message that failed, as people see it: the first of its kind.
struct RejectedSample {
    Rejection reason = Rejection::NoValue;
    std::string text;           // why
    std::string topic;          // shortened
    std::uint32_t mapping = 0;  // number of the rule in the file, from 1
    std::string payload;        // its beginning, any bytes, with what is hidden left out
    std::size_t payloadBytes = 0;
};
/// Longest beginning of a payload that a sample keeps.
inline constexpr std::size_t kSampleBytesMax = 512;

/// A message that a rule failed on and wants to keep, for a file.
struct DeadLetter {
    std::string file;
    std::string line;  // JSON without a line break
};

/// What became of messages. Each message counts once: mapped if it yielded an event, else rejected
/// if some rule failed on it, else filtered, or unmatched where no rule takes its topic.
struct MapOutcome {
    using ByReason = std::array<std::uint64_t, kRejections>;

    std::uint64_t mapped = 0, filtered = 0, unmatched = 0;
    ByReason rejected{};            // messages, by the first reason
    ByReason rejectedEvents{};      // by rule, also of mapped messages and of those that passed
    ByReason leftOut{};             // fields that `data` could not have
    std::uint64_t deadLetters = 0;  // events on the channels that on_error names
    std::vector<std::uint64_t> eventsByRule;  // by CompiledRule::index
    std::vector<std::string> notes;           // for people: the first of each kind of failure
    std::vector<RejectedSample> samples;
    std::vector<DeadLetter> letters;

    /// Makes it as new, but for memory that it keeps.
    void clear();
};

inline void MapOutcome::clear() {
    mapped = filtered = unmatched = deadLetters = 0;
    for (ByReason* const counts : {&rejected, &rejectedEvents, &leftOut}) counts->fill(0);
    std::fill(eventsByRule.begin(), eventsByRule.end(), 0);
    notes.clear();
    samples.clear();
    letters.clear();
}

}  // namespace sluice
