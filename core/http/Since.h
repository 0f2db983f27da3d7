#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

/// Reads a point in time: RFC 3339 (`2026-11-24T10:00:00Z`, with fractions and offsets; a space may
/// stand for the `+` that forms turn into one), milliseconds since the Unix epoch, or a time ago
/// (`-250ms`, `-20s`, `-15min`, `-1h`, `-7d`). Milliseconds since the epoch, at least 0; nothing
/// where it is none of these. Pure.
std::optional<std::int64_t> parseSince(std::string_view text, std::int64_t nowMs);

}  // namespace sluice
