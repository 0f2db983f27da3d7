#include <algorithm>

#include "expression/Expression.h"
#include "expression/Functions.h"
#include "expression/Program.h"

namespace sluice::cel {
namespace {

/// No cost is higher: sums and products stay far from overflow.
constexpr std::size_t kCostMax = 1'000'000'000;

std::size_t bounded(std::size_t cost) {
    return std::min(cost, kCostMax);
}

std::size_t costOf(const Node* node);

std::size_t costOfAll(const std::vector<Node*>& nodes) {
    std::size_t cost = 0;
    for (const Node* const node : nodes) cost = bounded(cost + costOf(node));
    return cost;
}

/// What it takes to apply the node itself.
std::size_t ownCost(const Node& node) {
    if (node.op == Op::Literal) return 0;
    const bool isMatch = node.op == Op::Call && node.name == "matches";
    if (!isMatch) return 1;
    return node.pattern ? kCostOfMatch : kPatternSteps;
}

std::size_t costOf(const Node* node) {
    if (!node) return 0;
    std::size_t cost = bounded(ownCost(*node) + costOfAll(node->items));
    switch (node->op) {
        case Op::All:
        case Op::Exists:
        case Op::ExistsOne:
        case Op::Filter:
        case Op::Transform: {
            const std::size_t each = bounded(costOf(node->args[1]) + costOf(node->args[2]) + 1);
            return bounded(cost + costOf(node->args[0]) + kCostedItems * each);
        }
        default:
            for (const Node* const arg : node->args) cost = bounded(cost + costOf(arg));
            return cost;
    }
}

}  // namespace

std::size_t Expression::cost() const {
    return costOf(program_->root);
}

}  // namespace sluice::cel
