#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/CommandLine.h"
#include "input/Plugin.h"
#include "mapping/MappingTable.h"
#include "process/RunHooks.h"
#include "settings/Findings.h"

namespace sluice::cli {

/// Runs a node until it is told to stop and returns the exit status; the composition root's.
/// `readAgain` is empty where there is nothing to reload.
using RunNode = int (*)(const Settings& settings, std::shared_ptr<const MappingTable> mappings,
                        PluginLibrary& plugins, const ReadAgain& readAgain, RunHooks& hooks);

/// The whole program: finds the command, runs it, turns errors into messages and exit statuses.
/// Starts no thread before settings were read.
int main(int argc, char** argv, RunNode runNode);

/// The node runner that main was given, for the commands run and demo.
RunNode nodeRunner();

/// Most sources that a command line may name.
inline constexpr std::size_t kSourcesMax = 100;

Command runCommand();
Command demoCommand();
Command checkCommand();
Command explainCommand();
Command explainIdCommand();
Command evalCommand();
Command healthCommand();
Command pluginsCommand();
Command recordCommand();
Command schemaCommand();
Command tapCommand();
Command topCommand();

}  // namespace sluice::cli
