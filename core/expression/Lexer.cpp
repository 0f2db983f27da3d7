#include "expression/Lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "expression/CodePoints.h"

namespace sluice::cel {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int digitOf(char c) {
    if (isDigit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

}  // namespace

Token Lexer::next() {
    skipSpace();
    if (at_ == text_.size()) return token(Token::Kind::End, at_);
    bool isRaw = false, isBytes = false;
    std::size_t quote = 0;
    if (quoteFollows(isRaw, isBytes, quote)) return quoted(isRaw, isBytes, quote);
    const char c = text_[at_];
    if (isLetter(c)) return name();
    if (isDigit(c) || (c == '.' && isDigit(at(at_ + 1)))) return number();
    if (c == '`') return quotedName();
    return symbol();
}

void Lexer::skipSpace() {
    for (;;) {
        at_ = std::min(text_.find_first_not_of(" \t\n\r\f", at_), text_.size());
        if (!text_.substr(at_).starts_with("//")) return;
        at_ = std::min(text_.find('\n', at_), text_.size());
    }
}

Token Lexer::token(Token::Kind kind, std::size_t from) const {
    Token result;
    result.kind = kind;
    result.offset = from;
    result.length = at_ - from;
    result.text = text_.substr(from, at_ - from);
    return result;
}

Token Lexer::broken(std::size_t from, std::size_t to, std::string message, std::string hint) {
    problems_.push_back({from, to - from, "syntax", std::move(message), std::move(hint)});
    return token(Token::Kind::Broken, std::min(from, at_));
}

Token Lexer::name() {
    const std::size_t from = at_;
    while (isLetter(at(at_)) || isDigit(at(at_))) ++at_;
    return token(Token::Kind::Name, from);
}

Token Lexer::quotedName() {
    const std::size_t from = at_++;
    while (isLetter(at(at_)) || isDigit(at(at_)) ||
           (at(at_) != '\0' && std::string_view{" -./"}.find(at(at_)) != std::string_view::npos))
        ++at_;
    if (at(at_) != '`' || at_ == from + 1)
        return broken(from, std::min(at_ + 1, text_.size()),
                      "a back-tick name holds letters, digits, `_`, `-`, `.`, `/` and spaces only",
                      "write ['...'] for any other key");
    ++at_;
    Token result = token(Token::Kind::QuotedName, from);
    result.decoded = result.text.substr(1, result.text.size() - 2);
    return result;
}

Token Lexer::number() {
    const std::size_t from = at_;
    Token::Kind kind = Token::Kind::Int;
    if (at(at_) == '0' && (at(at_ + 1) == 'x' || at(at_ + 1) == 'X')) {
        at_ += 2;
        while (digitOf(at(at_)) < 16) ++at_;
        if (at_ == from + 2) return broken(from, at_, "`0x` wants hexadecimal digits", "");
    } else {
        while (isDigit(at(at_))) ++at_;
        if (at(at_) == '.' && isDigit(at(at_ + 1))) {
            kind = Token::Kind::Double;
            ++at_;
            while (isDigit(at(at_))) ++at_;
        }
        const bool hasSign = at(at_ + 1) == '+' || at(at_ + 1) == '-';
        if ((at(at_) == 'e' || at(at_) == 'E') && isDigit(at(at_ + (hasSign ? 2 : 1)))) {
            kind = Token::Kind::Double;
            at_ += hasSign ? 2 : 1;
            while (isDigit(at(at_))) ++at_;
        }
    }
    Token result = token(kind, from);
    if (kind == Token::Kind::Int && (at(at_) == 'u' || at(at_) == 'U')) {
        ++at_;
        ++result.length;
        result.kind = Token::Kind::Uint;
    }
    if (isLetter(at(at_)) || isDigit(at(at_))) {
        while (isLetter(at(at_)) || isDigit(at(at_))) ++at_;
        return broken(from, at_, "this is no number",
                      "write 1, 1u, 1.5, 1e3 or 0xff; a name can not begin with a digit");
    }
    return result;
}

Token Lexer::symbol() {
    static constexpr std::array<std::string_view, 6> kPairs{"&&", "||", "==", "!=", "<=", ">="};
    const std::size_t from = at_;
    const std::string_view two = text_.substr(at_, 2);
    if (std::find(kPairs.begin(), kPairs.end(), two) != kPairs.end()) {
        at_ += 2;
        return token(Token::Kind::Symbol, from);
    }
    const char c = text_[at_];
    at_ += codePointLength(text_.substr(at_));
    if (std::string_view{"!<>+-*/%?:.,()[]{}"}.find(c) != std::string_view::npos)
        return token(Token::Kind::Symbol, from);
    const std::string shown{text_.substr(from, at_ - from)};
    if (c == '=') return broken(from, at_, "`=` is no operator", "compare with `==`");
    if (c == '&') return broken(from, at_, "`&` is no operator", "write `&&`");
    if (c == '|') return broken(from, at_, "`|` is no operator", "write `||`");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        return broken(from, at_, "a control character stands here", "remove it");
    return broken(from, at_, "`" + shown + "` stands for nothing in an expression",
                  at_ - from == 1 ? "text goes into quotes: 'text'"
                                  : "text goes into quotes, a field with such letters into "
                                    "brackets: payload['\u00e4\u00f6\u00fc']");
}

bool Lexer::quoteFollows(bool& isRaw, bool& isBytes, std::size_t& quote) const {
    quote = at_;
    for (; quote < at_ + 2; ++quote) {
        const char c = at(quote);
        if ((c == 'r' || c == 'R') && !isRaw) {
            isRaw = true;
        } else if ((c == 'b' || c == 'B') && !isBytes) {
            isBytes = true;
        } else {
            break;
        }
    }
    return at(quote) == '\'' || at(quote) == '"';
}

Token Lexer::quoted(bool isRaw, bool isBytes, std::size_t quote) {
    const std::size_t from = at_;
    const std::string mark(1, text_[quote]);
    const bool isTriple = text_.substr(quote, 3) == mark + mark + mark;
    const std::string end = isTriple ? mark + mark + mark : mark;
    at_ = quote + end.size();
    std::string decoded;
    bool isBroken = false;
    while (!text_.substr(at_).starts_with(end)) {
        const char c = at(at_);
        if (at_ == text_.size() || (!isTriple && (c == '\n' || c == '\r'))) {
            if (isBroken) return token(Token::Kind::Broken, from);
            return broken(from, quote + end.size(), "this quote is never closed",
                          isTriple ? "close it with " + end
                                   : "close it on the same line, or write \\n for a line break");
        }
        if (c == '\\' && !isRaw) {
            isBroken = !escape(isBytes, decoded) || isBroken;
        } else {
            decoded += c;
            ++at_;
        }
    }
    at_ += end.size();
    Token result = token(isBytes ? Token::Kind::Bytes : Token::Kind::String, from);
    if (isBroken) result.kind = Token::Kind::Broken;
    result.decoded = std::move(decoded);
    return result;
}

/// Decodes the escape that begins here. In bytes \x and \ooo are bytes, in strings code points.
bool Lexer::escape(bool isBytes, std::string& out) {
    static constexpr std::string_view kNamed{"abfnrtv\\?\"'`"};
    static constexpr std::string_view kMeant{"\a\b\f\n\r\t\v\\?\"'`"};
    const std::size_t from = at_;
    const char c = at(++at_);
    if (const std::size_t named = kNamed.find(c); c != '\0' && named != std::string_view::npos) {
        out += kMeant[named];
        ++at_;
        return true;
    }
    std::uint32_t value = 0;
    bool isValid = false;
    const bool isLong = c == 'u' || c == 'U';
    if (c == 'x' || c == 'X') {
        ++at_;
        isValid = codePoint(2, 16, value);
    } else if (c >= '0' && c <= '3') {
        isValid = codePoint(3, 8, value);
    } else if (isLong && !isBytes) {
        ++at_;
        isValid = codePoint(c == 'u' ? 4 : 8, 16, value) && isScalarValue(value);
    }
    if (!isValid) {
        at_ = std::min(std::max(at_, from + 1 + codePointLength(text_.substr(from + 1))),
                       text_.size());
        problems_.push_back(
            {from, at_ - from, "syntax",
             isLong && isBytes ? "bytes know no \\u" : "this is no escape of a string",
             "write \\n \\t \\\\ \\' \\\" \\x41 \\101 \\u0041 \\U0001f600, or r'...' for text "
             "without escapes"});
        return false;
    }
    if (isBytes) {
        out += static_cast<char>(value);
    } else {
        appendCodePoint(out, value);
    }
    return true;
}

bool Lexer::codePoint(std::size_t digits, int base, std::uint32_t& value) {
    for (; digits > 0; --digits, ++at_) {
        const int digit = digitOf(at(at_));
        if (digit >= base) return false;
        value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    }
    return true;
}

}  // namespace sluice::cel
