#pragma once

#include <string>
#include <string_view>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// See Document::render.
std::string render(const std::string& file, const Source& source, const Problem& problem);

/// A line of a file with the values of what looks like secrets covered by `*`, as long as it was:
/// keys whose name says so. `${NAME}` stays, and a key that is a template.
std::string covered(std::string_view line);

}  // namespace sluice::yaml
