#pragma once

#include <string>

#include "mapping/MappingOptions.h"

namespace sluice {

/// A rule as an entry of `mappings`, to be copied into a file: `- from: ...` and what differs from
/// the defaults, texts in double quotes. Reading it gives the same rule.
std::string yamlOf(const MappingRule& rule);

}  // namespace sluice
