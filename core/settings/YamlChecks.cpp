#include "settings/YamlChecks.h"

#include <array>
#include <cstdio>

#include "base/Utf8.h"

namespace sluice::yaml {
namespace {

std::string hexadecimal(std::uint32_t value, const char* format) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

Problem problemAt(const Source& source, std::size_t offset, std::string code, std::string message,
                  std::string hint) {
    const Mark mark = source.markAtOffset(offset);
    return {std::move(code), std::move(message), std::move(hint), {mark, mark}};
}

/// The length of the code point at `offset`, 0 where there is none.
std::size_t codePointLength(std::string_view text, std::size_t offset) {
    for (std::size_t length = 1; length <= 4; ++length)
        if (isUtf8(text.substr(offset, length)) && offset + length <= text.size()) return length;
    return 0;
}

Problem notUtf8(const Source& source) {
    const std::string_view text = source.text();
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = codePointLength(text, at);
        if (length == 0) break;
        at += length;
    }
    const auto byte = static_cast<unsigned char>(at < text.size() ? text[at] : 0);
    return problemAt(source, at, "not-utf8",
                     "the byte " + hexadecimal(byte, "0x%02X") + " is not UTF-8",
                     "save the file as UTF-8");
}

std::uint32_t decode(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() == 1) return byte(0);
    std::uint32_t codePoint = byte(0) & (0xffu >> (bytes.size() + 1));
    for (std::size_t i = 1; i < bytes.size(); ++i) codePoint = (codePoint << 6) | (byte(i) & 0x3fu);
    return codePoint;
}

bool isRefused(std::uint32_t c) {
    if (c < 0x20) return c != '\t' && c != '\n';
    return (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
           c == 0xffff;
}

const char* nameOf(std::uint32_t c) {
    switch (c) {
        case 0:
            return "a NUL byte";
        case '\r':
            return "a carriage return without a line feed";
        case 0x1b:
            return "an escape character";
        case 0x85:
            return "a line end that editors do not show";
        case 0x2028:
            return "a line end that editors do not show";
        case 0x2029:
            return "a line end that editors do not show";
        case 0xfeff:
            return "a byte order mark in the middle of the file";
        default:
            return "a control character";
    }
}

void checkCharacters(const Source& source, const Limits& limits, std::vector<Problem>& problems) {
    const std::string_view text = source.text();
    for (std::size_t at = 0; at < text.size() && problems.size() < limits.problems;) {
        const std::size_t length = codePointLength(text, at);
        const std::uint32_t c = decode(text.substr(at, length));
        const bool isCrLf = c == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
        if (isRefused(c) && !isCrLf) {
            const std::string name = hexadecimal(c, "U+%04X");
            problems.push_back(problemAt(source, at, "control-character",
                                         std::string{nameOf(c)} + " (" + name + ")",
                                         "remove it; inside of double quotes an escape such as "
                                         "\"\\x1b\" can stand for it"));
        }
        at += length;
    }
}

void checkDirectives(const Source& source, const Limits& limits, std::vector<Problem>& problems) {
    for (std::uint32_t line = 1; line <= source.lineCount(); ++line) {
        if (!source.line(line).starts_with('%') || problems.size() >= limits.problems) continue;
        problems.push_back(problemAt(source, source.lineBegin(line), "directive",
                                     "a line that begins with `%` is a directive of YAML",
                                     "Sluice reads one plain document: remove the line"));
    }
}

}  // namespace

std::vector<Problem> checkBytes(const Source& source, const Limits& limits) {
    std::vector<Problem> problems;
    if (source.text().size() > limits.bytes) {
        problems.push_back(problemAt(source, 0, "too-large",
                                     "the file has " + std::to_string(source.text().size()) +
                                         " bytes, at most " + std::to_string(limits.bytes) +
                                         " are read",
                                     "a configuration is far smaller: is this the right file?"));
    } else if (!isUtf8(source.text())) {
        problems.push_back(notUtf8(source));
    } else {
        checkCharacters(source, limits, problems);
        checkDirectives(source, limits, problems);
    }
    return problems;
}

}  // namespace sluice::yaml
