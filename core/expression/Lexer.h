#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Problem.h"

namespace sluice::cel {

struct Token {
    enum class Kind : std::uint8_t {
        End,
        Name,
        QuotedName,  // `a b`
        Int,         // text() without sign; may be too large for an int
        Uint,        // without its u
        Double,
        String,
        Bytes,
        Symbol,  // an operator or a bracket
        Broken   // a problem was told
    };

    Kind kind = Kind::End;
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string_view text;  // as written, for numbers without suffix
    std::string decoded;    // of String, Bytes and QuotedName

    bool isSymbol(std::string_view symbol) const { return kind == Kind::Symbol && text == symbol; }
    bool isName(std::string_view name) const { return kind == Kind::Name && text == name; }
};

/// Splits the text of an expression into tokens, by the grammar of CEL's langdef.md, "Syntax".
class Lexer {
  public:
    /// REQUIRES: `text` is UTF-8 and outlives the tokens.
    Lexer(std::string_view text, std::vector<Problem>& problems)
        : text_{text}, problems_{problems} {}

    Token next();

  private:
    void skipSpace();
    Token token(Token::Kind kind, std::size_t from) const;
    Token broken(std::size_t from, std::size_t to, std::string message, std::string hint);
    Token name();
    Token quotedName();
    Token number();
    Token symbol();
    /// A string or bytes literal if one begins here, with its prefix.
    bool quoteFollows(bool& isRaw, bool& isBytes, std::size_t& quote) const;
    Token quoted(bool isRaw, bool isBytes, std::size_t quote);
    bool escape(bool isBytes, std::string& out);
    bool codePoint(std::size_t digits, int base, std::uint32_t& value);
    char at(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }

    std::string_view text_;
    std::vector<Problem>& problems_;
    std::size_t at_ = 0;
};

}  // namespace sluice::cel
