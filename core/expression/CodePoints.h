#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Strings as CEL sees them: sequences of Unicode code points, stored as UTF-8. Bytes that are no
/// UTF-8 count as one code point each. Any thread may call.
namespace sluice::cel {

/// Bytes of the first code point of `text`; 0 of an empty text, else at least 1.
inline std::size_t codePointLength(std::string_view text) {
    if (text.empty()) return 0;
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (std::size_t i = 1; i < length; ++i)
        if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 1;
    return length;
}

/// How many code points `text` has.
inline std::size_t codePointCount(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        text.remove_prefix(codePointLength(text));
        ++count;
    }
    return count;
}

/// Where the code point number `index` begins, in bytes; npos where there are fewer. The end of
/// the text is a place, too.
inline std::size_t codePointOffset(std::string_view text, std::int64_t index) {
    if (index < 0) return std::string_view::npos;
    std::size_t offset = 0;
    for (; index > 0; --index) {
        if (offset == text.size()) return std::string_view::npos;
        offset += codePointLength(text.substr(offset));
    }
    return offset;
}

/// Where the last code point of `text` begins; 0 of an empty text.
inline std::size_t lastCodePointOffset(std::string_view text) {
    for (std::size_t length = 2; length <= 4 && length <= text.size(); ++length)
        if (codePointLength(text.substr(text.size() - length)) == length)
            return text.size() - length;
    return text.empty() ? 0 : text.size() - 1;
}

/// Whether one code point is white space by Unicode's White_Space.
bool isSpace(std::string_view codePoint);

inline bool isScalarValue(std::uint32_t value) {
    return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

/// Appends a code point as UTF-8. REQUIRES: isScalarValue(value).
inline void appendCodePoint(std::string& out, std::uint32_t value) {
    const auto tail = [value](unsigned shift) {
        return static_cast<char>(0x80 | (value >> shift & 0x3f));
    };
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xc0 | value >> 6);
        out += tail(0);
    } else if (value < 0x10000) {
        out += static_cast<char>(0xe0 | value >> 12);
        (out += tail(6)) += tail(0);
    } else {
        out += static_cast<char>(0xf0 | value >> 18);
        ((out += tail(12)) += tail(6)) += tail(0);
    }
}

}  // namespace sluice::cel
