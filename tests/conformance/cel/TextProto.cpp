#include "TextProto.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <stdexcept>

#include "expression/CodePoints.h"

namespace sluice::cel {
namespace {

class Reader {
  public:
    explicit Reader(std::string_view text) : text_{text} {}

    /// Up to `end`, or the end of the text where that is NUL.
    TextProto message(char end) {
        TextProto result;
        for (space(); at() != end; space()) result.fields.push_back(field());
        if (end != '\0') ++at_;
        return result;
    }

  private:
    TextProto::Field field() {
        TextProto::Field field;
        field.name = at() == '[' ? bracketed() : word();
        space();
        const bool hasColon = take(':');
        space();
        if (take('{')) {
            field.isMessage = true;
            field.message.push_back(message('}'));
        } else if (!hasColon) {
            fail("a field without a value");
        } else if (at() == '"' || at() == '\'') {
            for (; at() == '"' || at() == '\''; space()) field.scalar += quoted();
        } else {
            field.scalar = word();
        }
        space();
        if (!take(',')) take(';');
        return field;
    }

    void space() {
        for (;;) {
            while (at() != '\0' && std::isspace(static_cast<unsigned char>(at()))) ++at_;
            if (at() != '#') return;
            at_ = std::min(text_.find('\n', at_), text_.size());
        }
    }

    std::string bracketed() {
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos) fail("`[` without `]`");
        const std::string name{text_.substr(at_ + 1, end - at_ - 1)};
        at_ = end + 1;
        return name;
    }

    std::string word() {
        const std::size_t from = at_;
        while (std::isalnum(static_cast<unsigned char>(at())) ||
               std::string_view{"_-+."}.find(at()) != std::string_view::npos) {
            if (at() == '\0') break;
            ++at_;
        }
        if (at_ == from) fail("a name or a value is missing");
        return std::string{text_.substr(from, at_ - from)};
    }

    std::string quoted() {
        const char quote = text_[at_++];
        std::string decoded;
        while (at() != quote) {
            if (at_ == text_.size()) fail("a quote is never closed");
            if (at() == '\\') {
                ++at_;
                escape(decoded);
            } else {
                decoded += text_[at_++];
            }
        }
        ++at_;
        return decoded;
    }

    void escape(std::string& out) {
        static constexpr std::string_view kNamed{"abfnrtv\\?\"'`"};
        static constexpr std::string_view kMeant{"\a\b\f\n\r\t\v\\?\"'`"};
        const char c = at();
        if (const std::size_t named = kNamed.find(c); named != std::string_view::npos) {
            ++at_;
            out += kMeant[named];
        } else if (c == 'x' || c == 'X') {
            ++at_;
            out += static_cast<char>(digits(2, 16));
        } else if (c == 'u' || c == 'U') {
            ++at_;
            appendCodePoint(out, digits(c == 'u' ? 4 : 8, 16));
        } else {
            out += static_cast<char>(digits(3, 8));
        }
    }

    std::uint32_t digits(int count, std::uint32_t base) {
        std::uint32_t value = 0;
        for (; count > 0 && std::isxdigit(static_cast<unsigned char>(at())); --count) {
            const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(at())));
            const auto digit = static_cast<std::uint32_t>(c >= 'a' ? c - 'a' + 10 : c - '0');
            if (digit >= base) break;
            value = value * base + digit;
            ++at_;
        }
        return value;
    }

    char at() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (at() != c) return false;
        ++at_;
        return true;
    }
    [[noreturn]] void fail(const std::string& why) const {
        const auto line =
            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n') + 1;
        throw std::runtime_error{"line " + std::to_string(line) + ": " + why};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const TextProto::Field* TextProto::find(std::string_view name) const {
    for (const Field& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

std::string TextProto::text(std::string_view name) const {
    const Field* const field = find(name);
    return field ? field->scalar : std::string{};
}

const TextProto* TextProto::message(std::string_view name) const {
    const Field* const field = find(name);
    return field && field->isMessage ? &field->message.front() : nullptr;
}

std::vector<const TextProto*> TextProto::messages(std::string_view name) const {
    std::vector<const TextProto*> found;
    for (const Field& field : fields)
        if (field.name == name && field.isMessage) found.push_back(&field.message.front());
    return found;
}

TextProto parseTextProto(std::string_view text) {
    return Reader{text}.message('\0');
}

}  // namespace sluice::cel
