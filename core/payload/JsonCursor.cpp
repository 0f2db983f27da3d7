#include "payload/JsonCursor.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sluice {
namespace {

bool isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool endsScalar(char c) {
    return c == ',' || c == ']' || c == '}' || c == ':' || isSpace(c);
}

unsigned hexDigit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

/// The number behind `\u`. REQUIRES: four digits stand there.
std::uint32_t codeUnit(const char* digits) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 4 | hexDigit(digits[i]);
    return value;
}

char* writeUtf8(std::uint32_t value, char* out) {
    const auto tail = [value](unsigned shift) {
        return static_cast<char>(0x80 | (value >> shift & 0x3f));
    };
    if (value < 0x80) {
        *out++ = static_cast<char>(value);
    } else if (value < 0x800) {
        *out++ = static_cast<char>(0xc0 | value >> 6);
        *out++ = tail(0);
    } else if (value < 0x10000) {
        *out++ = static_cast<char>(0xe0 | value >> 12);
        *out++ = tail(6);
        *out++ = tail(0);
    } else {
        *out++ = static_cast<char>(0xf0 | value >> 18);
        *out++ = tail(12);
        *out++ = tail(6);
        *out++ = tail(0);
    }
    return out;
}

/// What `\n` and its like stand for; other escaped characters are themselves.
char simpleEscape(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

constexpr std::uint32_t kNoScalarValue = 0xffff'ffff;

/// The code point of the `\u` escape at the front, and of the one behind it if they are a pair.
std::uint32_t takeCodePoint(std::string_view& text) {
    const std::uint32_t first = codeUnit(text.data() + 2);
    text.remove_prefix(6);
    if (first < 0xd800 || first > 0xdfff) return first;
    if (first > 0xdbff || !text.starts_with("\\u")) return kNoScalarValue;
    const std::uint32_t second = codeUnit(text.data() + 2);
    if (second < 0xdc00 || second > 0xdfff) return kNoScalarValue;
    text.remove_prefix(6);
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

}  // namespace

void JsonCursor::skipSpace() {
    while (!rest_.empty() && isSpace(rest_.front())) rest_.remove_prefix(1);
}

bool JsonCursor::take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    lastEnd_ = rest_.data();
    skipSpace();
    return true;
}

std::string_view JsonCursor::value() {
    std::size_t length = 0;
    if (rest_.front() == '"')
        length = stringLength();
    else if (rest_.front() == '{' || rest_.front() == '[')
        length = nestedLength();
    else
        while (length < rest_.size() && !endsScalar(rest_[length])) ++length;
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    lastEnd_ = rest_.data();
    skipSpace();
    return taken;
}

std::size_t JsonCursor::stringLength() const {
    std::size_t at = 1;
    while (rest_[at] != '"') at += rest_[at] == '\\' ? 2 : 1;
    return at + 1;
}

std::size_t JsonCursor::nestedLength() const {
    std::size_t depth = 0, at = 0;
    do {
        const char c = rest_[at];
        if (c == '"') {
            at += JsonCursor{rest_.substr(at)}.stringLength();
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at;
    } while (depth > 0);
    return at;
}

std::optional<std::size_t> unescapeJson(std::string_view inside, char* out) {
    char* const begin = out;
    while (!inside.empty()) {
        const std::size_t plain = std::min(inside.find('\\'), inside.size());
        if (plain > 0) std::memcpy(out, inside.data(), plain);
        out += plain;
        inside.remove_prefix(plain);
        if (inside.empty()) break;
        if (inside[1] != 'u') {
            *out++ = simpleEscape(inside[1]);
            inside.remove_prefix(2);
            continue;
        }
        const std::uint32_t codePoint = takeCodePoint(inside);
        if (codePoint == kNoScalarValue) return std::nullopt;
        out = writeUtf8(codePoint, out);
    }
    return static_cast<std::size_t>(out - begin);
}

std::string_view jsonKey(std::string_view token, std::string& buffer) {
    const std::string_view inside = token.substr(1, token.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    buffer.resize(inside.size());
    const std::optional<std::size_t> length = unescapeJson(inside, buffer.data());
    if (!length) return inside;
    return std::string_view{buffer}.substr(0, *length);
}

}  // namespace sluice
