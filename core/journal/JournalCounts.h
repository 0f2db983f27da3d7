#pragma once

#include <atomic>
#include <cstdint>

namespace sluice {

/// What a journal counts, for metrics. Totals are since the start of the process.
struct JournalCounts {
    std::uint64_t events = 0;       // copies of events handed over to be kept
    std::uint64_t restored = 0;     // copies that came back at the start
    std::uint64_t dropped = 0;      // copies let go because the disk could not keep up
    std::uint64_t overBytes = 0;    // pieces that left the disk at diskBytesMax
    std::uint64_t torn = 0;         // frames, pieces and rows that were damaged and cut off
    std::uint64_t writes = 0;       // transactions on the disk
    std::uint64_t failures = 0;     // transactions that the disk refused
    std::uint64_t bytes = 0;        // on disk
    std::uint64_t bufferBytes = 0;  // not yet on disk
    std::uint64_t lagMs = 0;        // how long the oldest of these has waited
    bool isFailing = false;         // the last transaction was refused
};

/// The same where threads count.
struct JournalCounters {
    std::atomic<std::uint64_t> events{0}, restored{0}, dropped{0}, overBytes{0}, torn{0}, writes{0},
        failures{0}, bytes{0};
    std::atomic<bool> isFailing{false};
};

}  // namespace sluice
