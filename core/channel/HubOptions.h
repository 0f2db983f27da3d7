#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/Pattern.h"
#include "channel/ReaderPolicy.h"

namespace sluice {

/// How much a channel remembers; whichever bound is reached first evicts.
struct History {
    std::uint32_t events = 10'000;
    std::size_t bytes = 8u << 20;
    std::chrono::milliseconds age = std::chrono::hours{1};
    bool operator==(const History&) const = default;
};

struct ChannelPolicy {
    Pattern pattern;  // separator '/'
    History history;
    bool filter = false;  // whether subscribers may bring filters of their own
    ReaderPolicy readers = {};
    bool operator==(const ChannelPolicy&) const = default;
};

/// The bounds of the hub. Every one has a metric and a test that reaches it.
struct HubOptions {
    std::vector<ChannelPolicy> policies;       // the first that matches a channel wins
    History history;                           // of channels that no policy matches
    bool filter = false;                       // the same
    ReaderPolicy readers;                      // of those
    std::size_t historyBytesMax = 256u << 20;  // of all channels together
    std::size_t latestBytesMax = 256u << 20;   // of the latest events of all channels together
    std::size_t channelsMax = 100'000;         // channels that have a log
    std::size_t interestsMax = 100'000;        // subscribed channels without a log
    std::size_t gapRecordsMax = 1'000;
    std::size_t patternMatchesMax = 1'000;  // channels that one subscribed pattern may take
    bool operator==(const HubOptions&) const = default;
};

}  // namespace sluice
