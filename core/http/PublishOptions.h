#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/PublishBody.h"

namespace sluice {

/// A key that publishes.
struct PublishKey {
    std::string key;
    std::vector<std::string> channels;  // patterns that it may publish to; empty: all
    std::uint32_t eventsPerSecond = 0;  // 0: no bound
    bool operator==(const PublishKey&) const = default;
};

/// The settings key `publish`.
struct PublishOptions {
    std::string key;                    // empty: none
    std::vector<std::string> channels;  // patterns that it may publish to; empty: all
    std::vector<PublishKey> keys;
    /// Patterns that tokens of `auth` may publish to whose claim `publish` names a channel; empty:
    /// they may not.
    std::vector<std::string> claims;
    PublishLimits limits;

    /// Whether anybody may.
    bool isOn() const { return !key.empty() || !keys.empty() || !claims.empty(); }
    /// Of all that may: `key` with its channels first.
    std::vector<PublishKey> allKeys() const;
    /// Patterns of channels that somebody may publish to; "{any**}" is all of them.
    std::vector<std::string> reached() const;
};

}  // namespace sluice
