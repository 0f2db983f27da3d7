#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

/// Whether `text` is UTF-8 throughout (no surrogates, no overlong forms). Any thread may call.
bool isUtf8(std::string_view text);

/// At most so many bytes of a text, cut between two characters; of what is no UTF-8, any bytes. Any
/// thread may call.
std::string_view beginningOf(std::string_view text, std::size_t bytesMax);

}  // namespace sluice
