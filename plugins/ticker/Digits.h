#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace sluice::ticker {

template <class Integer>
void appendInteger(std::string& out, Integer number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

/// Hundredths as a decimal number: 12345 is 123.45, -5 is -0.05.
inline void appendHundredths(std::string& out, std::int64_t hundredths) {
    if (hundredths < 0) out += '-';
    const std::int64_t size = hundredths < 0 ? -hundredths : hundredths;
    appendInteger(out, size / 100);
    out += '.';
    out += static_cast<char>('0' + size / 10 % 10);
    out += static_cast<char>('0' + size % 10);
}

}  // namespace sluice::ticker
