#pragma once

#include <chrono>

#include "input/Plugin.h"
#include "node/NodeOptions.h"

namespace sluice {

/// Runs a node in the foreground until SIGTERM (which drains for `delivery.drain`) or SIGINT (at
/// most a second; a second SIGINT ends it at once). Returns the exit status: 0 after a clean end, 1
/// when it could not start. Must be called before any thread was started.
int runNode(const NodeOptions& options, PluginLibrary& plugins);

}  // namespace sluice
