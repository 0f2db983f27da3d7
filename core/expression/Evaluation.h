#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "expression/Arena.h"
#include "expression/Program.h"
#include "expression/Value.h"

namespace sluice::cel {

/// What operators and functions share while one evaluation runs: memory, steps and the making of
/// errors. One thread.
class Evaluation {
  public:
    explicit Evaluation(Arena& arena, std::size_t steps = kStepsMax)
        : arena_{arena},
          stepsLeft_{static_cast<std::int64_t>(steps)},
          hasOwnBound_{steps != kStepsMax} {}

    Arena& arena() { return arena_; }

    /// Counts work. False where the steps are used up, also for ever after: return outOfSteps().
    bool spend(std::size_t steps) {
        stepsLeft_ -= static_cast<std::int64_t>(steps);
        return stepsLeft_ >= 0;
    }
    /// Counts looking at text.
    bool spendBytes(std::size_t bytes) { return spend(bytes / kStepBytes); }

    Value outOfSteps();
    Value outOfMemory();
    /// An error at a node; the parts of its message are joined.
    Value fail(const Node& node, Failure failure, std::initializer_list<std::string_view> message);
    /// "`+` does not take string and int".
    Value noOverload(const Node& node, std::string_view what, std::span<const Value> args);
    Value noOverload(const Node& node, std::string_view what, std::initializer_list<Value> args) {
        return noOverload(node, what, std::span{args.begin(), args.size()});
    }

    /// The arena's copy as a string, or outOfMemory().
    Value string(std::string_view text);
    Value list(const Value* items, std::size_t size);

  private:
    Arena& arena_;
    std::int64_t stepsLeft_;
    const bool hasOwnBound_;
};

}  // namespace sluice::cel
