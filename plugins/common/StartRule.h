#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::plugin {

/// Where a lane that is seen for the first time begins (option `start` of plugins that can read
/// again).
struct StartRule {
    enum class Kind { Live, Earliest, Since };
    Kind kind = Kind::Live;
    /// Since: milliseconds since the Unix epoch, or before the start of the input.
    std::int64_t sinceMs = 0;
    bool isRelative = false;
};

/// Parses `live`, `earliest` and `since:` with a time: 2026-01-31T12:00:00Z (or with an offset such
/// as +01:00), milliseconds since the Unix epoch, or a time back such as -15min.
std::optional<StartRule> parseStartRule(std::string_view text);

}  // namespace sluice::plugin
