#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice {

/// What becomes of a reader that does not keep up.
enum class Slow : std::uint8_t {
    Close,     // it gets everything, and is closed when it takes nothing for the stall time
    Skip,      // it goes on with the newest event, and is told how many it missed
    Conflate,  // it goes on with the latest event of each key
};

/// How a channel is read; the settings keys are `snapshot` and `slow`.
struct ReaderPolicy {
    bool keepsLatest = false;  // the latest event of each key, for snapshots and conflation
    Slow slow = Slow::Close;
    std::uint32_t lagEventsMax = 1'000;      // Skip, Conflate: events behind that are no lag yet
    std::uint32_t latestKeysMax = 100'000;   // keys of one channel
    std::size_t latestBytesMax = 64u << 20;  // memory of one channel's latest events
    bool operator==(const ReaderPolicy&) const = default;
};

/// Deletions that a channel remembers, so that readers who still have the key hear of them.
inline constexpr std::size_t kDeletionsRememberedMax = 10'000;

}  // namespace sluice
