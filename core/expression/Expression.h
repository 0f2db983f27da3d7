#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Arena.h"
#include "expression/Expectation.h"
#include "expression/Explanation.h"
#include "expression/Problem.h"
#include "expression/Scope.h"
#include "expression/Type.h"
#include "expression/Value.h"

namespace sluice::cel {

/// Longest text of an expression in bytes.
inline constexpr std::size_t kExpressionBytesMax = 16u << 10;
/// Deepest nesting of an expression.
inline constexpr std::size_t kExpressionDepthMax = 200;
/// How deep macros may stand within each other.
inline constexpr std::size_t kMacroDepthMax = 8;
/// What one evaluation may do: one step per operator, function, item that a macro visits, and per
/// kStepBytes of text that a function looks at. About 10 ns each.
inline constexpr std::size_t kStepsMax = 1'000'000;
inline constexpr std::size_t kStepBytes = 64;
/// How many items a macro is taken to visit, and what `matches` with a constant pattern is taken
/// to do, when an expression's cost is told before anything is evaluated.
inline constexpr std::size_t kCostedItems = 100;
inline constexpr std::size_t kCostOfMatch = 100;
/// Compiled program of one regular expression in RE2's bytes, and the memory of its automaton.
inline constexpr std::int64_t kPatternBytesMax = 1 << 20;

/// Whether types, names and functions are checked when compiling. Unchecked, what would be a
/// Problem becomes an error where it is evaluated, as CEL says for expressions that only were
/// parsed; only for the conformance cases and the fuzz.
enum class Checking : std::uint8_t { On, Off };

struct Program;

/// A compiled expression of the CEL subset of design.md section 7. Immutable; any thread may
/// evaluate it; copies share the program. Values that it gives may point into it.
class Expression {
  public:
    /// Nothing where a problem is no warning; `problems` holds all that were found, by offset.
    static std::optional<Expression> compile(std::string_view text, const Scope& scope,
                                             std::vector<Problem>& problems,
                                             Checking checking = Checking::On);

    /// Never throws. Steps and memory are bounded: an error of Failure::Limit tells which.
    Value evaluate(const Activation& activation, Arena& arena) const {
        return evaluate(activation, arena, kStepsMax);
    }
    /// As above, with a bound of its own on the steps.
    Value evaluate(const Activation& activation, Arena& arena, std::size_t stepsMax) const;

    /// As `evaluate`, and tells what its parts gave and which of them decided. For people: slower.
    Explanation explain(const Activation& activation, Arena& arena) const;

    /// About how many steps an evaluation takes, told before any: one per operator, function and
    /// reference, what a macro repeats times kCostedItems, kCostOfMatch for `matches`.
    std::size_t cost() const;

    const std::string& text() const;
    /// What is known of the value; dyn where nothing is.
    Type type() const;
    /// The reference, where the whole expression is one with all its steps taken.
    std::optional<std::uint32_t> reference() const;
    /// The value, where it is the same for every message.
    std::optional<Value> literal() const;
    /// All references, ascending, each once.
    const std::vector<std::uint32_t>& references() const;
    /// What its operations take references for, in the order of the text from outside in.
    std::vector<Expectation> expectations() const;

  private:
    explicit Expression(std::shared_ptr<const Program> program) : program_{std::move(program)} {}

    std::shared_ptr<const Program> program_;  // shared: mapping tables of two reloads may hold it
};

}  // namespace sluice::cel
