#pragma once

#include "expression/Arena.h"
#include "expression/Evaluation.h"
#include "expression/Program.h"
#include "expression/Scope.h"
#include "expression/Value.h"

namespace sluice::cel {

class Recorder;

/// Walks the tree of a program, once. One thread.
class Evaluator {
  public:
    /// REQUIRES: `locals` has room for the program's variables of macros.
    Evaluator(const Activation& activation, Arena& arena, Value* locals, std::size_t steps,
              Recorder* recorder = nullptr)
        : activation_{activation},
          evaluation_{arena, steps},
          locals_{locals},
          recorder_{recorder} {}

    Value evaluate(const Node& node);

  private:
    Value operation(const Node& node);
    Value recorded(const Node& node);
    Value reference(const Node& node);
    Value hasReference(const Node& node);
    Value hasField(const Node& node);
    Value unaryOperation(const Node& node);
    Value binaryOperation(const Node& node);
    Value logic(const Node& node, bool decisive);
    Value conditional(const Node& node);
    Value list(const Node& node);
    Value map(const Node& node);
    Value call(const Node& node);
    Value visit(const Node& node);
    Value quantified(const Node& node, const Value& range);
    Value transformed(const Node& node, const Value& range);

    const Activation& activation_;
    Evaluation evaluation_;
    Value* locals_;
    Recorder* recorder_;
};

}  // namespace sluice::cel
