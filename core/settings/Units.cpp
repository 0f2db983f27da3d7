#include "settings/Units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace sluice {
namespace {

constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"min", 60'000},
                                Unit{"h", 3'600'000}};
constexpr std::array kSizes{Unit{"B", 1}, Unit{"KiB", 1u << 10}, Unit{"MiB", 1u << 20},
                            Unit{"GiB", 1u << 30}};

constexpr std::array kRates{Unit{"/s", 1}};

/// What people write instead, and what they mean.
struct Slip {
    std::string_view wrong, right;
};
constexpr std::array kDurationSlips{
    Slip{"m", "min"},    Slip{"sec", "s"},      Slip{"seconds", "s"}, Slip{"minutes", "min"},
    Slip{"mins", "min"}, Slip{"hours", "h"},    Slip{"hour", "h"},    Slip{"S", "s"},
    Slip{"H", "h"},      Slip{"minute", "min"}, Slip{"second", "s"},  Slip{"msec", "ms"}};
constexpr std::array kRateSlips{Slip{"/sec", "/s"}, Slip{"/second", "/s"}, Slip{"Hz", "/s"}};
constexpr std::array kSizeSlips{
    Slip{"K", "KiB"},  Slip{"k", "KiB"},   Slip{"KB", "KiB"},  Slip{"kB", "KiB"},
    Slip{"kb", "KiB"}, Slip{"kib", "KiB"}, Slip{"M", "MiB"},   Slip{"MB", "MiB"},
    Slip{"mb", "MiB"}, Slip{"mib", "MiB"}, Slip{"G", "GiB"},   Slip{"GB", "GiB"},
    Slip{"gb", "GiB"}, Slip{"gib", "GiB"}, Slip{"bytes", "B"}, Slip{"b", "B"}};

constexpr std::string_view kDigits = "0123456789";

std::string without(std::string_view text, char separator) {
    std::string result{text};
    std::erase(result, separator);
    return result;
}

/// A number that needs digits only, from text that has something else.
UnitError notDecimal(std::string_view text) {
    const std::string plain = without(without(text, '_'), ',');
    UnitError unused;
    if (plain != text && parseInteger(plain, unused))
        return {"a number has digits only", "write " + plain};
    if (text.starts_with('-')) return {"the number cannot be negative", "write 0 or more"};
    return {"this is no whole number", "write digits only, such as 100"};
}

std::optional<std::uint64_t> number(std::string_view text, UnitError& error) {
    if (text.empty() || text.find_first_not_of(kDigits) != std::string_view::npos) {
        error = notDecimal(text);
        return std::nullopt;
    }
    if (text.size() > 1 && text.front() == '0') {
        const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
        error = {"a number cannot begin with 0: is it octal?",
                 "write " + std::string{text.substr(first)}};
        return std::nullopt;
    }
    std::uint64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
        error = {"the number is too large", "at most 18446744073709551615 can be read"};
        return std::nullopt;
    }
    return value;
}

std::string namesOf(std::span<const Unit> units) {
    std::string names;
    for (const Unit& unit : units) names += (names.empty() ? "" : ", ") + std::string{unit.name};
    return names;
}

UnitError badUnit(std::string_view digits, std::string_view unit, std::span<const Unit> units,
                  std::span<const Slip> slips, std::string_view example) {
    const std::string good = "units are " + namesOf(units) + ", as in " + std::string{example};
    if (unit.empty()) return {"the number needs a unit", good};
    for (const Slip& slip : slips)
        if (slip.wrong == unit)
            return {"there is no unit '" + std::string{unit} + "'",
                    "write " + std::string{digits} + std::string{slip.right}};
    if (unit.starts_with('.')) return {"the number must be whole", "take a smaller unit; " + good};
    if (unit.starts_with(' ') || unit.starts_with('\t'))
        return {"there is a space before the unit", "leave it out; " + good};
    return {"there is no unit '" + std::string{unit} + "'", good};
}

std::optional<std::uint64_t> withUnit(std::string_view text, std::span<const Unit> units,
                                      std::span<const Slip> slips, std::string_view example,
                                      UnitError& error) {
    if (text == "0") return 0;
    const std::size_t end = std::min(text.find_first_not_of(kDigits), text.size());
    if (end == 0) {
        error = {"this begins with no number",
                 "write a number and a unit, as in " + std::string{example}};
        return std::nullopt;
    }
    const std::optional<std::uint64_t> value = number(text.substr(0, end), error);
    if (!value) return value;
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& u) { return u.name == text.substr(end); });
    if (unit == units.end()) {
        error = badUnit(text.substr(0, end), text.substr(end), units, slips, example);
        return std::nullopt;
    }
    constexpr std::uint64_t kMax = INT64_MAX;
    if (*value > kMax / unit->factor) {
        error = {"the number is too large", "take a smaller one"};
        return std::nullopt;
    }
    return *value * unit->factor;
}

std::string textOf(std::uint64_t value, std::span<const Unit> units) {
    std::size_t i = units.size() - 1;
    while (i > 0 && (value == 0 || value % units[i].factor != 0)) --i;
    return std::to_string(value / units[i].factor) + std::string{units[i].name};
}

}  // namespace

std::span<const Unit> durationUnits() {
    return kDurations;
}

std::span<const Unit> sizeUnits() {
    return kSizes;
}

std::optional<std::chrono::milliseconds> parseDuration(std::string_view text, UnitError& error) {
    const auto value = withUnit(text, kDurations, kDurationSlips, "20s", error);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
}

std::optional<std::uint64_t> parseSize(std::string_view text, UnitError& error) {
    return withUnit(text, kSizes, kSizeSlips, "64KiB", error);
}

std::optional<std::uint64_t> parseRate(std::string_view text, UnitError& error) {
    return withUnit(text, kRates, kRateSlips, "5/s", error);
}

std::optional<std::uint64_t> parseInteger(std::string_view text, UnitError& error) {
    return number(text, error);
}

std::string durationText(std::chrono::milliseconds duration) {
    return textOf(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::string sizeText(std::uint64_t bytes) {
    return textOf(bytes, kSizes);
}

std::string rateText(std::uint64_t perSecond) {
    return textOf(perSecond, kRates);
}

}  // namespace sluice
