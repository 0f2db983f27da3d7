#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "expression/CodePoints.h"
#include "expression/Collections.h"
#include "expression/Json.h"

namespace sluice::cel {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// The number that digits with a point among them mean; false where there is more to it. A double
/// holds 15 digits and the power of ten exactly, so that their quotient is rounded only once.
bool shortDecimal(std::string_view text, double& result) {
    constexpr std::size_t kDigitsMax = 15;
    static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool isNegative = text.starts_with('-');
    if (isNegative) text.remove_prefix(1);
    std::int64_t digits = 0;
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos || text.size() > kDigitsMax + 1) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == point) continue;
        if (!isDigit(text[i])) return false;
        digits = digits * 10 + (text[i] - '0');
    }
    const std::size_t fraction = text.size() - 1 - point;
    const double number = static_cast<double>(digits) / kPowers[fraction];
    result = isNegative ? -number : number;
    return true;
}

/// Reads one JSON text by RFC 8259. Every function takes what it names off the front of `text`,
/// and gives false where it does not stand there or the arena is full.
class JsonReader {
  public:
    JsonReader(std::string_view text, Arena& arena) : text_{text}, arena_{arena} {}

    Value read();
    Value failure(bool isFull);

  private:
    bool value(Value& result, int depth);
    bool plainValue(Value& result, int depth);
    bool object(Value& result, int depth);
    bool array(Value& result, int depth);
    bool string(Value& result);
    bool escaped(std::size_t from, Value& result);
    bool codePoint(std::uint32_t& value);
    bool number(Value& result);
    bool digits();
    bool word(std::string_view word);
    bool take(char c);
    void space();
    char at() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool outOfMemory() {
        isFull_ = true;
        return false;
    }

    std::string_view text_;
    Arena& arena_;
    std::size_t at_ = 0;
    bool isFull_ = false;
    std::vector<Value> open_;  // what lies in the arrays and objects that are not closed yet
};

Value JsonReader::read() {
    Value result;
    const bool isRead = value(result, 0);
    space();
    if (!isRead || at_ != text_.size()) result = failure(isFull_ && !isRead);
    return result;
}

Value JsonReader::failure(bool isFull) {
    std::string_view message;
    const bool isKept =
        arena_.copy(isFull ? "the JSON text takes more memory than an evaluation may"
                           : "this is no JSON: it breaks at byte " + std::to_string(at_ + 1),
                    message);
    ErrorText* const error = isKept ? arena_.make<ErrorText>() : nullptr;
    if (error) {
        error->failure = isFull ? Failure::Limit : Failure::BadValue;
        error->message = message;
    }
    static constexpr ErrorText kFull{Failure::Limit, "no memory is left to read JSON", {}, 0, 0};
    return Value::error(error ? error : &kFull);
}

bool JsonReader::value(Value& result, int depth) {
    space();
    const std::size_t from = at_;
    if (!plainValue(result, depth)) return false;
    result.setJson(text_.substr(from, at_ - from));
    return true;
}

bool JsonReader::plainValue(Value& result, int depth) {
    switch (at()) {
        case '{':
            return depth < kJsonDepthMax && object(result, depth + 1);
        case '[':
            return depth < kJsonDepthMax && array(result, depth + 1);
        case '"':
            return string(result);
        case 't':
            result = Value::ofBool(true);
            return word("true");
        case 'f':
            result = Value::ofBool(false);
            return word("false");
        case 'n':
            result = Value::null();
            return word("null");
        default:
            return number(result);
    }
}

bool JsonReader::object(Value& result, int depth) {
    const std::size_t first = open_.size();
    take('{');
    space();
    bool isLast = take('}');
    while (!isLast) {
        Value key, item;
        space();
        if (at() != '"' || !string(key)) return false;
        space();
        if (!take(':') || !value(item, depth)) return false;
        open_.push_back(key);
        open_.push_back(item);
        space();
        isLast = take('}');
        if (!isLast && !take(',')) return false;
    }
    MapBuilder builder{arena_, (open_.size() - first) / 2};
    for (std::size_t i = first; i < open_.size(); i += 2) builder.set(open_[i], open_[i + 1]);
    open_.resize(first);
    const Map* const map = builder.finish();
    if (!map) return outOfMemory();
    result = Value::ofMap(map);
    return true;
}

