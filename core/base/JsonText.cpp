#include "base/JsonText.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/Utf8.h"

namespace sluice {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isHexDigit(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// How many of eight bytes come before one that ends the plain part of a string: a quote, a
/// backslash or a control character (Hacker's Delight, section 6-1: of the bits that are set the
/// lowest tells the truth).
std::size_t plainLength(const char* text) {
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kHighs = 0x8080'8080'8080'8080;
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text, sizeof bytes);
    const auto zeros = [](std::uint64_t x) { return (x - kOnes) & ~x; };
    const std::uint64_t special = ((bytes - kOnes * 0x20) & ~bytes) | zeros(bytes ^ (kOnes * '"')) |
                                  zeros(bytes ^ (kOnes * '\\'));
    return static_cast<std::size_t>(std::countr_zero(special & kHighs)) / 8;
}

/// Walks over a text by the grammar. Every function takes what it names off the front, and says
/// whether it stood there.
class JsonWalk {
  public:
    explicit JsonWalk(std::string_view text) : at_{text.data()}, end_{text.data() + text.size()} {}

    bool value(int depth);
    bool atEnd() {
        space();
        return at_ == end_;
    }

  private:
    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }
    bool word(std::string_view text) {
        const auto left = static_cast<std::size_t>(end_ - at_);
        if (!std::string_view{at_, left}.starts_with(text)) return false;
        at_ += text.size();
        return true;
    }
    void space() {
        while (at_ != end_ && isSpace(*at_)) ++at_;
    }
    bool object(int depth);
    bool array(int depth);
    bool string();
    bool escape();
    bool number();
    bool digits();

    const char* at_;
    const char* end_;
};

bool JsonWalk::value(int depth) {
    space();
    if (at_ == end_) return false;
    switch (*at_) {
        case '{':
            return depth < kJsonDepthMax && object(depth + 1);
        case '[':
            return depth < kJsonDepthMax && array(depth + 1);
        case '"':
            return string();
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
    }
}

bool JsonWalk::object(int depth) {
    take('{');
    space();
    if (take('}')) return true;
    do {
        space();
        if (!string()) return false;
        space();
        if (!take(':') || !value(depth)) return false;
        space();
    } while (take(','));
    return take('}');
}

bool JsonWalk::array(int depth) {
    take('[');
    space();
    if (take(']')) return true;
    do {
        if (!value(depth)) return false;
        space();
    } while (take(','));
    return take(']');
}

bool JsonWalk::string() {
    if (!take('"')) return false;
    while (at_ != end_) {
        std::size_t plain = 8;
        while (end_ - at_ >= 8 && plain == 8) at_ += plain = plainLength(at_);
        if (at_ == end_) return false;
        const char c = *at_++;
        if (c == '"') return true;
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c == '\\' && !escape()) return false;
    }
    return false;
}

bool JsonWalk::escape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
        if (at_ == end_ || !isHexDigit(*at_)) return false;
        ++at_;
    }
    return true;
}

bool JsonWalk::number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
}

bool JsonWalk::digits() {
    const char* const begin = at_;
    while (at_ != end_ && isDigit(*at_)) ++at_;
    return at_ != begin;
}

void appendEscaped(std::string& out, char c) {
    static constexpr char kHexDigits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else {
        out += "\\u00";
        out += kHexDigits[c >> 4 & 15];
        out += kHexDigits[c & 15];
    }
}

}  // namespace

bool isJson(std::string_view text) {
    return isUtf8(text) && isJsonInUtf8(text);
}

bool isJsonInUtf8(std::string_view text) {
    JsonWalk walk{text};
    return walk.value(0) && walk.atEnd();
}

void appendJsonString(std::string& out, std::string_view text) {
    const bool utf8 = isUtf8(text);
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x7f && !utf8) {
            out += "\xef\xbf\xbd";
        } else if (byte < 0x20 || c == '"' || c == '\\') {
            appendEscaped(out, c);
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace sluice
