#include "settings/YamlRender.h"

#include <algorithm>

#include "base/Utf8.h"
#include "settings/YamlSecrets.h"

namespace sluice::yaml {
namespace {

constexpr std::size_t kShownMax = 100;  // code points of a line, around the caret

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// In code points.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !isContinuation(c); }));
}

/// Code points `from` to `from + count`.
std::string_view part(std::string_view text, std::size_t from, std::size_t count) {
    const auto byteOf = [&](std::size_t codePoint) {
        std::size_t at = 0;
        for (; at < text.size(); ++at)
            if (!isContinuation(text[at]) && codePoint-- == 0) break;
        return at;
    };
    const std::size_t begin = byteOf(from);
    return text.substr(begin, byteOf(from + count) - begin);
}

/// What is shown of a line, and where in it the marked text stands.
struct Excerpt {
    std::string text;
    std::size_t begin = 0, end = 0;  // in code points
};

Excerpt excerpt(std::string_view line, const Span& where) {
    Excerpt shown{std::string{line}, where.begin.column - 1, width(line)};
    if (where.end.line == where.begin.line)
        shown.end = std::min<std::size_t>(shown.end, where.end.column - 1);
    if (width(line) <= kShownMax) return shown;
    const std::size_t half = kShownMax / 2;
    const std::size_t first = shown.begin > half ? shown.begin - half : 0;
    const std::string dots = first == 0 ? "" : "...";
    shown.text = dots + std::string{part(line, first, kShownMax)};
    if (width(line) > first + kShownMax) shown.text += "...";
    shown.begin += dots.size() - first;
    shown.end = std::min(shown.end + dots.size() - first, width(shown.text));
    return shown;
}

/// White space as wide as the text before the marked part, then the caret.
std::string caretLine(const Excerpt& shown) {
    std::string line;
    for (const char c : part(shown.text, 0, shown.begin))
        if (!isContinuation(c)) line += c == '\t' ? '\t' : ' ';
    line += '^';
    if (shown.end > shown.begin + 1) line.append(shown.end - shown.begin - 1, '~');
    return line;
}

/// Without what a terminal would obey: control characters, and bytes that are not UTF-8.
std::string printable(std::string_view text) {
    std::string result;
    const bool isText = isUtf8(text);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool isControl = (byte < 0x20 && c != '\t') || byte == 0x7f;
        result += isControl || (byte >= 0x80 && !isText) ? '?' : c;
    }
    // C1 control characters are two bytes of UTF-8.
    for (std::size_t at = 0; isText && (at = result.find('\xc2', at)) != std::string::npos; ++at)
        if (static_cast<unsigned char>(result[at + 1]) < 0xa0) result.replace(at, 2, "?");
    return result;
}

/// The same for a text of our own, which may have several lines: the others are indented.
std::string printableLines(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        result += (at == 0 ? "" : "\n  ") + printable(text.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

}  // namespace

std::string render(const std::string& file, const Source& source, const Problem& problem) {
    const Mark& mark = problem.where.begin;
    std::string text = file + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column) +
                       (problem.isWarning ? ": warning: " : ": error: ") +
                       printableLines(problem.message) + " [" + problem.code + "]\n";
    const Excerpt shown = excerpt(printable(covered(source, mark.line)), problem.where);
    const std::string number = std::to_string(mark.line);
    text += "  " + number + " | " + shown.text + '\n';
    text += "  " + std::string(number.size(), ' ') + " | " + caretLine(shown) + '\n';
    if (!problem.hint.empty()) text += "  hint: " + printableLines(problem.hint) + '\n';
    return text;
}

}  // namespace sluice::yaml
