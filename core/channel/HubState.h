#pragma once

#include "channel/Hub.h"

/// The hub's private records, shared by its source files.
namespace sluice {

struct Hub::Loop {
    std::vector<ChannelLog*> dirty;
    std::vector<ChannelLog*> born;
    bool everything = false;

    bool hasWork() const { return everything || !dirty.empty() || !born.empty(); }
};

struct Hub::PatternInterest {
    Pattern pattern;
    std::uint64_t loops = 0;  // one bit per loop
};

/// What one publish gathers under the lock and acts upon after it.
struct Hub::Publishing {
    PublishResult result;
    Garbage garbage;
    std::uint64_t toWake = 0;
    std::int64_t timeMs = 0;
};

}  // namespace sluice
