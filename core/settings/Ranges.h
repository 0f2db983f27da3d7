#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Bounds as regular expressions, for JSON Schema (draft-07: ECMA 262), which can bound numbers but
/// not texts with a number in them. Without anchors, in parentheses where that matters; they match
/// exactly what Units.h reads. Pure. REQUIRES: least <= most.
namespace sluice {

/// Decimal digits without leading zeros.
std::string integerPattern(std::uint64_t least, std::uint64_t most);
/// `0`, or a number and a unit.
std::string durationPattern(std::chrono::milliseconds least, std::chrono::milliseconds most);
std::string sizePattern(std::uint64_t least, std::uint64_t most);

}  // namespace sluice
