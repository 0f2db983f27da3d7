#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Lexer.h"
#include "expression/Problem.h"
#include "expression/Program.h"

namespace sluice::cel {

/// Makes the tree of an expression, by the grammar of CEL's langdef.md, "Syntax"; knows the macros,
/// but no types, names or functions. Stops at the first problem of the grammar.
class Parser {
  public:
    Parser(Program& program, std::vector<Problem>& problems)
        : program_{program}, problems_{problems}, lexer_{program.text, problems} {}

    /// Sets program.root; false where there was a problem. REQUIRES: program.text is UTF-8.
    bool parse();

  private:
    class Depth;
    struct Operator {
        std::string_view symbol;
        Op op;
        int precedence;
    };

    Node* expression();
    Node* logic(Op op, std::string_view symbol);
    Node* logicOperand(Op op) { return op == Op::Or ? logic(Op::And, "&&") : binary(1); }
    Node* binary(int precedence);
    const Operator* operatorHere() const;
    Node* unary();
    Node* member(Node* operand);
    Node* selection(Node* operand);
    Node* index(Node* operand);
    Node* primary();
    Node* name();
    Node* quoted(const Token& token);
    Node* number(const Token& token, const Token* minus = nullptr);
    Node* list();
    Node* map();
    Node* call(Node* receiver, const Token& name);
    Node* macro(Node* call);
    Node* visitor(Node* call, Op op);
    Node* failCall(const Node& call, std::string message, std::string hint);
    bool expressions(std::string_view end, std::vector<Node*>& out);

    Node* node(Op op, std::size_t offset, const Token& mark, std::initializer_list<Node*> args,
               std::vector<Node*> items = {});
    Token take();
    bool takeSymbol(std::string_view symbol);
    bool expect(std::string_view symbol, std::string_view after);
    Node* fail(const Token& token, std::string message, std::string hint = {});
    Node* failHere(const std::string& wanted);

    Program& program_;
    std::vector<Problem>& problems_;
    Lexer lexer_;
    Token token_;          // the next one
    std::size_t end_ = 0;  // of the last one taken
    std::size_t depth_ = 0;
    bool isStopped_ = false;  // a problem was told
};

}  // namespace sluice::cel
