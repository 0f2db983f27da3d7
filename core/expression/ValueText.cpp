#include <array>
#include <charconv>
#include <cmath>

#include "base/JsonText.h"
#include "expression/Base64.h"
#include "expression/Json.h"
#include "expression/Time.h"

namespace sluice::cel {
namespace {

template <typename Number>
void appendNumber(std::string& out, Number number) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), end.ptr);
}

/// As JavaScript writes it: as few digits as read back as the same number, with an exponent only
/// where it is very large or small.
void appendNumber(std::string& out, double number) {
    std::array<char, 32> text;
    const double size = std::abs(number);
    const bool isPlain = size == 0 || (size >= 1e-6 && size < 0x1p53);
    const auto format = isPlain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, format);
    const std::string_view written{text.data(), static_cast<std::size_t>(end.ptr - text.data())};
    if (isPlain || size < 1 || size >= 1e21) {
        out += written;
        return;
    }
    // Whole numbers beyond 2^53 get zeros where `fixed` would invent digits.
    const std::size_t mark = written.find('e');
    const std::size_t from = out.size();
    for (const char c : written.substr(0, mark))
        if (c != '.') out += c;
    std::size_t exponent = 0;  // behind "e+"
    std::from_chars(written.data() + mark + 2, end.ptr, exponent);
    out.resize(from + (number < 0 ? 1 : 0) + exponent + 1, '0');
}

/// Quotes, with escapes, what a CEL string or bytes literal holds.
void appendQuoted(std::string& out, std::string_view text, bool isBytes) {
    static constexpr std::string_view kHex{"0123456789abcdef"};
    static constexpr std::string_view kNamed{"\n\r\t\\'"};
    static constexpr std::string_view kWritten{"nrt\\'"};
    out += '\'';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const std::size_t named = kNamed.find(c);
        if (named != std::string_view::npos) {
            (out += '\\') += kWritten[named];
        } else if (byte < 0x20 || byte == 0x7f || (isBytes && byte > 0x7f)) {
            ((out += "\\x") += kHex[byte >> 4]) += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '\'';
}

/// Writes values in one of the two languages.
class Writer {
  public:
    Writer(std::string& out, bool isCel)
        : out_{out}, isCel_{isCel}, sizeMax_{out.size() + kValueTextBytesMax} {}

    /// False for an error and beyond the bound.
    bool write(const Value& value) {
        if (!isCel_ && !value.json().empty()) {
            out_ += value.json();
            return out_.size() <= sizeMax_;
        }
        if (value.isError()) return false;
        if (value.is(Kind::List)) return list(value.asList());
        if (value.is(Kind::Map)) return map(value.asMap());
        isCel_ ? celScalar(value) : jsonScalar(value);
        return out_.size() <= sizeMax_;
    }

  private:
    bool list(const List& list);
    bool map(const Map& map);
    void jsonKey(const Value& key);
    void jsonScalar(const Value& value);
    void celScalar(const Value& value);

    std::string& out_;
    bool isCel_;
    std::size_t sizeMax_;
};

bool Writer::list(const List& list) {
    out_ += '[';
    for (const Value& item : list) {
        if (&item != list.begin()) out_ += isCel_ ? ", " : ",";
        if (!write(item)) return false;
    }
    out_ += ']';
    return out_.size() <= sizeMax_;
}

bool Writer::map(const Map& map) {
    out_ += '{';
    for (const Map::Entry& entry : map) {
        if (&entry != map.begin()) out_ += isCel_ ? ", " : ",";
        if (isCel_) {
            celScalar(entry.key);
            out_ += ": ";
        } else {
            jsonKey(entry.key);
            out_ += ':';
        }
        if (!write(entry.value)) return false;
    }
    out_ += '}';
    return out_.size() <= sizeMax_;
}

void Writer::jsonKey(const Value& key) {
    if (key.is(Kind::String)) return appendJsonString(out_, key.asString());
    out_ += '"';
    jsonScalar(key);
    out_ += '"';
}

void Writer::jsonScalar(const Value& value) {
    switch (value.kind()) {
        case Kind::Bool:
            out_ += value.asBool() ? "true" : "false";
            break;
        case Kind::Int:
            appendNumber(out_, value.asInt());
            break;
        case Kind::Uint:
            appendNumber(out_, value.asUint());
            break;
        case Kind::Double:
            if (std::isfinite(value.asDouble())) {
                appendNumber(out_, value.asDouble());
            } else {
                out_ += "null";
            }
            break;
        case Kind::String:
            appendJsonString(out_, value.asString());
            break;
        case Kind::Bytes:
            ((out_ += '"') += base64(value.asBytes())) += '"';
            break;
        case Kind::Timestamp:
            ((out_ += '"') += textOf(value.asTimestamp())) += '"';
            break;
        case Kind::Duration:
            ((out_ += '"') += textOf(value.asDuration())) += '"';
            break;
        case Kind::Type:
            ((out_ += '"') += nameOf(value.asType())) += '"';
            break;
        default:
            out_ += "null";
    }
}

void Writer::celScalar(const Value& value) {
    switch (value.kind()) {
        case Kind::Uint:
            appendNumber(out_, value.asUint());
            out_ += 'u';
            break;
        case Kind::Double:
            if (std::isfinite(value.asDouble())) {
                const std::size_t from = out_.size();
                appendNumber(out_, value.asDouble());
                if (out_.find_first_of(".e", from) == std::string::npos) out_ += ".0";
            } else {
                ((out_ += "double('") += doubleText(value.asDouble())) += "')";
            }
            break;
        case Kind::String:
            appendQuoted(out_, value.asString(), false);
            break;
        case Kind::Bytes:
            out_ += 'b';
            appendQuoted(out_, value.asBytes(), true);
            break;
        case Kind::Timestamp:
            ((out_ += "timestamp('") += textOf(value.asTimestamp())) += "')";
            break;
        case Kind::Duration:
            ((out_ += "duration('") += textOf(value.asDuration())) += "')";
            break;
        case Kind::Type:
            out_ += nameOf(value.asType());
            break;
        default:
            jsonScalar(value);
    }
}

bool append(std::string& out, const Value& value, bool isCel) {
    const std::size_t size = out.size();
    if (Writer{out, isCel}.write(value)) return true;
    out.resize(size);
    return false;
}

}  // namespace

bool appendJson(std::string& out, const Value& value) {
    return append(out, value, false);
}

bool appendCel(std::string& out, const Value& value) {
    return append(out, value, true);
}

std::string doubleText(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    std::string text;
    appendNumber(text, number);
    return text;
}

}  // namespace sluice::cel
