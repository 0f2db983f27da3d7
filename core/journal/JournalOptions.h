#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/Pattern.h"

namespace sluice {

/// Which channels are kept on disk, where and how.
struct JournalOptions {
    struct Policy {
        Pattern pattern;  // separator '/'
        bool isKept = false;
        bool operator==(const Policy&) const = default;
    };
    std::filesystem::path folder;  // empty: no journal
    std::vector<Policy> policies;  // the first that matches a channel counts
    bool keepsOthers = false;      // channels that no policy matches
    /// Longest time until what was written is on the disk itself; 0: as soon as it can be.
    std::chrono::milliseconds sync{1'000};
    std::size_t diskBytesMax = std::size_t{1} << 30;  // of the folder; at it the oldest go
    std::size_t bufferBytes = 32u << 20;              // written by publishers, not yet on disk
    std::filesystem::path bufferFolder = "/dev/shm";  // memory that outlives the process

    bool operator==(const JournalOptions&) const = default;

    bool keeps(std::string_view channel) const {
        for (const Policy& policy : policies)
            if (policy.pattern.matches(channel)) return policy.isKept;
        return keepsOthers;
    }
    /// Whether all channels are kept that the pattern matches; may err towards false.
    bool keepsAll(const Pattern& channels) const {
        for (const Policy& policy : policies) {
            if (!policy.pattern.overlaps(channels)) continue;
            if (!policy.isKept) return false;
            if (policy.pattern.covers(channels)) return true;
        }
        return keepsOthers;
    }
};

}  // namespace sluice
