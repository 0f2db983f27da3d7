#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/Reader.h"
#include "settings/Settings.h"

namespace sluice {

/// A rule with the values that it came from, so that what is wrong inside can be pointed to.
struct RuleText {
    MappingRule rule;
    std::size_t patternAt = 0;  // in `from`, behind the colon

    /// Reports what the compiler found, with the caret inside the value.
    void report(MappingError error) const;

    /// By key of the rule: its value, or the scalars in it in the order of the file.
    std::map<std::string, std::vector<Scalar>, std::less<>> scalars;
};

/// Reads one entry of `mappings`. Nothing where it lacks what it needs; all that is wrong is
/// reported.
std::optional<RuleText> readRule(Reading& reading, const yaml::Node& node,
                                 const std::vector<InputOptions>& inputs);

/// Reads a structure whose scalars keep the types that they were written with; `scalars` gets them
/// in order. Nothing where something is wrong, which is reported. `name` is that of the key.
std::optional<DataText> readData(Reading& reading, const yaml::Node& node, std::string_view name,
                                 std::vector<Scalar>& scalars);

}  // namespace sluice
