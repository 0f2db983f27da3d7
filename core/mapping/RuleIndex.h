#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"

namespace sluice {

/// Finds the patterns that may take a topic without trying all of them: by the levels that are
/// plain text. Filled at load, then constant; any thread may read.
class RuleIndex {
  public:
    /// All patterns have the same separator; `number` grows with every call.
    void add(const Pattern& pattern, std::uint32_t number);

    /// Numbers of all patterns that take the topic, and perhaps of some more; ascending.
    std::vector<std::uint32_t> candidates(std::string_view topic) const;

  private:
    using Place = std::uint32_t;
    struct Node {
        std::map<std::string, Place, std::less<>> texts;  // by the next level
        Place any = 0;                                    // the next level is taken by a capture
        std::vector<std::uint32_t> ending;                // patterns that end here
        std::vector<std::uint32_t> rest;                  // patterns that take the rest
    };

    Place enter(Place place, const std::string& level, bool isText);
    void collect(Place place, std::string_view rest, bool atEnd,
                 std::vector<std::uint32_t>& found) const;

    char separator_ = '/';
    std::vector<Node> nodes_{1};
};

}  // namespace sluice
