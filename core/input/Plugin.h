#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/plugin.h"

namespace sluice {

/// A plugin that cannot be used: missing, not loadable, of another ABI. `what()` explains it to
/// people, on several lines where it must say where it looked.
class PluginError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A loaded plugin: its table, checked. Lives until the process ends.
struct Plugin {
    std::string name, version;
    std::filesystem::path file;
    sluice_plugin_table table{};  // fields that the plugin does not know are null
    bool replayable = false;
    char separator = '/';
};

/// One NAME.so of a folder that is searched for plugins.
struct PluginFile {
    std::string name;
    std::filesystem::path file;
    const Plugin* plugin = nullptr;    // lives until the process ends; null: not loaded
    std::string error;                 // why it was not loaded, without its path
    std::filesystem::path shadowedBy;  // of this name, from an earlier folder: is loaded instead
};

/// A folder that is searched for plugins, with what it has.
struct PluginFolder {
    std::filesystem::path folder;
    std::string error;              // why it cannot be searched
    std::vector<PluginFile> files;  // by name
};

/// Finds and loads plugins, each once; never unloads one (a library's threads and thread-local
/// destructors may outlive its last call). Any thread may call.
class PluginLibrary {
  public:
    /// `folders` are searched in this order.
    explicit PluginLibrary(std::vector<std::filesystem::path> folders);

    /// `fromCommandLine` (--plugins), the folders in SLUICE_PLUGIN_PATH (separated by `:`), then
    /// beside the program `plugins/` and `../lib/sluice/plugins/`.
    static std::vector<std::filesystem::path> defaultFolders(
        const std::optional<std::filesystem::path>& fromCommandLine);

    /// The plugin NAME from the first folder that has NAME.so. Throws PluginError.
    const Plugin& load(std::string_view name);

    /// All folders in the order of the search, with all their plugins, loaded where they can be;
    /// `name`: only the plugins of this name.
    std::vector<PluginFolder> survey(const std::optional<std::string>& name = {});

    const std::vector<std::filesystem::path>& folders() const { return folders_; }

  private:
    std::filesystem::path find(std::string_view name) const;
    void look(PluginFile& file);

    const std::vector<std::filesystem::path> folders_;
    std::mutex mutex_;
    // guarded by mutex_
    std::map<std::string, const Plugin*, std::less<>> loaded_;  // never freed
};

/// The ABI versions that this host speaks.
inline constexpr unsigned kAbiMin = 1, kAbiMax = SLUICE_ABI_VERSION;

}  // namespace sluice
