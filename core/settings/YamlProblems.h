#pragma once

#include <string_view>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// What libyaml says when it gives up: its words, and two places.
struct ScannerError {
    std::string_view context;  // "while scanning a quoted scalar"; may be empty
    Mark contextMark;
    std::string_view problem;  // "found unexpected end of stream"
    Mark problemMark;
};

/// The same for people: our code and words, the caret where the cause is.
Problem explain(const Source& source, const ScannerError& error);

/// `quote it: "..."` for the value that the line has at the mark; a general text where it has none.
std::string quoteHint(const Source& source, const Mark& mark);

}  // namespace sluice::yaml
