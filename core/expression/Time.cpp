#include "expression/Time.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace sluice::cel {
namespace {

constexpr std::int64_t kNanos = 1'000'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

/// Reads a text from the front.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_{text} {}

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool takeWord(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    bool digitFollows() const {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    int digit() {
        const int value = rest_.front() - '0';
        rest_.remove_prefix(1);
        return value;
    }
    /// A number of exactly `digits` digits from min to max.
    bool number(int digits, int min, int max, int& value) {
        value = 0;
        for (; digits > 0; --digits) {
            if (!digitFollows()) return false;
            value = value * 10 + digit();
        }
        return value >= min && value <= max;
    }
    /// Digits behind a dot as billionths; of those beyond the ninth nothing is kept.
    bool fraction(std::int64_t& billionths) {
        billionths = 0;
        if (!digitFollows()) return false;
        for (std::int64_t unit = kNanos / 10; digitFollows(); unit /= 10)
            billionths += unit * digit();
        return true;
    }
    bool is(std::string_view text) const { return rest_ == text; }
    bool atEnd() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

std::int64_t daysOf(int year, int month, int day) {
    return std::chrono::sys_days{std::chrono::year{year} / month / day}.time_since_epoch().count();
}

/// The offset behind the time: Z or +HH:MM.
bool readOffset(Reader& reader, std::int64_t& seconds) {
    seconds = 0;
    if (reader.take('Z') || reader.take('z')) return true;
    const bool isNegative = reader.take('-');
    int hours = 0, minutes = 0;
    if ((!isNegative && !reader.take('+')) || !reader.number(2, 0, 23, hours) ||
        !reader.take(':') || !reader.number(2, 0, 59, minutes))
        return false;
    seconds = (isNegative ? -60 : 60) * (hours * 60 + minutes);
    return true;
}

struct Unit {
    std::string_view name;
    std::int64_t nanos;
};
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\u00b5s", 1'000},
                                      {"\u03bcs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", kNanos},
                                      {"m", 60 * kNanos},
                                      {"h", 3'600 * kNanos}}};

/// One "1.5h": adds it to `nanos`; false for another text or too much.
bool readPart(Reader& reader, std::int64_t& nanos) {
    std::int64_t whole = 0, billionths = 0;
    bool hasDigits = reader.digitFollows();
    while (reader.digitFollows())
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, reader.digit(), &whole))
            return false;
    if (reader.take('.')) hasDigits = reader.fraction(billionths) || hasDigits;
    if (!hasDigits) return false;
    for (const Unit& unit : kUnits) {
        if (!reader.takeWord(unit.name)) continue;
        const auto part =
            static_cast<std::int64_t>(static_cast<__int128>(billionths) * unit.nanos / kNanos);
        return !__builtin_mul_overflow(whole, unit.nanos, &whole) &&
               !__builtin_add_overflow(whole, part, &whole) &&
               !__builtin_add_overflow(nanos, whole, &nanos);
    }
    return false;
}

/// ".5" for 500,000,000.
std::string decimals(std::int32_t nanos) {
    if (nanos == 0) return {};
    std::string text = std::to_string(kNanos + nanos);
    text[0] = '.';
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

}  // namespace

std::optional<Timestamp> timestampOf(std::int64_t seconds, std::int64_t nanos) {
    std::int64_t carry = nanos / kNanos;
    nanos %= kNanos;
    if (nanos < 0) {
        nanos += kNanos;
        --carry;
    }
    if (__builtin_add_overflow(seconds, carry, &seconds) || seconds < kTimestampSecondsMin ||
        seconds > kTimestampSecondsMax)
        return std::nullopt;
    return Timestamp{seconds, static_cast<std::int32_t>(nanos)};
}

std::optional<Duration> durationOf(std::int64_t seconds, std::int64_t nanos) {
    std::int64_t all = 0;
    if (__builtin_mul_overflow(seconds, kNanos, &all) || __builtin_add_overflow(all, nanos, &all) ||
        all == INT64_MIN)
        return std::nullopt;
    return Duration{all / kNanos, static_cast<std::int32_t>(all % kNanos)};
}

std::optional<Timestamp> plus(Timestamp time, Duration change) {
    return timestampOf(time.seconds + change.seconds, std::int64_t{time.nanos} + change.nanos);
}

std::optional<Duration> plus(Duration a, Duration b) {
    return durationOf(a.seconds + b.seconds, std::int64_t{a.nanos} + b.nanos);
}

std::optional<Duration> minus(Timestamp a, Timestamp b) {
    return durationOf(a.seconds - b.seconds, std::int64_t{a.nanos} - b.nanos);
}

std::optional<Timestamp> parseTimestamp(std::string_view text) {
    Reader reader{text};
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t billionths = 0, offset = 0;
    if (!reader.number(4, 1, 9999, year) || !reader.take('-') || !reader.number(2, 1, 12, month) ||
        !reader.take('-') || !reader.number(2, 1, 31, day) ||
        !(reader.take('T') || reader.take('t')) || !reader.number(2, 0, 23, hour) ||
        !reader.take(':') || !reader.number(2, 0, 59, minute) || !reader.take(':') ||
        !reader.number(2, 0, 59, second))
        return std::nullopt;
    if (!(std::chrono::year{year} / month / day).ok()) return std::nullopt;
    if (reader.take('.') && !reader.fraction(billionths)) return std::nullopt;
    if (!readOffset(reader, offset) || !reader.atEnd()) return std::nullopt;
    const std::int64_t clock = hour * 3'600 + minute * 60 + second;
    return timestampOf(daysOf(year, month, day) * kDaySeconds + clock - offset, billionths);
}

std::optional<Duration> parseDuration(std::string_view text) {
    Reader reader{text};
    const bool isNegative = reader.take('-');
    if (!isNegative) reader.take('+');
    if (reader.is("0")) return Duration{};
    std::int64_t nanos = 0;
    do {
        if (!readPart(reader, nanos)) return std::nullopt;
    } while (!reader.atEnd());
    return durationOf(0, isNegative ? -nanos : nanos);
}

std::string textOf(Timestamp time) {
    const CivilTime civil = civilTimeOf(time, 0);
    std::array<char, 40> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d",
                                     static_cast<int>(civil.year), civil.month, civil.day,
                                     civil.hour, civil.minute, civil.second);
    return std::string(text.data(), static_cast<std::size_t>(length)) + decimals(time.nanos) + 'Z';
}

std::string textOf(Duration duration) {
    const bool isNegative = duration.seconds < 0 || duration.nanos < 0;
    const Duration size = isNegative ? negated(duration) : duration;
    return (isNegative ? "-" : "") + std::to_string(size.seconds) + decimals(size.nanos) + 's';
}

CivilTime civilTimeOf(Timestamp time, std::int64_t offsetSeconds) {
    const std::chrono::sys_seconds shown{std::chrono::seconds{time.seconds + offsetSeconds}};
    const auto day = std::chrono::floor<std::chrono::days>(shown);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{shown - day};
    CivilTime civil;
    civil.year = int{date.year()};
    civil.month = static_cast<int>(unsigned{date.month()});
    civil.day = static_cast<int>(unsigned{date.day()});
    civil.hour = static_cast<int>(clock.hours().count());
    civil.minute = static_cast<int>(clock.minutes().count());
    civil.second = static_cast<int>(clock.seconds().count());
    civil.dayOfWeek = static_cast<int>(std::chrono::weekday{day}.c_encoding());
    const std::chrono::sys_days newYear = date.year() / std::chrono::January / 1;
    civil.dayOfYear = static_cast<int>((day - newYear).count());
    return civil;
}

}  // namespace sluice::cel
