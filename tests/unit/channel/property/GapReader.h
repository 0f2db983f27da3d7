#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/Position.h"

namespace sluice::property {

/// One told gap as the test reads it from the data of a `sluice.gap` block.
struct ReadGap {
    struct Lane {
        std::string name;  // "input:family/index", "plain", or "?:hash/index"
        std::optional<Place> from, to;
    };
    std::string reason;
    std::optional<std::string> channel, input;
    bool allLanes = false;
    std::vector<Lane> lanes;
    bool mayRepeat = false;
};

/// Reads one gap or a list of them. Throws Violation for anything that section 7 does not allow:
/// unknown members, missing members, unknown reasons, places that are none.
std::vector<ReadGap> readGaps(std::string_view json);

}  // namespace sluice::property
