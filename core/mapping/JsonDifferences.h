#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"

namespace sluice {

/// A place where a JSON value is not as expected.
struct JsonDifference {
    std::string path;  // below the whole: ".items[0].name", "['a b']"; empty: the whole
    std::string text;  // "is 10, not 9", "is missing", "should not be there: 1"
};

/// The first `countMax` of them, in the order of `expected`, then what it does not have. The order
/// of keys does not count; numbers are equal by value, whole ones exactly.
std::vector<JsonDifference> differences(const Json& expected, const Json& actual,
                                        std::size_t countMax);

/// ".name", or "['a name']" where it is none that expressions take: a step of a path.
std::string pathStep(std::string_view key);

}  // namespace sluice
