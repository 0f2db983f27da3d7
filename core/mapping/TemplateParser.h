#pragma once

#include <string>
#include <string_view>

#include "mapping/Template.h"

namespace sluice {

/// Reads a template's text; stops at the first error. Used by Template::parse only.
class Template::Parser {
  public:
    Parser(std::string_view text, const Pattern& from, Template& out, Error& error)
        : text_{text}, from_{from}, out_{out}, error_{error} {}

    bool parse();

  private:
    using Kind = Step::Kind;

    void literal(char c);
    bool braces();
    std::size_t closingBrace() const;
    bool value(std::string_view name);
    bool header(std::string_view path);
    bool capture(std::string_view name);
    bool variable(std::string_view name);
    bool add(Kind kind, std::string_view text = {});
    bool check();
    bool checkLiterals();
    bool fail(std::size_t offset, std::string message, std::string hint);

    std::string_view text_;
    const Pattern& from_;
    Template& out_;
    Error& error_;
    std::size_t at_ = 0;
    std::string_view inside_;  // the braces that are being read
};

}  // namespace sluice
