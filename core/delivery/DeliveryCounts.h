#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "channel/Stream.h"

namespace sluice {

enum class CloseReason : std::uint8_t {
    Client,
    Stalled,
    Ended,
    Drained,
    Shed,
    Refused,
    Expired,  // its token
    Revoked
};
inline constexpr std::size_t kCloseReasons = 8;
std::string_view nameOf(CloseReason reason);

/// Upper bounds in microseconds of the buckets of the histograms; the last bucket is unbounded.
inline constexpr std::array<std::int64_t, 14> kDelayBucketsUs{
    100,    250,    500,     1'000,   2'500,   5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 10'000'000};

/// How often something took how long. One thread at a time.
struct DelayHistogram {
    std::array<std::uint64_t, kDelayBucketsUs.size() + 1> buckets{};
    std::uint64_t sumUs = 0;
    void observe(std::int64_t us, std::uint64_t times = 1) noexcept;
    void add(const DelayHistogram& other) noexcept;
};

/// Totals since the start and states of now, for metrics and books.
struct DeliveryCounts {
    std::uint64_t deliveries = 0;  // events written to streams, one per event and stream
    std::uint64_t bytes = 0;
    std::array<std::uint64_t, kGapReasons> gaps{};
    // Events left out by policies for slow readers.
    std::uint64_t skipped = 0, conflated = 0, sampled = 0;
    std::array<std::uint64_t, kCloseReasons> closed{};
    std::uint64_t adopted = 0;
    std::uint64_t resolving = 0, live = 0, catchingUp = 0, straggling = 0;  // subscribers now
    std::uint64_t subscriptions = 0, herds = 0, stragglerBytes = 0;
    DelayHistogram delay;  // append to write
    DelayHistogram turn;   // one turn of a loop, without the waiting
    void add(const DeliveryCounts& other) noexcept;
};

}  // namespace sluice
