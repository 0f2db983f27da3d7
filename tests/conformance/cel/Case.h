#pragma once

#include <string>
#include <string_view>

#include "TextProto.h"

namespace sluice::cel {

/// Runs one SimpleTest of cel-spec's simple.proto. Empty where it passes, else what went wrong:
/// "gave 3, wants 4". Cases that are not to be type-checked are compiled unchecked.
std::string runCase(const TextProto& test);

}  // namespace sluice::cel
