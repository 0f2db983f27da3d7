#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::zeromq {

/// Whether the bytes are UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool isUtf8(std::string_view bytes);

/// Bytes that are no text, as text that can be named in a mapping: 0x and lower-case digits.
std::string hexOf(std::string_view bytes);

/// The bytes of which hexOf() gives texts that begin with `prefix`: "0x00f" gives the byte 00.
/// Empty also where it is none of hexOf()'s.
std::string bytesOfHex(std::string_view prefix);
bool isHexPrefix(std::string_view prefix);

/// The longest beginning that has at most `bytes` and, if it is UTF-8, cuts no character.
std::string_view cut(std::string_view text, std::size_t bytes);

}  // namespace sluice::zeromq
