#include <algorithm>

#include "expression/Expression.h"
#include "expression/Functions.h"
#include "expression/Program.h"

namespace sluice::cel {
namespace {

/// Walks down from the root.
class Expectations {
  public:
    explicit Expectations(std::vector<Expectation>& found) : found_{found} {}

    void visit(const Node& node) {
        switch (node.op) {
            case Op::Reference:
            case Op::HasReference:
            case Op::Literal:
                return;
            case Op::Not:
                expect(*node.args[0], Type::of(Kind::Bool), node, false);
                break;
            case Op::And:
            case Op::Or:
                for (const Node* item : node.items)
                    expect(*item, Type::of(Kind::Bool), *item, false);
                break;
            case Op::Conditional:
                expect(*node.args[0], Type::of(Kind::Bool), *node.args[0], false);
                break;
            case Op::Equal:
            case Op::NotEqual:
                alike(node, true);
                break;
            case Op::Less:
            case Op::LessEqual:
            case Op::Greater:
            case Op::GreaterEqual:
                alike(node, false);
                break;
            case Op::Add:
            case Op::Subtract:
            case Op::Multiply:
            case Op::Divide:
            case Op::Modulo:
                // Times and durations mix with each other.
                if (isPlain(node.args[0]->type) || isPlain(node.args[1]->type)) alike(node, false);
                break;
            case Op::In:
                if (node.args[1]->type.is(Kind::List))
                    expect(*node.args[0], node.args[1]->type.element(), node, true);
                break;
            case Op::Call:
                call(node);
                break;
            default:
                break;
        }
        for (std::size_t i = 0; i < node.argCount; ++i) visit(*node.args[i]);
        for (const Node* item : node.items) visit(*item);
    }

    void expect(const Node& operand, Type type, const Node& operation, bool isSilent) {
        if (operand.op != Op::Reference || type.isDyn() || type.is(Kind::Null)) return;
        found_.push_back({operand.index, type, isSilent, operation.offset, operation.length});
    }

  private:
    static bool isPlain(Type type) {
        return !type.isDyn() && (type.mayBeNumber() || type.is(Kind::String));
    }

    /// Each operand is taken for what the other one is.
    void alike(const Node& node, bool isSilent) {
        expect(*node.args[0], node.args[1]->type, node, isSilent);
        expect(*node.args[1], node.args[0]->type, node, isSilent);
    }

    /// An argument that is of one type in all ways to call the function with so many.
    void call(const Node& node) {
        std::vector<const Overload*> ways;
        for (const Overload& one : node.overloads)
            if (one.argCount == node.items.size()) ways.push_back(&one);
        for (std::size_t i = 0; i < node.items.size() && !ways.empty(); ++i) {
            const Type type = ways.front()->args[i];
            const bool isOne = std::all_of(ways.begin(), ways.end(), [&](const Overload* way) {
                return way->args[i] == type;
            });
            if (isOne) expect(*node.items[i], type, node, false);
        }
    }

    std::vector<Expectation>& found_;
};

}  // namespace

std::vector<Expectation> Expression::expectations() const {
    std::vector<Expectation> found;
    Expectations walk{found};
    walk.visit(*program_->root);
    return found;
}

}  // namespace sluice::cel
