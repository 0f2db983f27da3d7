#include "EntryJson.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sluice::redis {
namespace {

/// The length of the UTF-8 sequence at the front, 0 if there is none (RFC 3629).
std::size_t sequenceAt(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if ((first & 0xF0U) == 0xE0U) {
        const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned most = first == 0xED ? 0x9F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned least = first == 0xF0 ? 0x90 : 0x80;
        const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

using Word = std::uint64_t;
constexpr std::size_t kWord = sizeof(Word);
constexpr Word kOnes = 0x0101010101010101U, kHighs = kOnes << 7U;

Word wordAt(std::string_view text, std::size_t at) {
    Word word = 0;
    std::memcpy(&word, text.data() + at, kWord);
    return word;
}

/// Not 0 if some byte of the word is 0.
constexpr Word zeroIn(Word word) {
    return (word - kOnes) & ~word & kHighs;
}

/// Not 0 if some byte of the word has to be escaped in a JSON string; the lowest bit that is set
/// tells which is the first (Hacker's Delight, section 6-1).
constexpr Word specialIn(Word word) {
    constexpr Word kFirstPlain = 0x20, kQuote = '"', kBackslash = '\\';
    const Word control = (word - kOnes * kFirstPlain) & ~word & kHighs;
    return control | zeroIn(word ^ (kOnes * kQuote)) | zeroIn(word ^ (kOnes * kBackslash));
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        while (text.size() >= kWord && (wordAt(text, 0) & kHighs) == 0) text.remove_prefix(kWord);
        if (text.empty()) break;
        const std::size_t length = sequenceAt(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// RFC 4648, section 4.
void appendBase64(std::string_view bytes, std::string& out) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += j <= count ? kDigits[bits >> (18 - 6 * j) & 63U] : '=';
    }
}

constexpr std::size_t kEscapedMax = 6;  // bytes of \u001f

/// Writes the character as JSON strings have it; returns behind it.
char* writeEscaped(char c, char* out) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(c);
    const char named = c == '\n'               ? 'n'
                       : c == '\r'             ? 'r'
                       : c == '\t'             ? 't'
                       : c == '"' || c == '\\' ? c
                                               : '\0';
    *out++ = '\\';
    if (named != '\0') {
        *out++ = named;
        return out;
    }
    std::memcpy(out, "u00", 3);
    out[3] = kHex[code >> 4];
    out[4] = kHex[code & 15U];
    return out + kEscapedMax - 1;
}

/// Writes the text with what has to be escaped; returns behind it. REQUIRES: there is room for
/// kEscapedMax bytes of each of its own, and for a word.
char* writeInside(std::string_view text, char* out) {
    static_assert(std::endian::native == std::endian::little);
    while (text.size() >= kWord) {
        const Word word = wordAt(text, 0);
        std::memcpy(out, &word, kWord);
        const Word special = specialIn(word);
        const auto plain = static_cast<std::size_t>(std::countr_zero(special)) / 8;
        out += plain;
        if (special != 0) out = writeEscaped(text[plain], out);
        text.remove_prefix(plain + (special != 0 ? 1 : 0));
    }
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\')
            out = writeEscaped(c, out);
        else
            *out++ = c;
    }
    return out;
}

/// REQUIRES: the text is UTF-8.
void appendString(std::string_view text, std::string& out) {
    constexpr std::size_t kPieceBytes = 256;
    out += '"';
    for (; !text.empty(); text.remove_prefix(std::min(kPieceBytes, text.size()))) {
        std::array<char, kPieceBytes * kEscapedMax + kWord> room;
        const char* const end = writeInside(text.substr(0, kPieceBytes), room.data());
        out.append(room.data(), static_cast<std::size_t>(end - room.data()));
    }
    out += '"';
}

void appendName(std::string_view name, std::string& out) {
    if (isUtf8(name)) return appendString(name, out);
    out += "\"base64:";
    appendBase64(name, out);
    out += '"';
}

void appendValue(std::string_view value, std::string& out) {
    if (isUtf8(value)) return appendString(value, out);
    out += R"({"base64":")";
    appendBase64(value, out);
    out += R"("})";
}

/// Which fields count: those whose name does not come again later.
class LastOfNames {
  public:
    explicit LastOfNames(std::span<const Reply> fields) : fields_(fields) {
        if (fields.size() / 2 <= kFew) return;
        std::unordered_set<std::string_view> seen;
        isLast_.resize(fields.size() / 2);
        for (std::size_t i = isLast_.size(); i-- > 0;)
            isLast_[i] = seen.insert(fields[2 * i].text).second;
    }

    bool has(std::size_t field) const {
        if (!isLast_.empty()) return isLast_[field];
        for (std::size_t i = 2 * field + 2; i < fields_.size(); i += 2)
            if (fields_[i].text == fields_[2 * field].text) return false;
        return true;
    }

  private:
    static constexpr std::size_t kFew =
        16;  // are compared with each other, which allocates nothing

    std::span<const Reply> fields_;
    std::vector<bool> isLast_;  // of many fields
};

}  // namespace

void appendJson(std::span<const Reply> fields, std::string& out) {
    const LastOfNames last(fields);
    out += '{';
    for (std::size_t i = 0; i < fields.size() / 2; ++i) {
        if (!last.has(i)) continue;
        if (out.back() != '{') out += ',';
        appendName(fields[2 * i].text, out);
        out += ':';
        appendValue(fields[2 * i + 1].text, out);
    }
    out += '}';
}

}  // namespace sluice::redis