bool JsonReader::array(Value& result, int depth) {
    const std::size_t first = open_.size();
    take('[');
    space();
    bool isLast = take(']');
    while (!isLast) {
        Value item;
        if (!value(item, depth)) return false;
        open_.push_back(item);
        space();
        isLast = take(']');
        if (!isLast && !take(',')) return false;
    }
    const std::size_t size = open_.size() - first;
    Value* const items = arena_.array<Value>(size);
    auto* const list = arena_.make<List>(items, static_cast<std::uint32_t>(size));
    if (!items || !list) return outOfMemory();
    std::uninitialized_copy(open_.begin() + static_cast<std::ptrdiff_t>(first), open_.end(), items);
    open_.resize(first);
    result = Value::ofList(list);
    return true;
}

bool JsonReader::string(Value& result) {
    take('"');
    const std::size_t from = at_;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c == '\\') return escaped(from, result);
        ++at_;
        if (c != '"') continue;
        result = Value::ofString(text_.substr(from, at_ - 1 - from));
        return true;
    }
    return false;
}

/// A string with escapes: it is decoded, so it can not point into the text.
bool JsonReader::escaped(std::size_t from, Value& result) {
    static constexpr std::string_view kNamed{"\"\\/bfnrt"};
    static constexpr std::string_view kMeant{"\"\\/\b\f\n\r\t"};
    std::string decoded{text_.substr(from, at_ - from)};
    while (at_ < text_.size()) {
        const char c = text_[at_++];
        if (c == '"') {
            std::string_view kept;
            if (!arena_.copy(decoded, kept)) return outOfMemory();
            result = Value::ofString(kept);
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c != '\\') {
            decoded += c;
            continue;
        }
        const std::size_t named = at() == '\0' ? std::string_view::npos : kNamed.find(at());
        if (named != std::string_view::npos) {
            decoded += kMeant[named];
            ++at_;
            continue;
        }
        std::uint32_t code = 0;
        if (!codePoint(code)) return false;
        appendCodePoint(decoded, code);
    }
    return false;
}

/// The \uXXXX that begins behind the backslash, with its second half where it is a surrogate; a
/// lone one becomes U+FFFD.
bool JsonReader::codePoint(std::uint32_t& value) {
    const auto unit = [this](std::uint32_t& result) {
        const std::string_view hex = text_.substr(std::min(at_ + 1, text_.size()), 4);
        if (at() != 'u' || hex.size() < 4) return false;
        const auto parsed = std::from_chars(hex.data(), hex.data() + 4, result, 16);
        return parsed.ec == std::errc{} && parsed.ptr == hex.data() + 4;
    };
    if (!unit(value)) return false;
    at_ += 5;
    if (isScalarValue(value)) return true;
    std::uint32_t low = 0;
    const std::size_t back = at_;
    if (value < 0xdc00 && take('\\') && unit(low) && low >= 0xdc00 && low < 0xe000) {
        at_ += 5;
        value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
    } else {
        at_ = back;
        value = 0xfffd;
    }
    return true;
}

bool JsonReader::number(Value& result) {
    const std::size_t from = at_;
    bool isWhole = true;
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.')) {
        isWhole = false;
        if (!digits()) return false;
    }
    if (take('e') || take('E')) {
        isWhole = false;
        if (!take('+')) take('-');
        if (!digits()) return false;
    }
    const char* const first = text_.data() + from;
    const char* const last = text_.data() + at_;
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    double real = 0;
    if (isWhole && std::from_chars(first, last, whole).ec == std::errc{}) {
        result = Value::ofInt(whole);
    } else if (isWhole && *first != '-' &&
               std::from_chars(first, last, natural).ec == std::errc{}) {
        result = Value::ofUint(natural);
    } else {
        const std::string_view written{first, static_cast<std::size_t>(last - first)};
        if (!shortDecimal(written, real) && std::from_chars(first, last, real).ec != std::errc{})
            real = std::strtod(std::string{written}.c_str(), nullptr);
        result = Value::ofDouble(real);
    }
    return true;
}

bool JsonReader::digits() {
    const std::size_t from = at_;
    while (isDigit(at())) ++at_;
    return at_ > from;
}

bool JsonReader::word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
}

bool JsonReader::take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

void JsonReader::space() {
    at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
}

}  // namespace

Value parseJson(std::string_view text, Arena& arena) {
    JsonReader reader{text, arena};
    return isUtf8(text) ? reader.read() : reader.failure(false);
}

Value parseJsonInUtf8(std::string_view text, Arena& arena) {
    return JsonReader{text, arena}.read();
}

}  // namespace sluice::cel
