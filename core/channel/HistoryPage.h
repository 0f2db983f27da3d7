#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/Resume.h"
#include "event/PollBody.h"

namespace sluice {

/// Which part of a channel's history is asked for.
struct HistoryRequest {
    std::string channel;  // a literal pattern
    Start start;          // without an id
    std::optional<std::string> after;
    std::int64_t untilMs = std::numeric_limits<std::int64_t>::max();  // appended at most then
    std::uint64_t eventsMax = 100;
    std::size_t bytesMax = 1u << 20;  // about, of the events' lines
};

/// A piece of a channel's history, from the start of the range on.
struct HistoryPage {
    PollBody body;
    bool isStartGone = false;   // events of the range's beginning left history, or were never in it
    bool isCut = false;         // a bound was reached: there may be more of the range
    bool isComplete = false;    // its end is fixed: no later event will belong to it
    std::uint64_t lastSeq = 0;  // of its last event; 0: none
};

/// Reads as a stream would that stopped there, so ids and gaps are those of streams. Any thread;
/// looks at all that the channel keeps, and writes no more than the bounds. No id waits for what a
/// source says.
HistoryPage readHistory(const Hub& hub, const Origins& origins, const HistoryRequest& request);

}  // namespace sluice
