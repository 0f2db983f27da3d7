#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Time zones of the IANA database, as the system has them (Debian: package tzdata, in
/// /usr/share/zoneinfo, or where TZDIR says). The C++ library of g++ 12 knows none, and those of C
/// work through the process's one environment variable, so the files are read here: RFC 8536.
namespace sluice::cel {

/// Most zones that are kept in memory; there are about 600 names, with their aliases 1,800.
inline constexpr std::size_t kTimeZonesMax = 2'000;
/// Largest file of a zone that is read, in bytes; the largest of today has 4 KiB.
inline constexpr std::size_t kTimeZoneBytesMax = 64u << 10;

/// One moment of each year when clocks change, as the footer of a zone's file tells it.
struct YearlyChange {
    enum class By : std::uint8_t { WeekdayOfMonth, DayOfYear, DayOfYearWithoutLeapDay };
    By by = By::DayOfYear;
    int month = 1;                 // 1..12
    int week = 1;                  // 1..5, 5 is the last
    int day = 0;                   // of the week, 0 is Sunday; or of the year
    std::int64_t seconds = 7'200;  // behind midnight
};

/// Offsets of one zone, for all times. Immutable; any thread may call.
class TimeZone {
  public:
    /// A zone by its name ("America/New_York"), "UTC", or a fixed offset ("+01:00", "-02:30",
    /// "05:45"). Read once from the system; null where there is none. Any thread may call.
    static std::shared_ptr<const TimeZone> find(std::string_view name);

    /// Understands the bytes of a zone's file; null where they are none.
    static std::shared_ptr<const TimeZone> parse(std::string_view bytes);

    /// How many seconds the zone's clocks are ahead of UTC at a moment in seconds since 1970.
    std::int64_t offsetAt(std::int64_t seconds) const;

  private:
    /// What holds behind the last change: a constant offset, or two that alternate each year.
    struct Rule {
        std::int64_t standard = 0;
        std::int64_t summer = 0;
        bool hasSummer = false;
        YearlyChange begin;  // of summer, by standard time
        YearlyChange end;    // by summer time
    };
    static bool parseRule(std::string_view text, Rule& rule);
    std::int64_t ruled(std::int64_t seconds) const;

    std::vector<std::int64_t> changes_;  // ascending
    std::vector<std::int64_t>
        offsets_;  // offsets_[i] holds before changes_[i]; one more than those
    Rule rule_;
    bool hasRule_ = false;
};

}  // namespace sluice::cel
