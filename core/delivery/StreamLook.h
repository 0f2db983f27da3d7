#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/StreamNumbers.h"

namespace sluice {

/// What a stream is doing; the states of the metric sluice_subscribers.
enum class StreamState : std::uint8_t { Resolving, CatchingUp, Live, Straggling };
inline constexpr std::size_t kStreamStates = 4;
std::string_view nameOf(StreamState state);

/// Which streams an operator wants to see.
struct StreamWish {
    std::string channel;               // that they asked for, as they wrote it; empty: any
    std::string subject;               // whose they are; empty: anybody's
    std::optional<StreamState> state;  // nothing: any
    std::optional<StreamNumber> after;
    std::size_t max = 100;  // streams
    bool isByLag = false;   // those that are furthest behind, furthest first; `after` is ignored
    /// Instead of streams: how many each channel has.
    bool countsChannels = false;
};

/// How far a stream is behind what the node has for its channels, before its types and its filter.
/// Furthest is who waits for the oldest event.
struct StreamLag {
    std::uint64_t events = 0;
    std::int64_t ms = 0;  // since the oldest of them came
    bool isAtLeast = false;
    auto operator<=>(const StreamLag&) const = default;
};

/// One stream as operators see it. Nothing of it lets anybody act for the stream.
struct StreamStatus {
    StreamNumber number;
    std::string address;                // of the client; empty: not known
    std::string subject;                // may be empty
    std::vector<std::string> channels;  // the first kStatusChannelsMax that it asked for
    std::size_t channelCount = 0;
    std::vector<std::string> types;  // likewise; empty: all
    std::string filter;              // its text; empty: none
    StreamState state = StreamState::Live;
    std::optional<StreamLag> lag;  // nothing: where it is to begin is not known yet
    std::uint64_t unsentBytes = 0;
    std::int64_t ageMs = 0;     // in whole seconds
    std::int64_t silentMs = 0;  // since its socket last took something
    std::int64_t endsMs = 0;    // when its token ends, since 1970; 0: never
};
inline constexpr std::size_t kStatusChannelsMax = 20;

/// What was found.
struct StreamsSeen {
    std::vector<StreamStatus> streams;
    bool hasMore = false;
    std::uint64_t matching = 0;  // of all that were looked at
    // Streams by name or pattern, as they asked for it.
    std::map<std::string, std::uint64_t, std::less<>> channels;
    std::uint64_t notCounted = 0;  // there were more than kChannelsCountedMax
};
inline constexpr std::size_t kChannelsCountedMax = 10'000;

/// A wish on its way into a loop.
struct StreamLook {
    StreamWish wish;
    /// Called once, on the loop's thread, unless the loop ends first; must not throw or wait.
    std::function<void(StreamsSeen)> answer;
};

}  // namespace sluice
