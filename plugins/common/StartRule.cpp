#include "StartRule.h"

#include <charconv>
#include <chrono>

namespace sluice::plugin {
namespace {

constexpr std::string_view kSince = "since:";
constexpr std::int64_t kMinuteMs = 60'000;

/// Takes a number of exactly `digits` digits from the front.
std::optional<int> takeDigits(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error != std::errc{} || end != text.data() + digits || text[0] == '-') return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}

/// "Z", "+hh:mm" or "-hh:mm" in minutes.
std::optional<int> takeZone(std::string_view& text) {
    if (take(text, 'Z')) return 0;
    const bool isEast = take(text, '+');
    if (!isEast && !take(text, '-')) return std::nullopt;
    const auto hours = takeDigits(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = takeDigits(text, 2);
    if (!minutes) return std::nullopt;
    return (isEast ? 1 : -1) * (*hours * 60 + *minutes);
}

std::optional<std::int64_t> takeFraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t fractionMs = 0;
    std::int64_t weight = 100;
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        fractionMs += (text[0] - '0') * weight;
        weight /= 10;
        text.remove_prefix(1);
    }
    return fractionMs;
}

std::optional<std::int64_t> parseDay(std::string_view& text) {
    const auto year = takeDigits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = takeDigits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = takeDigits(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * 24 * 60 * kMinuteMs;
}

/// RFC 3339, section 5.6.
std::optional<std::int64_t> parseTime(std::string_view text) {
    const auto dayMs = parseDay(text);
    if (!dayMs || !(take(text, 'T') || take(text, ' '))) return std::nullopt;
    const auto hour = takeDigits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = takeDigits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = takeDigits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    const auto fractionMs = takeFraction(text);
    const auto zone = takeZone(text);
    if (!fractionMs || !zone || !text.empty()) return std::nullopt;
    return *dayMs + (*hour * 60 + *minute - *zone) * kMinuteMs + *second * 1000 + *fractionMs;
}

std::optional<std::int64_t> unitMs(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit == "s") return 1000;
    if (unit == "min") return kMinuteMs;
    if (unit == "h") return 60 * kMinuteMs;
    if (unit == "d") return 24 * 60 * kMinuteMs;
    return std::nullopt;
}

std::optional<StartRule> parseSince(std::string_view text) {
    if (const auto timeMs = parseTime(text))
        return StartRule{StartRule::Kind::Since, *timeMs, false};
    const bool isRelative = take(text, '-');
    std::int64_t count = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, count);
    if (error != std::errc{} || count < 0) return std::nullopt;
    if (!isRelative && end == last) return StartRule{StartRule::Kind::Since, count, false};
    const auto factor = unitMs({end, static_cast<std::size_t>(last - end)});
    constexpr std::int64_t kCountMax = std::int64_t{1} << 32;
    if (!isRelative || !factor || count > kCountMax) return std::nullopt;
    return StartRule{StartRule::Kind::Since, count * *factor, true};
}

}  // namespace

std::optional<StartRule> parseStartRule(std::string_view text) {
    if (text == "live") return StartRule{};
    if (text == "earliest") return StartRule{StartRule::Kind::Earliest, 0, false};
    if (text.substr(0, kSince.size()) == kSince) return parseSince(text.substr(kSince.size()));
    return std::nullopt;
}

}  // namespace sluice::plugin
