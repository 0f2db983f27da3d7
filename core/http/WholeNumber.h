#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

namespace sluice {

/// Reads a text that is a number of that type in decimal and nothing else. False, and `value` is
/// anything, for whatever else and beyond the type's range. Any thread may call.
template <typename Number>
bool readWhole(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace sluice
