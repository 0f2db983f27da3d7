#include "base/JsonText.h"

#include <algorithm>

#include "base/Utf8.h"

namespace sluice {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isHexDigit(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Walks over a text by the grammar. Every function takes what it names off the front, and says
/// whether it stood there.
class JsonWalk {
  public:
    explicit JsonWalk(std::string_view text) : rest_{text} {}

    bool value(int depth);
    bool atEnd() {
        space();
        return rest_.empty();
    }

  private:
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool word(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    void space() {
        const std::size_t length = rest_.find_first_not_of(" \t\n\r");
        rest_.remove_prefix(std::min(length, rest_.size()));
    }
    bool object(int depth);
    bool array(int depth);
    bool string();
    bool escape();
    bool number();
    bool digits();

    std::string_view rest_;
};

bool JsonWalk::value(int depth) {
    space();
    if (rest_.empty()) return false;
    switch (rest_.front()) {
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
    while (!rest_.empty()) {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '"') return true;
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c == '\\' && !escape()) return false;
    }
    return false;
}

bool JsonWalk::escape() {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c != 'u') return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
        if (rest_.empty() || !isHexDigit(rest_.front())) return false;
        rest_.remove_prefix(1);
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
    std::size_t length = 0;
    while (length < rest_.size() && isDigit(rest_[length])) ++length;
    rest_.remove_prefix(length);
    return length > 0;
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
    JsonWalk walk{text};
    return isUtf8(text) && walk.value(0) && walk.atEnd();
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
