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

/// A configuration that was read and checked, and of which nothing was printed.
struct Inspection {
    std::string source;  // "sluice.yaml", for people
    std::unique_ptr<PluginLibrary> plugins;
    std::unique_ptr<const LoadResult> file;  // null: it came from no file
    CheckedSettings checked;
    bool isRead = true;  // false: there was nothing to check, as the findings say
};

/// The options that say where a configuration comes from and what overrides it.
std::vector<OptionSpec> configurationOptions();
/// Of them, the one that also makes sense without running.
OptionSpec pluginsOption();
/// What it says.
std::optional<std::filesystem::path> pluginsFolder(const Arguments& arguments);

/// Reads a file, or URIs, as the arguments say. Throws UsageError.
Inspection inspect(const Arguments& arguments);
/// The text of a file; nothing where it cannot be read, which the findings get.
std::optional<std::string> textOf(const std::string& file, Findings& findings);

/// Reads as `inspect` does; prints all errors and warnings to stderr. Nothing
/// where there were errors (exit status 2). Throws UsageError.
std::optional<Configuration> configurationFrom(const Arguments& arguments);
/// The same from text that is already there; `source` is for people.
std::optional<Configuration> configurationFrom(const Arguments& arguments,
                                               const std::string& source, std::string text);

}  // namespace sluice::cli
