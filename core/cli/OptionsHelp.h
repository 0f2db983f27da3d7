#pragma once

#include <string>
#include <vector>

#include "base/Json.h"

namespace sluice::cli {

/// What --help would say about one option of a plugin.
struct OptionHelp {
    std::string name;         // "tls.ca"; "rdkafka.*" where any name will do
    std::string type;         // for people: "text or list of texts", "10 to 500"
    std::string standard;     // the default as it is written in a file; empty: none
    std::string description;  // may be empty
    bool required = false;
};

/// The options that a plugin's JSON Schema (draft-07) of an object describes, in its order, those
/// of nested objects behind the one that has them.
std::vector<OptionHelp> optionsOf(const Json& schema);

}  // namespace sluice::cli
