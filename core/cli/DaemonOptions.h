#pragma once

#include <memory>
#include <vector>

#include "cli/CommandLine.h"
#include "process/RunHooks.h"

namespace sluice::cli {

/// The options of `sluice run` that say how its process lives: in the background, as whom, and
/// where its number and its log are.
std::vector<OptionSpec> daemonOptions();

/// Checks them and does what they say; what has to wait for the node is in the result. With
/// --daemon it returns in the background only. Throws UsageError, or std::runtime_error for what is
/// wrong outside. REQUIRES: no other thread.
std::unique_ptr<RunHooks> liveAs(const Arguments& arguments);

}  // namespace sluice::cli
