#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "channel/ReplayLog.h"
#include "channel/Stream.h"

namespace sluice {

/// What one herd of streams wants to be read again.
struct ReplayRequest {
    const std::vector<std::string>& channels;  // names or patterns, sorted
    std::span<const ReplayLeg> legs;
    std::function<void()> wake;  // ReplayReader::attach
};

/// Reads lanes again from their sources. Declared here, implemented by input, handed in by main.
/// Any thread may call; nothing waits.
class ReplaySource {
  public:
    /// Lanes that are not read again, and as what their loss is to be told.
    using Refused = std::vector<std::pair<LaneIndex, GapReason>>;

    virtual ~ReplaySource() = default;
    /// Makes a reader of the legs, perhaps of a log that others read already; where there is one,
    /// the legs come to it. It stays null where all are refused. Whoever wants no more drops it.
    virtual Refused replay(const ReplayRequest& request, std::unique_ptr<ReplayReader>& reader) = 0;
};

}  // namespace sluice
