#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has
/// one. Pure; any thread.
std::uint32_t crc32c(std::string_view bytes);

/// As crc32c, never by the instruction.
std::uint32_t crc32cPortable(std::string_view bytes);

}  // namespace sluice
