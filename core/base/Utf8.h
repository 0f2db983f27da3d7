#pragma once

#include <string_view>

namespace sluice {

/// Whether `text` is UTF-8 throughout (no surrogates, no overlong forms). Any thread may call.
bool isUtf8(std::string_view text);

}  // namespace sluice
