#include "settings/YamlSource.h"

#include <algorithm>

namespace sluice::yaml {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The end of the code point at `offset`.
std::size_t next(std::string_view text, std::size_t offset) {
    ++offset;
    while (offset < text.size() && isContinuation(text[offset])) ++offset;
    return offset;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Where the key of a line ends (at its colon), or npos.
std::size_t endOfKey(std::string_view line, std::size_t begin) {
    std::size_t at = begin;
    if (at < line.size() && (line[at] == '"' || line[at] == '\'')) {
        at = line.find(line[at], at + 1);
        if (at == std::string_view::npos) return at;
    }
    for (; at < line.size(); ++at)
        if (line[at] == ':' &&
            (at + 1 == line.size() || line[at + 1] == ' ' || line[at + 1] == '\t'))
            return at;
    return std::string_view::npos;
}

}  // namespace

Source::Source(std::string bytes) : text_{std::move(bytes)} {
    if (text_.starts_with(kBom)) text_.erase(0, kBom.size());
    lines_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i)
        if (text_[i] == '\n') lines_.push_back(i + 1);
}

std::string_view Source::line(std::uint32_t line) const {
    const std::size_t begin = lines_[line - 1];
    std::size_t end = line < lines_.size() ? lines_[line] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return std::string_view{text_}.substr(begin, end - begin);
}

Mark Source::mark(std::size_t line, std::size_t column) const {
    if (line >= lines_.size()) return markAtOffset(text_.size());  // libyaml's end of the file
    const bool goesOn = last_.line == line + 1 && last_.column <= column + 1;
    Mark mark = goesOn ? last_ : Mark{static_cast<std::uint32_t>(line + 1), 1, lines_[line]};
    const std::string_view text = this->line(mark.line);
    const std::size_t end = lines_[line] + text.size();
    while (mark.column < column + 1 && mark.offset < end) {
        mark.offset = next(text_, mark.offset);
        ++mark.column;
    }
    return last_ = mark;
}

Mark Source::markAtOffset(std::size_t offset) const {
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
    const auto line = static_cast<std::size_t>(after - lines_.begin());
    Mark mark{static_cast<std::uint32_t>(line), 1, lines_[line - 1]};
    while (mark.offset < std::min(offset, text_.size())) {
        mark.offset = next(text_, mark.offset);
        ++mark.column;
    }
    return mark;
}

LineValue valueOnLine(const Source& source, std::uint32_t line) {
    const std::string_view text = source.line(line);
    std::size_t at = std::min(text.find_first_not_of(' '), text.size());
    while (text.substr(at).starts_with("- "))
        at = std::min(text.find_first_not_of(' ', at + 1), text.size());
    LineValue value;
    const std::size_t colon = endOfKey(text, at);
    if (colon != std::string_view::npos) {
        value.hasKey = true;
        at = std::min(text.find_first_not_of(" \t", colon + 1), text.size());
    }
    value.offset = source.lineBegin(line) + at;
    value.text = text.substr(at);
    const std::size_t comment = value.text.starts_with('#') ? 0 : value.text.find(" #");
    value.text = trimmed(value.text.substr(0, comment));
    return value;
}

std::string quoted(std::string_view text) {
    if (text.find_first_of("\"\\") == std::string_view::npos) return '"' + std::string{text} + '"';
    std::string result{"'"};
    for (const char c : text) result += c == '\'' ? "''" : std::string(1, c);
    return result + '\'';
}

}  // namespace sluice::yaml
