#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/LaneTable.h"
#include "channel/Stream.h"

namespace sluice {

/// One gap to be told, and its JSON (resume.md section 7). A value.
struct Gap {
    struct Lane {
        LaneIndex lane = kPlainLane;
        std::optional<Place> from, to;  // absent: unknown
    };
    GapReason reason = GapReason::Lost;
    std::string channel;                     // where the gap is one channel's
    std::string input;                       // where the gap is one input's
    std::optional<std::vector<Lane>> lanes;  // absent: all
    std::vector<std::string> foreignLanes;   // lanes not known here, by foreignLaneName
    std::optional<std::uint64_t> count;      // of events, where it is known
};

/// Whether events may come again after a gap of this reason.
bool mayRepeat(GapReason reason);

/// {"reason", "channel" or "input", "lanes": [{"lane","from","to"}] or null, "atMost", "mayRepeat"}
std::string gapJson(const Gap& gap, const LaneTable& lanes);

/// "input:family/index", or "plain".
std::string laneName(LaneIndex lane, const LaneTable& lanes);
/// "?:hash/index": a lane that an id names and that this node does not know; the hash in hex.
std::string foreignLaneName(std::uint32_t familyHash, std::uint32_t index);
/// "7", "ms-n", "+ordinal" behind it where that is not 0.
std::string placeText(Place place, Words words);

}  // namespace sluice
