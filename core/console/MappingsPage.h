#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "input/InputHost.h"
#include "mapping/MappingOptions.h"

namespace sluice {

/// What /mappings of the admin listener shows: `{"mappings": [{"mapping", "place", "input", "from",
/// "channel", "event", "when", "yaml", "events", "samples": [{"reason", "text", "topic",
/// "payload"}]}]}` in the order of the file, numbered from 1. `events` counts since the mapping is
/// in force; `samples` are the last messages that it rejected, by reason, of the inputs' status.
std::string mappingsJson(const MappingOptions& options, const std::vector<std::uint64_t>& events,
                         const std::vector<InputStatus>& inputs);

}  // namespace sluice
