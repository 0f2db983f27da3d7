#include "expression/Expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include <re2/re2.h>

#include "base/Utf8.h"
#include "expression/Checker.h"
#include "expression/Evaluator.h"
#include "expression/Parser.h"
#include "expression/Program.h"

namespace sluice::cel {

Node::Node() = default;
Node::~Node() = default;

Node& Program::add(Op op, std::size_t offset, std::size_t length) {
    Node& node = nodes.emplace_back();
    node.op = op;
    node.offset = static_cast<std::uint32_t>(offset);
    node.length = static_cast<std::uint32_t>(length);
    return node;
}

std::string_view Program::keep(std::string kept) {
    return strings.emplace_back(std::move(kept));
}

std::optional<Expression> Expression::compile(std::string_view text, const Scope& scope,
                                              std::vector<Problem>& problems, Checking checking) {
    std::vector<Problem> found;
    const auto program = std::make_shared<Program>();
    if (text.size() > kExpressionBytesMax) {
        found.push_back(
            {kExpressionBytesMax, 0, "limit",
             "an expression is at most " + std::to_string(kExpressionBytesMax) + " bytes long", "",
             false});
    } else if (!isUtf8(text)) {
        found.push_back({0, text.size(), "utf-8", "this is not UTF-8", "", false});
    } else {
        program->text = text;
        if (Parser{*program, found}.parse()) Checker{*program, scope, found, checking}.check();
    }
    const bool isGood = std::all_of(found.begin(), found.end(),
                                    [](const Problem& problem) { return problem.isWarning; });
    std::stable_sort(found.begin(), found.end(),
                     [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
    problems.insert(problems.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
    if (!isGood) return std::nullopt;
    return Expression{program};
}

Value Expression::evaluate(const Activation& activation, Arena& arena, std::size_t stepsMax) const {
    if (program_->localCount == 0)
        return Evaluator{activation, arena, nullptr, stepsMax}.evaluate(*program_->root);
    std::array<Value, kMacroDepthMax> locals;
    return Evaluator{activation, arena, locals.data(), stepsMax}.evaluate(*program_->root);
}

const std::string& Expression::text() const {
    return program_->text;
}

Type Expression::type() const {
    return program_->root->type;
}

std::optional<std::uint32_t> Expression::reference() const {
    if (program_->root->op != Op::Reference) return std::nullopt;
    return program_->root->index;
}

std::optional<Value> Expression::literal() const {
    if (program_->root->op != Op::Literal) return std::nullopt;
    return program_->root->value;
}

const std::vector<std::uint32_t>& Expression::references() const {
    return program_->references;
}

}  // namespace sluice::cel
