#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "mapping/Data.h"

// YAML 1.2, section 10.3.2: the core schema.
namespace sluice {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names)
        if (text == name) return true;
    return false;
}

std::string_view takeDigits(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && isDigit(text[length])) ++length;
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

/// 0x1F or 0o17; nothing where it is none or does not fit 64 bits.
std::optional<std::string> prefixedInteger(std::string_view text) {
    const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
    if (base == 0 || text.size() == 2) return std::nullopt;
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 2, end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return std::to_string(value);
}

std::string withoutLeadingZeros(std::string_view digits) {
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits.empty() ? "0" : std::string{digits};
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
std::optional<std::string> decimalNumber(std::string_view text) {
    std::string json;
    if (text.starts_with('-')) json = "-";
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const std::string_view whole = takeDigits(text);
    json += withoutLeadingZeros(whole);
    bool hasDigits = !whole.empty();
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::string_view fraction = takeDigits(text);
        hasDigits = hasDigits || !fraction.empty();
        json += '.';
        json += fraction.empty() ? "0" : fraction;
    }
    if (!hasDigits) return std::nullopt;
    if (text.starts_with('e') || text.starts_with('E')) {
        json += text.front();
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) {
            json += text.front();
            text.remove_prefix(1);
        }
        const std::string_view exponent = takeDigits(text);
        if (exponent.empty()) return std::nullopt;
        json += exponent;
    }
    if (!text.empty()) return std::nullopt;
    return json;
}

}  // namespace

std::optional<std::string> jsonOfPlainScalar(std::string_view text) {
    if (isOneOf(text, {"", "~", "null", "Null", "NULL"})) return "null";
    if (isOneOf(text, {"true", "True", "TRUE"})) return "true";
    if (isOneOf(text, {"false", "False", "FALSE"})) return "false";
    if (auto integer = prefixedInteger(text)) return integer;
    return decimalNumber(text);
}

bool isBeyondJson(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return isOneOf(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"});
}

}  // namespace sluice
