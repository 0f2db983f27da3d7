#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "expression/Value.h"

namespace sluice::cel {

/// Most parts of one evaluation that are written down.
inline constexpr std::size_t kExplainedPartsMax = 1'000;

/// One part of an expression and the value that it had. Constant parts have none of their own.
struct ExplainedPart {
    std::uint32_t offset = 0;  // of it in the text of the expression, in bytes
    std::uint32_t length = 0;
    std::uint32_t depth = 0;  // how many parts are around it
    bool isVariable = false;  // a variable, with the fields and indices that belong to it
    bool isInMacro = false;   // visited once for each item of a list; maybe many times
    Value value;              // an error where it had none
};

/// What happened in one evaluation, and why. Values live as long as the Arena's content, the
/// Expression and what the Activation lent.
struct Explanation {
    Value value;
    /// What was evaluated: the whole expression first, each part before those within it. What `&&`,
    /// `||` and `?:` passed over is not here.
    std::vector<ExplainedPart> parts;
    /// Indices of the smallest parts that made the whole true, false or an error: of
    /// `a > 1 && (b > 2 || c > 3)`, where it is false, `a > 1`, or both `b > 2` and `c > 3`.
    std::vector<std::size_t> deciding;

    /// Indices of the variables within a part, each once: what it was computed from.
    std::vector<std::size_t> variablesOf(std::size_t part) const;
};

}  // namespace sluice::cel
