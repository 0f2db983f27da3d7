#pragma once

#include <cstddef>

#include "channel/ReplayLog.h"

namespace sluice {

/// Bounds of what is read again; the settings keys are `limits.replays`, `limits.replay_events` and
/// `limits.replay_bytes`.
struct ReplayOptions {
    std::size_t replaysMax = 16;  // at once
    ReplayLog::Bounds log;        // of each
    bool operator==(const ReplayOptions&) const = default;
};

}  // namespace sluice
