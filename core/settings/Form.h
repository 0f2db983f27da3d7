#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"

namespace sluice {

/// Ways in which one value can be written, as schemas of JSON Schema (draft-07). In every one but
/// lists and mappings, a text with `${NAME}` counts as well: nobody knows yet what it will be.
struct Form {
    std::vector<Json> choices;
    std::string bounds;  // for people: "1s to 1h"; empty: none

    static Form text();
    /// A regular expression (ECMA 262), which must match the text as a whole.
    static Form pattern(std::string_view expression);
    static Form boolean();
    static Form integer(std::uint64_t least, std::uint64_t most);
    static Form duration(std::chrono::milliseconds least, std::chrono::milliseconds most);
    static Form size(std::uint64_t least, std::uint64_t most);
    static Form rate(std::uint64_t least, std::uint64_t most);
    static Form choice(std::span<const std::string> names);
    /// HOST:PORT, perhaps behind http:// or https://.
    static Form address();
    /// Null, a text, or lists and mappings of such.
    static Form structure();
    /// The form of a value, or a list of such values.
    Form orList() const;

    /// What the schemas refer to as "#/definitions/NAME".
    static Json definitions();
    /// Behind "not": a text that is judged as it stands.
    static Json withoutVariables();
};

/// What Pattern.h reads, as a regular expression without anchors.
std::string expressionOfPatterns();

}  // namespace sluice
