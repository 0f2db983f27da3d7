#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sluice {

/// SHA-256 of a secret: what is kept and compared in its place.
using Digest = std::array<unsigned char, 32>;

Digest digestOf(std::string_view text);
/// 64 hexadecimal digits of either case; nothing for other texts.
std::optional<Digest> digestOfHex(std::string_view hex);
/// In the same time whether they are equal or not.
bool areEqual(const Digest& left, const Digest& right);

}  // namespace sluice
