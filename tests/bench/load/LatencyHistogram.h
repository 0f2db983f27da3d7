#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::bench {

// Latencies in microseconds, counted in buckets whose width grows with the value: every answer is
// at most 1/128 above the truth. Fixed size, never allocates. One thread.
class LatencyHistogram final {
  public:
    // Negative values (clock steps) count as 0, values beyond 2^40 us as that.
    void add(std::int64_t us) noexcept;

    std::uint64_t count() const { return count_; }
    std::int64_t maxUs() const { return max_; }

    // The smallest bucket bound that at least share * count() values do not exceed; 0 when empty.
    // REQUIRES: 0 < share <= 1.
    std::int64_t quantileUs(double share) const;

  private:
    static constexpr unsigned kExactBits = 8;  // below 2^8 us every value has its own bucket
    static constexpr unsigned kValueBits = 40;
    static constexpr std::size_t kHalf = std::size_t{1} << (kExactBits - 1);
    static constexpr std::size_t kBuckets = 2 * kHalf + (kValueBits - kExactBits) * kHalf;

    static std::size_t bucketOf(std::uint64_t us);
    static std::int64_t upperBound(std::size_t bucket);

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace sluice::bench
