#pragma once

#include <string_view>
#include <vector>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// What is refused before the YAML library sees a byte: too large a file, what is not UTF-8,
/// control characters, line ends that editors do not show, directives. With problems from here the
/// file is not read any further.
std::vector<Problem> checkBytes(const Source& source, const Limits& limits);

}  // namespace sluice::yaml
