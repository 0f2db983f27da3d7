#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Stream.h"

/// How a stream begins: resume.md section 4. Pure functions over snapshots; any thread.
namespace sluice {

/// Where a stream without an id begins.
struct Start {
    enum class Kind : std::uint8_t { Live, Earliest, Last, Since, Snapshot };
    Kind kind = Kind::Live;
    std::uint32_t count = 0;   // Last: how many events
    std::int64_t sinceMs = 0;  // Since: milliseconds since the Unix epoch
};

/// What `resume` needs besides the turn's own context.
struct ResumeRequest {
    std::optional<std::string> idText;  // absent: `start` decides
    Start start;
    std::optional<std::uint64_t> limit;  // events until the stream ends
};

/// The families whose ends the source should be asked for before `resume`: those that the id names
/// beyond W, or with lanes that are not known here. Empty: resume at once.
std::vector<std::uint32_t> familiesToAsk(const ResumeRequest& request, const Feed& feed,
                                         const HubSnapshot& hub, const Epoch& epoch);

/// The families whose sources should be asked where they stood at `request.start.sinceMs`; empty:
/// it begins otherwise.
std::vector<std::uint32_t> familiesToSeek(const ResumeRequest& request, const Feed& feed);

/// The stream at its beginning; its first turn writes `sluice.open` and all there is to tell.
/// `context.ends` and `context.places` hold what the sources answered (null: no answer within the
/// second).
/// REQUIRES: the views of the context hold everything kept (afterSeq 0).
Stream resume(const ResumeRequest& request, const TurnContext& context);

}  // namespace sluice
