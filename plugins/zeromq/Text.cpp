#include "Text.h"

#include <cstdint>
#include <cstring>

namespace sluice::zeromq {
namespace {

constexpr std::string_view kHexMark = "0x";

bool isContinuation(std::string_view bytes, std::size_t at) {
    return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xc0) == 0x80;
}

/// The length of the character at `at`, 0 if there is none.
std::size_t characterAt(std::string_view bytes, std::size_t at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x80) return 1;
    if (byte < 0xc2 || byte > 0xf4 || !isContinuation(bytes, at + 1)) return 0;
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    if (byte < 0xe0) return 2;
    if (!isContinuation(bytes, at + 2)) return 0;
    if (byte < 0xf0) {
        const bool overlong = byte == 0xe0 && second < 0xa0;
        const bool surrogate = byte == 0xed && second >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (!isContinuation(bytes, at + 3)) return 0;
    return (byte == 0xf0 && second < 0x90) || (byte == 0xf4 && second >= 0x90) ? 0 : 4;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

bool isUtf8(std::string_view bytes) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    for (std::size_t at = 0; at < bytes.size();) {
        std::uint64_t word = 0;
        if (at + sizeof word <= bytes.size()) {  // mostly it is ASCII
            std::memcpy(&word, bytes.data() + at, sizeof word);
            if ((word & kHighBits) == 0) {
                at += sizeof word;
                continue;
            }
        }
        const std::size_t length = characterAt(bytes, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::string hexOf(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(kHexMark);
    text.reserve(text.size() + 2 * bytes.size());
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

bool isHexPrefix(std::string_view prefix) {
    if (!prefix.starts_with(kHexMark)) return false;
    for (const char c : prefix.substr(kHexMark.size()))
        if (hexDigit(c) < 0) return false;
    return true;
}

std::string bytesOfHex(std::string_view prefix) {
    std::string bytes;
    if (!isHexPrefix(prefix)) return bytes;
    for (std::size_t i = kHexMark.size(); i + 1 < prefix.size(); i += 2)
        bytes += static_cast<char>(hexDigit(prefix[i]) * 16 + hexDigit(prefix[i + 1]));
    return bytes;
}

std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    for (int i = 0; i < 3 && bytes > 0 && isContinuation(text, bytes); ++i) --bytes;
    return text.substr(0, bytes);
}

}  // namespace sluice::zeromq
