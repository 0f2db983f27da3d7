#pragma once

#include <cstdint>

#include "event/Position.h"

namespace sluice {

/// Messages from..to of a lane that will never come, in the one order of the hub.
struct GapRecord {
    std::uint64_t seq = 0;
    std::int64_t timeMs = 0;
    LaneIndex lane = kPlainLane;
    Place from, to;
    bool operator==(const GapRecord&) const = default;
};

/// A lane whose positions went back at `seq` (resume.md N7); the latest one of each lane.
struct LaneReset {
    LaneIndex lane = kPlainLane;
    std::uint64_t seq = 0;
    bool operator==(const LaneReset&) const = default;
};

/// The seqs above `after` up to `upTo`.
struct SeqRange {
    std::uint64_t after = 0, upTo = 0;
    bool operator==(const SeqRange&) const = default;
};

}  // namespace sluice
