#include "delivery/DeliveryCounts.h"

#include <algorithm>

namespace sluice {

std::string_view nameOf(CloseReason reason) {
    static constexpr std::array<std::string_view, kCloseReasons> kNames{
        "client", "stalled", "ended", "drained", "shed", "refused", "expired", "revoked"};
    return kNames[static_cast<std::size_t>(reason)];
}

void DelayHistogram::observe(std::int64_t us, std::uint64_t times) noexcept {
    const std::int64_t delayUs = std::max<std::int64_t>(us, 0);
    const auto bucket = std::lower_bound(kDelayBucketsUs.begin(), kDelayBucketsUs.end(), delayUs);
    buckets[static_cast<std::size_t>(bucket - kDelayBucketsUs.begin())] += times;
    sumUs += static_cast<std::uint64_t>(delayUs) * times;
}

void DelayHistogram::add(const DelayHistogram& other) noexcept {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    sumUs += other.sumUs;
}

void DeliveryCounts::add(const DeliveryCounts& other) noexcept {
    deliveries += other.deliveries;
    bytes += other.bytes;
    for (std::size_t i = 0; i < gaps.size(); ++i) gaps[i] += other.gaps[i];
    for (std::size_t i = 0; i < closed.size(); ++i) closed[i] += other.closed[i];
    skipped += other.skipped;
    conflated += other.conflated;
    sampled += other.sampled;
    adopted += other.adopted;
    resolving += other.resolving;
    live += other.live;
    catchingUp += other.catchingUp;
    straggling += other.straggling;
    subscriptions += other.subscriptions;
    herds += other.herds;
    stragglerBytes += other.stragglerBytes;
    delay.add(other.delay);
    turn.add(other.turn);
}

}  // namespace sluice
