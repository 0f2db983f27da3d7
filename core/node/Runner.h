#pragma once

#include <memory>

#include "input/Plugin.h"
#include "mapping/MappingTable.h"
#include "process/RunHooks.h"
#include "settings/Findings.h"

namespace sluice {

/// Runs a node in the foreground until SIGTERM (which drains for `delivery.drain`) or SIGINT (at
/// most a second; a second SIGINT ends it at once). Returns the exit status: 0 after a clean end, 1
/// when it could not start. SIGHUP reloads; where the terminal that it ran on is gone, it ends the
/// node as SIGTERM does; SIGUSR1 opens the file of the log again. Must be called before any thread
/// was started.
int runNode(const Settings& settings, std::shared_ptr<const MappingTable> mappings,
            PluginLibrary& plugins, const ReadAgain& readAgain, RunHooks& hooks);

}  // namespace sluice
