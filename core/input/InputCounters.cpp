#include "input/InputCounters.h"

#include <algorithm>
#include <numeric>

namespace sluice {
namespace {

void addTo(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
    if (amount > 0) counter.fetch_add(amount, std::memory_order_relaxed);
}

}  // namespace

void IngestDelays::add(std::int64_t delayMs) {
    // Clocks of two machines: a message from the future has no delay.
    constexpr std::int64_t kLongestMs = 1'000'000'000'000;
    const std::int64_t delayUs = std::clamp<std::int64_t>(delayMs, 0, kLongestMs) * 1'000;
    const auto bound = std::lower_bound(kIngestBoundsUs.begin(), kIngestBoundsUs.end(), delayUs);
    ++buckets[static_cast<std::size_t>(bound - kIngestBoundsUs.begin())];
    sumUs += static_cast<std::uint64_t>(delayUs);
}

std::uint64_t InputCounts::rejectedInAll() const {
    return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

void InputCounters::add(std::uint64_t received, std::uint64_t redelivered,
                        const MapOutcome& outcome, const std::optional<IngestDelays>& delays) {
    addTo(received_, received);
    addTo(redelivered_, redelivered);
    addTo(mapped_, outcome.mapped);
    addTo(filtered_, outcome.filtered);
    addTo(unmatched_, outcome.unmatched);
    for (std::size_t i = 0; i < kRejections; ++i) {
        addTo(rejected_[i], outcome.rejected[i]);
        addTo(rejectedEvents_[i], outcome.rejectedEvents[i]);
        addTo(leftOut_[i], outcome.leftOut[i]);
    }
    addTo(deadLetters_, outcome.deadLetters);
    if (!delays) return;
    for (std::size_t i = 0; i < delays->buckets.size(); ++i) addTo(ingest_[i], delays->buckets[i]);
    addTo(ingestSumUs_, delays->sumUs);
}

void InputCounters::addDeadLetters(std::uint64_t written, std::uint64_t lost) {
    addTo(deadLetters_, written);
    addTo(deadLettersLost_, lost);
}

InputCounts InputCounters::counts() const {
    InputCounts counts;
    counts.received = received_;
    counts.mapped = mapped_;
    counts.filtered = filtered_;
    counts.unmatched = unmatched_;
    counts.redelivered = redelivered_;
    counts.breaches = breaches_;
    counts.lost = lost_;
    counts.restarts = restarts_;
    counts.deadLetters = deadLetters_;
    counts.deadLettersLost = deadLettersLost_;
    for (std::size_t i = 0; i < kRejections; ++i) {
        counts.rejected[i] = rejected_[i];
        counts.rejectedEvents[i] = rejectedEvents_[i];
        counts.leftOut[i] = leftOut_[i];
    }
    for (std::size_t i = 0; i < ingest_.size(); ++i) counts.ingest.buckets[i] = ingest_[i];
    counts.ingest.sumUs = ingestSumUs_;
    return counts;
}

}  // namespace sluice
