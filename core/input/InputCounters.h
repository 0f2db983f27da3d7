#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "mapping/Mapper.h"

namespace sluice {

/// Upper bounds of the buckets of the ingest delay (source time to append), in microseconds; one
/// more bucket takes the rest.
inline constexpr std::array<std::int64_t, 14> kIngestBoundsUs{
    1'000,   2'500,   5'000,     10'000,    25'000,    50'000,     100'000,
    250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 60'000'000};

/// Delays of messages that carry a time of their source.
struct IngestDelays {
    std::array<std::uint64_t, kIngestBoundsUs.size() + 1> buckets{};  // not cumulative
    std::uint64_t sumUs = 0;

    void add(std::int64_t delayMs);
};

/// The books of an input: received = mapped + filtered + unmatched + redelivered + rejected.
struct InputCounts {
    std::uint64_t received = 0;
    std::uint64_t mapped = 0, filtered = 0, unmatched = 0, redelivered = 0;
    std::array<std::uint64_t, kRejections> rejected{};        // messages, by the first reason
    std::array<std::uint64_t, kRejections> rejectedEvents{};  // by rule, also of mapped messages
    std::array<std::uint64_t, kRejections> leftOut{};         // fields that `data` could not have
    std::uint64_t deadLetters = 0;                            // that were kept somewhere
    std::uint64_t deadLettersLost = 0;                        // that their file did not take
    std::uint64_t breaches =
        0;                   // calls that broke the plugin contract; their messages count nowhere
    std::uint64_t lost = 0;  // reports of messages that will never come
    std::uint64_t restarts = 0;
    IngestDelays ingest;

    std::uint64_t rejectedInAll() const;
};

/// InputCounts that any thread may add to.
class InputCounters {
  public:
    /// Adds what became of `received` messages, `redelivered` of them dropped unmapped.
    void add(std::uint64_t received, std::uint64_t redelivered, const MapOutcome& outcome,
             const std::optional<IngestDelays>& delays);
    void addDeadLetters(std::uint64_t written, std::uint64_t lost);
    void addBreach() { breaches_.fetch_add(1, std::memory_order_relaxed); }
    void addLost() { lost_.fetch_add(1, std::memory_order_relaxed); }
    void addRestart() { restarts_.fetch_add(1, std::memory_order_relaxed); }
    InputCounts counts() const;

  private:
    using Counter = std::atomic<std::uint64_t>;
    Counter received_{0}, mapped_{0}, filtered_{0}, unmatched_{0}, redelivered_{0};
    Counter breaches_{0}, lost_{0}, restarts_{0}, ingestSumUs_{0};
    Counter deadLetters_{0}, deadLettersLost_{0};
    std::array<Counter, kRejections> rejected_{}, rejectedEvents_{}, leftOut_{};
    std::array<Counter, kIngestBoundsUs.size() + 1> ingest_{};
};

}  // namespace sluice
