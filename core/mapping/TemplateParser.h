#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/Template.h"

namespace sluice {

/// Reads a template's text; goes on behind an expression that is wrong. Used by Template::parse
/// only.
class Template::Parser {
  public:
    Parser(std::string_view text, const RuleScope& scope, Template& out,
           std::vector<cel::Problem>& problems)
        : text_{text}, scope_{scope}, out_{out}, problems_{problems} {}

    bool parse();

  private:
    void literal(char c);
    bool braces();
    void expression(std::size_t begin, std::size_t end);
    bool restCapture(std::size_t begin, std::string_view& name);
    void classify(Step& step) const;
    void checkChannel();
    void checkLiterals();
    void fail(std::size_t offset, std::size_t length, std::string message, std::string hint);

    std::string_view text_;
    const RuleScope& scope_;
    Template& out_;
    std::vector<cel::Problem>& problems_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// Where the brace that closes the one at `open` stands: behind as many closing as opening ones,
/// not counting what stands in strings of the expression; npos where there is none.
std::size_t closingBrace(std::string_view text, std::size_t open);

}  // namespace sluice
