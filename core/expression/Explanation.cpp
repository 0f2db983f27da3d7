#include "expression/Explanation.h"

#include <algorithm>
#include <array>
#include <map>

#include "expression/Evaluator.h"
#include "expression/Expression.h"
#include "expression/Program.h"
#include "expression/Recorder.h"

namespace sluice::cel {
namespace {

/// Goes down from the whole expression to what decided it.
class Deciding {
  public:
    explicit Deciding(const Recorder& recorder) {
        const std::vector<const Node*>& nodes = recorder.nodes();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (recorder.parts()[i].isInMacro) continue;
            values_[nodes[i]] = recorder.parts()[i].value;
            indices_[nodes[i]] = i;
        }
    }

    std::vector<std::size_t> of(const Node& node) {
        visit(node);
        std::sort(found_.begin(), found_.end());
        return found_;
    }

  private:
    void visit(const Node& node) {
        const auto known = values_.find(&node);
        if (known == values_.end()) return;  // passed over, or constant
        switch (node.op) {
            case Op::And:
            case Op::Or:
                return visitItems(node, known->second);
            case Op::Not:
                return visit(*node.args[0]);
            case Op::Conditional: {
                const bool isChosen = !valueOf(*node.args[0]).isError();
                visit(*node.args[0]);
                if (isChosen) visit(*node.args[valueOf(*node.args[0]).isTrue() ? 1 : 2]);
                return;
            }
            default:
                found_.push_back(indices_[&node]);
        }
    }

    /// Those whose value is that of the whole; where it is an error, all that had none.
    void visitItems(const Node& node, const Value& whole) {
        for (const Node* item : node.items) {
            const Value value = valueOf(*item);
            const bool isSame = whole.is(Kind::Bool)
                                    ? value.is(Kind::Bool) && value.asBool() == whole.asBool()
                                    : !value.is(Kind::Bool);
            if (isSame) visit(*item);
        }
    }

    Value valueOf(const Node& node) const {
        if (node.op == Op::Literal) return node.value;
        const auto known = values_.find(&node);
        return known == values_.end() ? Value::missing() : known->second;
    }

    std::map<const Node*, Value> values_;
    std::map<const Node*, std::size_t> indices_;
    std::vector<std::size_t> found_;
};

}  // namespace

std::vector<std::size_t> Explanation::variablesOf(std::size_t part) const {
    std::vector<std::size_t> found;
    const ExplainedPart& whole = parts[part];
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const ExplainedPart& each = parts[i];
        const bool isWithin =
            each.offset >= whole.offset && each.offset + each.length <= whole.offset + whole.length;
        const bool isKnown = std::any_of(found.begin(), found.end(), [&](std::size_t other) {
            return parts[other].offset == each.offset;
        });
        if (each.isVariable && !each.isInMacro && isWithin && !isKnown) found.push_back(i);
    }
    return found;
}

Explanation Expression::explain(const Activation& activation, Arena& arena) const {
    Recorder recorder;
    std::array<Value, kMacroDepthMax> locals;
    Evaluator evaluator{activation, arena, locals.data(), kStepsMax, &recorder};
    Explanation explanation;
    explanation.value = evaluator.evaluate(*program_->root);
    explanation.deciding = Deciding{recorder}.of(*program_->root);
    explanation.parts = recorder.parts();
    return explanation;
}

}  // namespace sluice::cel
