#pragma once

#include <cstddef>
#include <string>

namespace sluice::cel {

/// What is wrong with the text of an expression, and where.
struct Problem {
    std::size_t offset = 0;  // bytes from the beginning of the text
    std::size_t length = 0;  // at least 1, but 0 at the end of the text
    std::string code;        // stable: "syntax", "unknown-name", "type", ...
    std::string message;
    std::string hint;  // what to write instead; may be empty
    bool isWarning = false;
};

}  // namespace sluice::cel
