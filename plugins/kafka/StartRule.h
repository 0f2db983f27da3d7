#pragma once

#include <optional>
#include <string_view>

#include "Options.h"

namespace sluice::kafka {

/// Parses `live`, `earliest` and `since:` with a time: 2026-01-31T12:00:00Z (or with an offset such
/// as +01:00), milliseconds since the Unix epoch, or a time back such as -15min.
std::optional<StartRule> parseStartRule(std::string_view text);

}  // namespace sluice::kafka
