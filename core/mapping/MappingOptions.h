#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Where a text of the configuration stands, for errors found after it was read.
struct SourceMark {
    std::string file;
    std::uint32_t line = 0, column = 0;  // from 1; 0: not from a file
};

/// One entry of `mappings`, as text; MappingTable compiles it.
struct MappingRule {
    std::string input;    // before the colon of `from`
    std::string from;     // the pattern after it
    std::string channel;  // template
    std::string event;    // template; empty: no event name
    std::string key;      // template; empty: the message's key
    SourceMark mark;
};

struct MappingOptions {
    std::vector<MappingRule> rules;            // in file order
    std::size_t payloadBytesMax = 256u << 10;  // a longer payload is rejected
};

}  // namespace sluice
