#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// What becomes of a reader that does not keep up.
enum class Slow : std::uint8_t {
    Close,     // it gets everything, and is closed when it takes nothing for the stall time
    Skip,      // it goes on with the newest event, and is told how many it missed
    Conflate,  // it goes on with the latest event of each key
    Sample,    // it goes on with the last event of each slot of time
};
/// As the settings write it.
constexpr std::string_view nameOf(Slow slow) {
    constexpr std::string_view kNames[] = {"close", "skip", "conflate", "sample"};
    return kNames[static_cast<std::size_t>(slow)];
}

/// How a channel is read; the settings keys are `snapshot` and `slow`.
struct ReaderPolicy {
    bool keepsLatest = false;  // the latest event of each key, for snapshots and conflation
    Slow slow = Slow::Close;
    std::uint32_t lagEventsMax = 1'000;      // but for Close: events behind that are no lag yet
    std::uint32_t samplesPerSecond = 5;      // Sample: 1 to kSamplesPerSecondMax
    std::uint32_t latestKeysMax = 100'000;   // keys of one channel
    std::size_t latestBytesMax = 64u << 20;  // memory of one channel's latest events
    bool operator==(const ReaderPolicy&) const = default;
};

/// A slot is at least as long as the times of events are exact, and at most a second, for which a
/// stream waits.
inline constexpr std::uint32_t kSamplesPerSecondMax = 1'000;

/// The slot in which an event was appended; slots begin with whole seconds.
constexpr std::int64_t slotOf(std::int64_t appendMs, std::uint32_t samplesPerSecond) {
    return appendMs * samplesPerSecond / 1'000;
}
/// The first millisecond of a slot.
constexpr std::int64_t slotBeginMs(std::int64_t slot, std::uint32_t samplesPerSecond) {
    return (slot * 1'000 + samplesPerSecond - 1) / samplesPerSecond;
}

/// Deletions that a channel remembers, so that readers who still have the key hear of them.
inline constexpr std::size_t kDeletionsRememberedMax = 10'000;

}  // namespace sluice
