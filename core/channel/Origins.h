#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "channel/LaneTable.h"

namespace sluice {

/// What a source keeps of its lanes, as it said just now.
struct SourceEnds {
    struct Lane {
        bool known = false;  // false: the source did not say
        Position low;        // first position still there
        Position end;        // the next one to be written
    };
    struct Family {
        std::uint32_t hash = 0;
        std::vector<Lane> lanes;  // all that the source has; a lane beyond them is not there
    };
    std::vector<Family> families;  // a family that is not here did not answer

    const Family* find(std::uint32_t hash) const {
        for (const Family& family : families)
            if (family.hash == hash) return &family;
        return nullptr;
    }
};

/// Where lanes stood at a time, as their sources say.
struct SourcePlaces {
    struct Family {
        std::uint32_t hash = 0;
        std::vector<Position> lanes;  // all that the source has
    };
    std::vector<Family> families;  // a family that is not here could not say

    const Family* find(std::uint32_t hash) const {
        for (const Family& family : families)
            if (family.hash == hash) return &family;
        return nullptr;
    }
};

/// Whether the source has said that it has nothing at `place` or before it: the lane ends earlier
/// or is not there. Lanes it said nothing about count as there.
inline bool isBeyond(const SourceEnds::Family& answer, std::size_t lane, Place place) {
    if (lane >= answer.lanes.size()) return true;
    return answer.lanes[lane].known && place > Place{answer.lanes[lane].end, 0};
}

/// Which sources may feed a channel. Declared here, implemented by input and mapping, handed in by
/// main. Any thread may call; implementations do not call back into the hub.
class Origins {
  public:
    virtual ~Origins() = default;

    /// Grows whenever an answer of the functions below may have changed (a reload).
    virtual std::uint64_t version() const noexcept = 0;
    /// Whether any mapping in force since the node's start may put an event of this family on some
    /// channel that `channels` matches. May err towards true.
    virtual bool mayFeed(const Family& family, const Pattern& channels) const = 0;
    /// Names of the inputs without positions that may feed such a channel; empty: plain is not in
    /// D.
    virtual std::vector<std::string> plainInputs(const Pattern& channels) const = 0;

    /// Asks the sources afresh for the ends of these families; `answer` is called exactly once, on
    /// any thread, perhaps before this returns, with those that answered. Does not block.
    virtual void query(const std::vector<std::uint32_t>& familyHashes,
                       std::function<void(SourceEnds)> answer) = 0;
    /// Asks the sources where these families stood at a time (milliseconds since the Unix epoch);
    /// `answer` as for `query`. Without a source that can say, none does.
    virtual void seek(const std::vector<std::uint32_t>& familyHashes, std::int64_t timeMs,
                      std::function<void(SourcePlaces)> answer);
};

}  // namespace sluice
