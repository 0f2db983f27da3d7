#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"
#include "base/Log.h"
#include "channel/HubOptions.h"
#include "delivery/DeliveryOptions.h"
#include "filter/Filters.h"
#include "graphite/GraphiteOptions.h"
#include "http/HttpOptions.h"
#include "input/InputOptions.h"
#include "input/ReplayOptions.h"
#include "journal/JournalOptions.h"
#include "mapping/MappingOptions.h"
#include "mapping/MappingTable.h"
#include "mapping/MessageTest.h"
#include "settings/Yaml.h"

namespace sluice {

/// The settings key `log`.
struct LogOptions {
    log::Level level = log::Level::Info;
    log::Format format = log::Format::Auto;
    bool operator==(const LogOptions&) const = default;
};

/// The options of every module. Made by hand they are the program's defaults.
struct Settings {
    HubOptions hub;
    JournalOptions journal;
    DeliveryOptions delivery;
    FilterOptions filters;
    HttpOptions http;
    SourceMark tlsMark;  // of the certificate
    std::vector<InputOptions> inputs;
    ReplayOptions replays;
    MappingOptions mappings;
    LogOptions log;
    GraphiteOptions graphite;
    std::vector<MessageTest> tests;  // for `check`; nothing that runs looks at them
};

/// The names that `${NAME}` may take, and whether `${file:PATH}` reads files.
struct Environment : std::map<std::string, std::string, std::less<>> {
    using map::map;
    bool hasFiles = true;
};
/// The process's own. REQUIRES: no other thread changes it meanwhile.
Environment processEnvironment();

/// The separator of topic levels that a plugin names; nothing where the plugin is not known.
using SeparatorOf = std::function<std::optional<char>(std::string_view plugin)>;
/// Of the plugins that come with Sluice, without loading one.
std::optional<char> separatorOfKnownPlugin(std::string_view plugin);

/// What reading a file gave.
struct LoadResult {
    yaml::Document document;
    Settings settings;                    // to be used without errors only
    std::vector<yaml::Problem> problems;  // errors and warnings, in the order of the file
    std::set<std::string> keysKnown;      // that the reader asked for: "delivery.retry", "inputs.*"
    std::set<std::string> keysSeen;       // of these, that the file has

    bool hasErrors() const;
    /// All problems, rendered with a line between them; with secrets covered.
    std::string report() const;
    /// As the report of one problem, for what others find at a place in this file afterwards: a
    /// plugin's complaint about a setting, say. A mark of another file or of none comes without
    /// an excerpt.
    std::string render(const SourceMark& mark, std::string code, std::string message,
                       std::string hint, bool isWarning = false) const;
};

/// Reads a configuration; all errors at once. Touches no broker, no resolver, and of files those
/// alone that `${file:PATH}` names. Never throws on bad input. `file` is for people only.
///
/// `${NAME}` and `${NAME:-default}` in values (never in keys or comments) are replaced from
/// `environment` after the YAML was parsed; the default counts where the name is unset or empty;
/// `$${` is a literal `${`. `${file:PATH}` is the content of a file, without its last line end; a
/// default counts where it cannot be read.
LoadResult load(std::string file, std::string bytes, const Environment& environment,
                const SeparatorOf& separatorOf = separatorOfKnownPlugin);

/// Reads a file that has `tests` only, for mappings of these inputs; else as `load`.
LoadResult loadTests(std::string file, std::string bytes, const Environment& environment,
                     const std::vector<InputOptions>& inputs);

/// Reads a file that has `mappings` only, from these inputs; else as `load`.
LoadResult loadMappings(std::string file, std::string bytes, const Environment& environment,
                        const std::vector<InputOptions>& inputs);

/// The JSON Schema (draft-07) of a configuration, made by the readers of load(): descriptions,
/// defaults, bounds. It cannot see what only the whole tells (names that refer to others), what is
/// in expressions and templates, nor what a variable will hold. The schema of an entry of `inputs`
/// leaves the keys of plugins open.
Json settingsSchema();

/// Settings without a file: each URI is `PLUGIN://ADDRESS/SOURCE[?OPTION=VALUE&...]`, such as
/// `kafka://localhost:9092/orders`; the channel is named as the source (a topic or a pattern of
/// topics). Throws std::invalid_argument that says what to write, never with a password.
Settings fromUris(std::span<const std::string> uris);

/// Why these addresses cannot be served, or nothing: the admin listener beyond loopback without a
/// key. For what the command line overrides; `load` has asked this for the file.
std::string exposureError(const HttpOptions& options);
/// Why these addresses cannot be served, or nothing: https without a certificate.
std::string certificateError(const HttpOptions& options);
/// What should be said at start about an open listener; empty: nothing.
std::string exposureWarning(const HttpOptions& options);

}  // namespace sluice
