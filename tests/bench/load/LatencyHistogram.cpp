#include "LatencyHistogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice::bench {

void LatencyHistogram::add(std::int64_t us) noexcept {
    constexpr std::int64_t kLargest = (std::int64_t{1} << kValueBits) - 1;
    const std::int64_t value = std::clamp<std::int64_t>(us, 0, kLargest);
    ++buckets_[bucketOf(static_cast<std::uint64_t>(value))];
    ++count_;
    max_ = std::max(max_, value);
}

std::size_t LatencyHistogram::bucketOf(std::uint64_t us) {
    if (us < 2 * kHalf) return us;
    const auto shift = static_cast<std::size_t>(std::bit_width(us)) - kExactBits;
    return 2 * kHalf + (shift - 1) * kHalf + ((us >> shift) - kHalf);
}

std::int64_t LatencyHistogram::upperBound(std::size_t bucket) {
    if (bucket < 2 * kHalf) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = (bucket - 2 * kHalf) / kHalf + 1;
    const std::size_t top = (bucket - 2 * kHalf) % kHalf + kHalf;
    return static_cast<std::int64_t>(((top + 1) << shift) - 1);
}

std::int64_t LatencyHistogram::quantileUs(double share) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        seen += buckets_[bucket];
        if (seen >= wanted) return std::min(upperBound(bucket), max_);
    }
    return max_;
}

}  // namespace sluice::bench
