#include "EntryJson.h"

#include <algorithm>
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

/// Not 0 if some byte of the word cannot stand in a JSON string of ASCII as it is.
constexpr Word specialIn(Word word) {
    constexpr Word kFirstPlain = 0x20, kQuote = '"', kBackslash = '\\';
    const Word control = (word - kOnes * kFirstPlain) & ~word;
    return ((word | control) & kHighs) | zeroIn(word ^ (kOnes * kQuote)) |
           zeroIn(word ^ (kOnes * kBackslash));
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

/// Where the next byte stands, from `at` on, that has to be escaped or is no ASCII.
std::size_t nextSpecial(std::string_view text, std::size_t at) {
    while (at + kWord <= text.size() && specialIn(wordAt(text, at)) == 0) at += kWord;
    const auto isPlain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    while (at < text.size() && isPlain(text[at])) ++at;
    return at;
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

void appendEscaped(char c, std::string& out) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '"':
        case '\\':
            out += '\\';
            out += c;
            return;
        default: {
            const auto code = static_cast<unsigned char>(c);
            out.append("\\u00").append(1, kHex[code >> 4]).append(1, kHex[code & 15U]);
        }
    }
}

/// REQUIRES: the text is UTF-8.
void appendString(std::string_view text, std::string& out) {
    out += '"';
    for (std::size_t plain = 0; plain < text.size();) {
        const std::size_t special = nextSpecial(text, plain);
        out.append(text, plain, special - plain);
        if (special == text.size()) break;
        const auto c = static_cast<unsigned char>(text[special]);
        if (c < 0x20 || c == '"' || c == '\\')
            appendEscaped(text[special], out);
        else
            out += text[special];  // DEL, or of a longer sequence
        plain = special + 1;
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

/// Marks the fields whose name comes again later.
std::vector<bool> overridden(std::span<const Reply> fields) {
    constexpr std::size_t kFew = 16;
    std::vector<bool> marks(fields.size() / 2);
    if (marks.size() <= kFew) {
        for (std::size_t i = 0; i < marks.size(); ++i)
            for (std::size_t j = i + 1; j < marks.size() && !marks[i]; ++j)
                marks[i] = fields[2 * i].text == fields[2 * j].text;
        return marks;
    }
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = marks.size(); i-- > 0;) marks[i] = !seen.insert(fields[2 * i].text).second;
    return marks;
}

}  // namespace

void appendJson(std::span<const Reply> fields, std::string& out) {
    const std::vector<bool> isOverridden = overridden(fields);
    out += '{';
    for (std::size_t i = 0; i < isOverridden.size(); ++i) {
        if (isOverridden[i]) continue;
        if (out.back() != '{') out += ',';
        appendName(fields[2 * i].text, out);
        out += ':';
        appendValue(fields[2 * i + 1].text, out);
    }
    out += '}';
}

}  // namespace sluice::redis
