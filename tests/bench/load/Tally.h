#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "LatencyHistogram.h"

namespace sluice::bench {

// CLOCK_REALTIME in microseconds: the clock that the source stamps payloads with.
std::int64_t nowUs();

// What all subscribers of a run count into. One thread.
struct Tally {
    // Events due in [startUs, endUs) are measured; all events are audited.
    std::int64_t startUs = std::numeric_limits<std::int64_t>::max();
    std::int64_t endUs = std::numeric_limits<std::int64_t>::max();
    std::int64_t readAtUs = 0;  // when the bytes at hand were received

    LatencyHistogram latency;
    std::uint64_t delivered = 0;  // events due in the window
    std::uint64_t receivedBytes = 0;
    std::uint64_t control = 0;  // blocks with data and a type that begins with "sluice."
    std::uint64_t gaps = 0;     // of these, sluice.gap
    std::uint64_t foreign = 0;  // other blocks whose data is not ours
    std::string firstGap;       // beginning of the first gap's data
    std::string firstProblem;   // why a response could not be read

    // What the source published per channel in the window, as far as any subscriber saw it.
    struct Channel {
        std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
        std::uint64_t last = 0;
        bool seen() const { return first <= last; }
    };
    std::vector<Channel> channels;
};

}  // namespace sluice::bench
