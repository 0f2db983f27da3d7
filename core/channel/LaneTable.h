#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/Position.h"

namespace sluice {

/// A set of lanes that only grows: a topic with its partitions, or a Redis Stream.
struct Family {
    std::string input;  // name of the input
    std::string name;   // given by the plugin, such as the topic
    std::uint32_t hash = 0;
    Words words = Words::One;
    bool gone = false;             // no longer at the source under this hash
    std::vector<LaneIndex> lanes;  // by index within the family
    /// Its events came back from a journal, mapped by mappings that nobody knows any more: it may
    /// feed any channel.
    bool mayFeedAll = false;
};

/// Where a lane belongs.
struct LaneRef {
    FamilyIndex family = kNoFamily;  // kNoFamily: the plain lane
    std::uint32_t index = 0;
};

/// All families and lanes that a node has ever known; grows only. Immutable once shared: the hub
/// publishes a new table when a lane is born.
struct LaneTable {
    std::uint64_t version = 1;
    std::vector<Family> families;
    std::vector<LaneRef> lanes{LaneRef{}};  // by LaneIndex; [0] is the plain lane
    bool plainMayFeedAll = false;           // as Family::mayFeedAll

    /// The family with this hash that is not gone, or null.
    const Family* find(std::uint32_t hash) const {
        for (const Family& family : families)
            if (family.hash == hash && !family.gone) return &family;
        return nullptr;
    }
};

}  // namespace sluice
