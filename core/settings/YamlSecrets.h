#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// A line of a file with what looks like a secret covered by `*`, as long as it was: the values of
/// keys whose name says so, also of a key in a line above, and passwords in URLs. `${NAME}` stays
/// but for its default, and a key that is a template.
std::string covered(const Source& source, std::uint32_t line);
/// The same of a line that stands alone.
std::string covered(std::string_view line);

}  // namespace sluice::yaml
