#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expression/Value.h"

/// Timestamps and durations: their arithmetic and their texts. Any thread may call.
namespace sluice::cel {

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
inline constexpr std::int64_t kTimestampSecondsMin = -62'135'596'800;
inline constexpr std::int64_t kTimestampSecondsMax = 253'402'300'799;
/// A duration is at most 2^63 - 1 nanoseconds long, about 292 years, either way.
inline constexpr std::int64_t kDurationSecondsMax = 9'223'372'036;

/// Nothing where the result is out of range.
std::optional<Timestamp> plus(Timestamp time, Duration change);
std::optional<Duration> plus(Duration a, Duration b);
std::optional<Duration> minus(Timestamp a, Timestamp b);
/// A duration is never the smallest number, so this always fits.
inline Duration negated(Duration duration) {
    return {-duration.seconds, -duration.nanos};
}
std::optional<Timestamp> timestampOf(std::int64_t seconds, std::int64_t nanos);
std::optional<Duration> durationOf(std::int64_t seconds, std::int64_t nanos);

/// RFC 3339: "2009-02-13T23:31:30.25+01:00", or with Z. Nothing for other texts or out of range.
std::optional<Timestamp> parseTimestamp(std::string_view text);
/// As Go writes them: "1h30m", "-1.5s", "250ms", "10us", "1ns", "0".
std::optional<Duration> parseDuration(std::string_view text);

/// RFC 3339 in UTC with as many of nine decimals as needed: "2009-02-13T23:31:30Z".
std::string textOf(Timestamp time);
/// Seconds with as many decimals as needed: "5400s", "-1.5s".
std::string textOf(Duration duration);

/// A moment as calendars and clocks show it.
struct CivilTime {
    std::int64_t year = 1970;
    int month = 1;      // 1..12
    int day = 1;        // 1..31
    int hour = 0;       // 0..23
    int minute = 0;     // 0..59
    int second = 0;     // 0..59
    int dayOfWeek = 0;  // 0 is Sunday
    int dayOfYear = 0;  // 0..365
};
/// What a clock shows that is `offsetSeconds` ahead of UTC.
CivilTime civilTimeOf(Timestamp time, std::int64_t offsetSeconds);

}  // namespace sluice::cel
