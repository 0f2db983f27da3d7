#pragma once

#include <cstdint>

#include "expression/Type.h"

namespace sluice::cel {

/// What an operation takes a reference for: `payload.amount > 0` for a number. Of the values that
/// come only one that is of the type can make it what was meant.
struct Expectation {
    std::uint32_t reference = 0;
    Type type;                             // never dyn; a kind of number stands for all of them
    bool isSilent = false;                 // another type is no error, but never equal
    std::uint32_t offset = 0, length = 0;  // of the operation in the text of the expression

    /// Whether a value of the kind is what is expected.
    bool takes(Kind kind) const {
        const bool isNumber = kind >= Kind::Int && kind <= Kind::Double;
        return type.is(kind) || (isNumber && !type.isDyn() && type.mayBeNumber());
    }
};

}  // namespace sluice::cel
