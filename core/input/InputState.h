#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

enum class InputState : std::uint8_t { Connecting, Running, Degraded, Failed, Stopped };
inline constexpr std::size_t kInputStates = 5;
/// "connecting", "running", "degraded", "failed", "stopped".
std::string_view nameOf(InputState state);

/// How an input is, for people and metrics.
struct InputHealth {
    InputState state = InputState::Stopped;
    std::string code;            // short and stable, such as "refused"; may be empty
    std::string text;            // for people
    std::int64_t sinceMs = 0;    // of this state, since the Unix epoch
    std::int64_t retryAtMs = 0;  // when it tries again, 0 if unknown
};

}  // namespace sluice
