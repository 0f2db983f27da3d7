#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Journal.h"

namespace sluice {

/// Some events of one channel that follow each other, as they lie on disk. A value.
struct Piece {
    std::uint64_t before = 0;  // seq of the channel's event before the first, 0: none
    std::uint64_t first = 0, last = 0;
    BaseCutPtr base;     // W before the first
    std::string events;  // records::writeEvent of each

    /// Pieces grow to about this.
    static constexpr std::size_t kBytes = 64u << 10;

    std::string blob() const;
};

/// A piece that was read; views live as its blob.
struct ReadPiece {
    std::uint64_t before = 0, first = 0;
    BaseCutPtr base;
    std::vector<KeptEvent> events;

    /// Throws BadBytes.
    explicit ReadPiece(std::string_view blob);

    std::uint64_t last() const { return events.back().record.seq; }
    /// Leaves out the events up to this seq; the base is then above them.
    void trim(std::uint64_t upTo, const LaneTable& lanes);
};

}  // namespace sluice
