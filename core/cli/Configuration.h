#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/CommandLine.h"
#include "input/Plugin.h"
#include "mapping/MappingTable.h"
#include "settings/Findings.h"
#include "settings/Settings.h"

namespace sluice::cli {

/// A configuration that can run, with its plugins loaded: nothing of it can fail later but the
/// world outside.
struct Configuration {
    std::string source;  // "sluice.yaml", for people
    Settings settings;
    std::unique_ptr<PluginLibrary> plugins;
    std::shared_ptr<const MappingTable> mappings;
    ReadAgain readAgain;  // borrows `plugins`; empty where it came from no file
};

/// The options that say where a configuration comes from and what overrides it.
std::vector<OptionSpec> configurationOptions();
/// Of them, the one that also makes sense without running.
OptionSpec pluginsOption();
/// What it says.
std::optional<std::filesystem::path> pluginsFolder(const Arguments& arguments);

/// Reads a file, or URIs, as the arguments say; prints all errors and warnings to stderr. Nothing
/// where there were errors (exit status 2). Throws UsageError.
std::optional<Configuration> configurationFrom(const Arguments& arguments);
/// The same from text that is already there; `source` is for people.
std::optional<Configuration> configurationFrom(const Arguments& arguments,
                                               const std::string& source, std::string text);

/// The text of a configuration checked with the plugins at hand; prints nothing.
CheckedSettings checkText(const Arguments& arguments, const std::string& source, std::string text,
                          PluginLibrary& plugins);

}  // namespace sluice::cli
