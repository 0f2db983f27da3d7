#pragma once

#include <string>
#include <string_view>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// See Document::render.
std::string render(const std::string& file, const Source& source, const Problem& problem);

}  // namespace sluice::yaml
