#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "settings/YamlSource.h"

namespace sluice::yaml {
namespace {

bool isWhite(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string utf8(std::uint32_t codePoint) {
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80 | ((codePoint >> shift) & 0x3f));
    };
    if (codePoint < 0x80) return {static_cast<char>(codePoint)};
    if (codePoint < 0x800) return {static_cast<char>(0xc0 | (codePoint >> 6)), tail(0)};
    if (codePoint < 0x10000) return {static_cast<char>(0xe0 | (codePoint >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | (codePoint >> 18)), tail(12), tail(6), tail(0)};
}

/// What a backslash and this character stand for (YAML 1.1, section 5.6).
std::uint32_t simpleEscape(char kind) {
    constexpr std::string_view kKinds = "0abtnvfreN_LP";
    constexpr std::array<std::uint32_t, 13> kMeanings{0,  7,    8,    9,    10,     11,    12,
                                                      13, 0x1b, 0x85, 0xa0, 0x2028, 0x2029};
    const std::size_t found = kKinds.find(kind);
    return found == std::string_view::npos ? static_cast<unsigned char>(kind) : kMeanings[found];
}

/// Steps through the source of a scalar and through its text until both stand at the byte that is
/// asked for. Runs of white space stand for runs: folding and indentation change their length.
class Walk {
  public:
    Walk(std::string_view source, std::string_view text, Style style)
        : source_{source}, text_{text}, style_{style} {}

    /// From the first to the byte `textOffset`; npos when source and text do not agree.
    std::size_t to(std::size_t textOffset) {
        begin();
        while (textAt_ < textOffset) {
            if (sourceAt_ >= source_.size()) return std::string_view::npos;
            const bool agrees = isWhite(source_[sourceAt_]) ? white(textOffset) : character();
            if (!agrees) return std::string_view::npos;
        }
        continuesLine();
        return sourceAt_;
    }

  private:
    void begin() {
        if (style_ == Style::Single || style_ == Style::Double) sourceAt_ = 1;
        if (style_ != Style::Literal && style_ != Style::Folded) return;
        sourceAt_ = std::min(source_.find('\n'), source_.size());
        while (sourceAt_ < source_.size() && isWhite(source_[sourceAt_])) ++sourceAt_;
        // Lines that begin with white space of their own stand deeper than the block.
        std::size_t own = 0;
        while (own < text_.size() && isWhite(text_[own])) ++own;
        sourceAt_ -= std::min(own, sourceAt_);
    }

    /// Within a line white space is itself; a run with a line end stands for a run, or for nothing
    /// where the source only indents.
    bool white(std::size_t textOffset) {
        std::size_t sourceEnd = sourceAt_, textEnd = textAt_;
        bool breaks = false;
        for (; sourceEnd < source_.size() && isWhite(source_[sourceEnd]); ++sourceEnd)
            breaks = breaks || source_[sourceEnd] == '\n';
        while (textEnd < text_.size() && isWhite(text_[textEnd])) ++textEnd;
        if (breaks) {
            const bool isInside = textOffset < textEnd;
            if (!isInside) sourceAt_ = sourceEnd;
            textAt_ = isInside ? textOffset : textEnd;
            return true;
        }
        const std::size_t count =
            std::min({sourceEnd - sourceAt_, textEnd - textAt_, textOffset - textAt_});
        sourceAt_ += count;
        textAt_ += count;
        return count > 0;
    }

    bool character() {
        if (style_ == Style::Double && source_[sourceAt_] == '\\') return escape();
        if (style_ == Style::Single && source_.substr(sourceAt_).starts_with("''")) ++sourceAt_;
        if (source_[sourceAt_] != text_[textAt_]) return false;
        ++sourceAt_;
        ++textAt_;
        return true;
    }

    bool escape() {
        if (continuesLine()) return true;
        if (sourceAt_ + 1 >= source_.size()) return false;
        const char kind = source_[sourceAt_ + 1];
        sourceAt_ += 2;
        std::uint32_t codePoint = simpleEscape(kind);
        const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        if (sourceAt_ + digits > source_.size()) return false;
        const char* const first = source_.data() + sourceAt_;
        if (digits != 0) std::from_chars(first, first + digits, codePoint, 16);
        sourceAt_ += digits;
        const std::string bytes = utf8(codePoint);
        if (!text_.substr(textAt_).starts_with(bytes)) return false;
        textAt_ += bytes.size();
        return true;
    }

    /// A backslash before the end of a line: no character at all, nor is the indentation.
    bool continuesLine() {
        const std::string_view rest = source_.substr(sourceAt_);
        if (style_ != Style::Double || !(rest.starts_with("\\\n") || rest.starts_with("\\\r")))
            return false;
        ++sourceAt_;
        while (sourceAt_ < source_.size() && isWhite(source_[sourceAt_])) ++sourceAt_;
        return true;
    }

    const std::string_view source_, text_;
    const Style style_;
    std::size_t sourceAt_ = 0, textAt_ = 0;
};

}  // namespace

std::size_t sourceOffset(const Source& source, const Node& scalar, std::size_t textOffset) {
    const Span span = scalar.span();
    const std::size_t begin = span.begin.offset;
    const std::string_view text = source.text().substr(begin, span.end.offset - begin);
    const std::size_t wanted = std::min(textOffset, scalar.text().size());
    const std::size_t found = Walk{text, scalar.text(), scalar.style()}.to(wanted);
    return found == std::string_view::npos ? found : begin + found;
}

}  // namespace sluice::yaml
