#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// How numbers with units are written. Pure; any thread may call.
namespace sluice {

/// What stands behind a number, and how many milliseconds or bytes one of it is.
struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
/// From the smallest up.
std::span<const Unit> durationUnits();
std::span<const Unit> sizeUnits();

/// What is wrong with a number, and what to write.
struct UnitError {
    std::string message;
    std::string hint;
};

/// `250ms`, `20s`, `2min`, `1h`: a whole number and a unit, without space. `0` needs no unit.
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text, UnitError& error);
/// `100B`, `64KiB`, `8MiB`, `1GiB`, in bytes; `0` needs no unit.
std::optional<std::uint64_t> parseSize(std::string_view text, UnitError& error);
/// `5/s`: a whole number for each second.
std::optional<std::uint64_t> parseRate(std::string_view text, UnitError& error);
/// Decimal digits: no sign, no separators, no leading zero.
std::optional<std::uint64_t> parseInteger(std::string_view text, UnitError& error);

/// In the largest unit that leaves a whole number.
std::string durationText(std::chrono::milliseconds duration);
std::string sizeText(std::uint64_t bytes);
std::string rateText(std::uint64_t perSecond);

}  // namespace sluice
