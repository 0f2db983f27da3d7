#pragma once

#include <cstddef>
#include <vector>

#include "expression/Explanation.h"
#include "expression/Program.h"

namespace sluice::cel {

/// Writes down what each node of a program gives. One evaluation, one thread.
class Recorder {
  public:
    /// Opens the part of a node; those that begin before its end lie within it.
    std::size_t begin(const Node& node) {
        const std::size_t index = parts_.size();
        ++depth_;
        if (index == kExplainedPartsMax) return index;
        nodes_.push_back(&node);
        const bool isVariable = node.op == Op::Reference || node.op == Op::Local;
        parts_.push_back({node.offset, node.length, depth_ - 1, isVariable, macros_ > 0, {}});
        return index;
    }
    void end(std::size_t index, const Value& value) {
        --depth_;
        if (index < parts_.size()) parts_[index].value = value;
    }

    void enterMacro() { ++macros_; }
    void leaveMacro() { --macros_; }

    const std::vector<ExplainedPart>& parts() const { return parts_; }
    /// The node of each part.
    const std::vector<const Node*>& nodes() const { return nodes_; }

  private:
    std::vector<ExplainedPart> parts_;
    std::vector<const Node*> nodes_;
    std::uint32_t depth_ = 0;
    std::size_t macros_ = 0;
};

}  // namespace sluice::cel
