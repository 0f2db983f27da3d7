#include "http/Since.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

namespace sluice {
namespace {

constexpr std::int64_t kMaxMs = std::numeric_limits<std::int64_t>::max() / 2;

/// A number of digits only, which must be the whole text.
std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    if (text.empty() || text.front() == '-') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> unitMs(std::string_view unit) {
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    constexpr std::array kUnits{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"min", 60'000},
                                Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
    for (const Unit& one : kUnits)
        if (one.name == unit) return one.ms;
    return std::nullopt;
}

std::optional<std::int64_t> ago(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = number(text.substr(0, digits));
    const auto unit = unitMs(text.substr(digits));
    if (!count || !unit || *count > kMaxMs / *unit) return std::nullopt;
    return *count * *unit;
}

/// Takes the pieces of an RFC 3339 text from its front.
class DateReader {
  public:
    explicit DateReader(std::string_view text) : rest_{text} {}

    std::optional<std::int64_t> read() {
        const int year = digits(4), month = (skip("-"), digits(2)), day = (skip("-"), digits(2));
        skip("Tt ");
        const int hour = digits(2), minute = (skip(":"), digits(2)),
                  second = (skip(":"), digits(2));
        const int ms = fraction();
        const std::int64_t offsetMinutes = offset();
        const std::chrono::year_month_day date{std::chrono::year{year},
                                               std::chrono::month{static_cast<unsigned>(month)},
                                               std::chrono::day{static_cast<unsigned>(day)}};
        // A leap second (60) counts as the next one.
        if (!good_ || !rest_.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60)
            return std::nullopt;
        const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
        const std::int64_t minutes = (days * 24 + hour) * 60 + minute - offsetMinutes;
        return (minutes * 60 + second) * 1'000 + ms;
    }

  private:
    int digits(std::size_t count) {
        const auto value = number(rest_.substr(0, count));
        if (rest_.size() < count || !value) {
            good_ = false;
            return 0;
        }
        rest_.remove_prefix(count);
        return static_cast<int>(*value);
    }

    void skip(std::string_view anyOf) {
        if (rest_.empty() || anyOf.find(rest_.front()) == std::string_view::npos)
            good_ = false;
        else
            rest_.remove_prefix(1);
    }

    int fraction() {
        if (rest_.empty() || rest_.front() != '.') return 0;
        rest_.remove_prefix(1);
        int ms = 0;
        int scale = 100;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
            ms += (rest_[count] - '0') * scale;
            scale /= 10;
        }
        if (count == 0) good_ = false;
        rest_.remove_prefix(count);
        return ms;
    }

    std::int64_t offset() {
        if (rest_ == "Z" || rest_ == "z") {
            rest_ = {};
            return 0;
        }
        const bool isWest = !rest_.empty() && rest_.front() == '-';
        skip("+- ");
        const int hours = digits(2), minutes = (skip(":"), digits(2));
        if (hours > 23 || minutes > 59) good_ = false;
        return (isWest ? -1 : 1) * (hours * 60 + minutes);
    }

    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::optional<std::int64_t> parseSince(std::string_view text, std::int64_t nowMs) {
    if (text.empty()) return std::nullopt;
    std::optional<std::int64_t> ms;
    if (text.front() == '-') {
        const auto agoMs = ago(text.substr(1));
        if (agoMs) ms = nowMs - *agoMs;
    } else {
        ms = number(text);
        if (!ms) ms = DateReader{text}.read();
    }
    if (ms) ms = std::clamp<std::int64_t>(*ms, 0, kMaxMs);
    return ms;
}

}  // namespace sluice
