#include "Names.h"

#include <algorithm>

namespace sluice::redis {
namespace {

constexpr char kSeparator = ':';

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isCaptureName(std::string_view name) {
    return !name.empty() && isNameStart(name[0]) && std::ranges::all_of(name, [](char c) {
        return isNameStart(c) || (c >= '0' && c <= '9');
    });
}

/// Reads a pattern into the texts that StreamName keeps. The expression is written as the host
/// writes it, so that equal patterns have equal expressions.
class PatternReader {
  public:
    PatternReader(std::string_view text, std::string& error) : text_(text), error_(error) {}

    bool read() {
        if (text_.empty()) return fail("is empty");
        for (std::size_t at = 0; at < text_.size();)
            if (!takeAt(at)) return false;
        regex += '$';
        return true;
    }

    std::string prefix, regex = "^";
    std::size_t captures = 0;
    bool endsInRest = false;

  private:
    bool fail(const char* why) {
        error_ = why;
        return false;
    }

    bool takeAt(std::size_t& at) {
        if (endsInRest) return fail("has text behind {x**}, which takes the rest");
        const char c = text_[at];
        const bool isDoubled = at + 1 < text_.size() && text_[at + 1] == c;
        if (c == '{' && !isDoubled) return takeCapture(at);
        if (c == '}' && !isDoubled) return fail("has a } alone; a literal one is written }}");
        at += c == '{' || c == '}' ? 2 : 1;
        if (captures == 0) prefix += c;
        if (std::string_view(".+*?()|[]{}^$\\").find(c) != std::string_view::npos) regex += '\\';
        regex += c;
        afterCapture_ = false;
        return true;
    }

    bool takeCapture(std::size_t& at) {
        const std::size_t close = text_.find('}', at);
        if (close == text_.npos) return fail("has a { alone; a literal one is written {{");
        std::string_view name = text_.substr(at + 1, close - at - 1);
        endsInRest = name.ends_with("**");
        if (endsInRest) name.remove_suffix(2);
        if (!isCaptureName(name)) return fail("has braces that hold no name");
        if (afterCapture_) return fail("has two captures without text between them");
        afterCapture_ = true;
        ++captures;
        regex.append(endsInRest ? ".+" : std::string("[^") + kSeparator + "]+");
        at = close + 1;
        return true;
    }

    const std::string_view text_;
    std::string& error_;
    bool afterCapture_ = false;
};

}  // namespace

Expression::Expression(const std::string& text) {
    auto expression = std::make_unique<regex_t>();
    if (regcomp(expression.get(), text.c_str(), REG_EXTENDED | REG_NOSUB) == 0)
        expression_ = {expression.release(), Free{}};
}

bool Expression::matches(std::string_view text) const {
    if (!expression_) return true;
    regmatch_t range{};
    range.rm_eo = static_cast<regoff_t>(text.size());
    return regexec(expression_.get(), text.data(), 1, &range, REG_STARTEND) == 0;
}

bool globTakes(std::string_view glob, std::string_view name) {
    // Where to go on if the text after the last `*` does not fit here.
    std::size_t g = 0, n = 0, starGlob = glob.npos, starName = 0;
    while (n < name.size()) {
        if (g < glob.size() && glob[g] == '*') {
            starGlob = ++g;
            starName = n;
            continue;
        }
        const bool isEscaped = g + 1 < glob.size() && glob[g] == '\\';
        if (g < glob.size() && glob[isEscaped ? g + 1 : g] == name[n]) {
            g += isEscaped ? 2 : 1;
            ++n;
            continue;
        }
        if (starGlob == glob.npos) return false;
        g = starGlob;
        n = ++starName;
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

std::optional<StreamName> StreamName::parse(std::string_view text, std::string& error) {
    PatternReader reader(text, error);
    if (!reader.read()) return std::nullopt;
    const bool isLiteral = reader.captures == 0;
    const bool isPrefix = reader.captures == 1 && reader.endsInRest;
    return StreamName(text, std::move(reader.prefix), std::move(reader.regex), isLiteral, isPrefix);
}

bool StreamName::takes(std::string_view key) const {
    if (isLiteral_) return key == prefix_;
    if (isPrefix_) return key.size() > prefix_.size() && key.starts_with(prefix_);
    return expression_.matches(key);
}

bool StreamName::takesAllOf(const plugin::Pattern& pattern) const {
    if (pattern.isLiteral) return takes(pattern.literal);
    return regex_ == pattern.regex || (isPrefix_ && pattern.prefix.starts_with(prefix_));
}

bool StreamName::mayMeet(const plugin::Pattern& pattern) const {
    if (pattern.isLiteral) return takes(pattern.literal);
    return pattern.prefix.starts_with(prefix_) ||
           std::string_view(prefix_).starts_with(pattern.prefix);
}

bool StreamNames::takes(std::string_view topic) const {
    return std::ranges::any_of(names_, [&](const StreamName& name) { return name.takes(topic); });
}

}  // namespace sluice::redis
