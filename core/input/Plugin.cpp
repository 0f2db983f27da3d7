#include "input/Plugin.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>

#include <dlfcn.h>

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSymbol = "sluice_plugin";
constexpr const char* kPathVariable = "SLUICE_PLUGIN_PATH";
/// Up to here a table of ABI 1 must reach: the functions before the optional ones.
constexpr std::size_t kTableBytesMin = offsetof(sluice_plugin_table, check);

bool isPluginName(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

std::string rangeText(unsigned least, unsigned most) {
    if (least == most) return "version " + std::to_string(least);
    return "versions " + std::to_string(least) + " to " + std::to_string(most);
}

const sluice_plugin_table& ask(sluice_plugin_function entry, const std::string& file) {
    uint32_t least = 0, most = 0;
    const sluice_plugin_table* table = nullptr;
    try {
        table = entry(kAbiMin, kAbiMax, &least, &most);
    } catch (...) {
        throw PluginError{file + ": its entry function threw an exception"};
    }
    if (!table)
        throw PluginError{file + ": was built for another Sluice: it speaks ABI " +
                          rangeText(least, most) + ", this host speaks " +
                          rangeText(kAbiMin, kAbiMax) + "; rebuild the plugin"};
    if (table->size < kTableBytesMin || table->abi_version < kAbiMin ||
        table->abi_version > kAbiMax)
        throw PluginError{file + ": answered with a table of ABI " +
                          std::to_string(table->abi_version) + " and " +
                          std::to_string(table->size) + " bytes; this host speaks " +
                          rangeText(kAbiMin, kAbiMax)};
    return *table;
}

void checkFunctions(const sluice_plugin_table& table, const std::string& file) {
    if (table.open && table.watch && table.start && table.stop && table.close && table.name) return;
    throw PluginError{file + ": its table lacks one of name, open, watch, start, stop, close"};
}

std::unique_ptr<Plugin> open(const fs::path& path) {
    const std::string file = path.string();
    void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) throw PluginError{file + ": cannot be loaded: " + dlerror()};
    const auto entry = reinterpret_cast<sluice_plugin_function>(dlsym(handle, kSymbol));
    if (!entry)
        throw PluginError{file + ": is no Sluice plugin: it does not export '" + kSymbol + "'"};
    const sluice_plugin_table& given = ask(entry, file);
    auto plugin = std::make_unique<Plugin>();
    std::memcpy(&plugin->table, &given, std::min<std::size_t>(given.size, sizeof plugin->table));
    checkFunctions(plugin->table, file);
    plugin->name = plugin->table.name;
    plugin->version = plugin->table.version ? plugin->table.version : "";
    plugin->file = path;
    plugin->replayable = (plugin->table.flags & SLUICE_PLUGIN_REPLAYABLE) != 0;
    plugin->separator = static_cast<char>(plugin->table.separator);
    return plugin;
}

/// A thread of the plugin may look at its table while the process ends.
const Plugin* keepForever(std::unique_ptr<Plugin> plugin) {
    static std::mutex mutex;
    static auto* const kept = new std::vector<std::unique_ptr<Plugin>>;
    const std::lock_guard lock{mutex};
    return kept->emplace_back(std::move(plugin)).get();
}

void addList(std::vector<fs::path>& folders, std::string_view list) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(':'), list.size());
        if (end > 0) folders.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

/// The NAME.so of a folder, by name, none of them loaded.
PluginFolder listOf(const fs::path& folder) {
    PluginFolder found;
    found.folder = folder;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error)) {
        std::error_code ignored;
        if (entry->path().extension() == ".so" && fs::is_regular_file(entry->path(), ignored))
            found.files.push_back({entry->path().stem().string(), entry->path(), nullptr, {}, {}});
    }
    if (error == std::errc::no_such_file_or_directory)
        found.error = "there is no such folder";
    else if (error)
        found.error = "cannot be searched: " + error.message();
    std::sort(found.files.begin(), found.files.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return found;
}

}  // namespace

PluginLibrary::PluginLibrary(std::vector<fs::path> folders) : folders_{std::move(folders)} {}

std::vector<fs::path> PluginLibrary::defaultFolders(
    const std::optional<fs::path>& fromCommandLine) {
    std::vector<fs::path> folders;
    if (fromCommandLine) folders.push_back(*fromCommandLine);
    if (const char* list = std::getenv(kPathVariable)) addList(folders, list);
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return folders;
    folders.push_back(program.parent_path() / "plugins");
    folders.push_back((program.parent_path() / "../lib/sluice/plugins").lexically_normal());
    return folders;
}

const Plugin& PluginLibrary::load(std::string_view name) {
    const std::lock_guard lock{mutex_};
    const auto known = loaded_.find(name);
    if (known != loaded_.end()) return *known->second;
    const Plugin* const plugin = keepForever(open(find(name)));
    return *loaded_.emplace(std::string{name}, plugin).first->second;
}

std::vector<PluginFolder> PluginLibrary::survey(const std::optional<std::string>& name) {
    std::vector<PluginFolder> folders;
    std::map<std::string, fs::path> seen;  // the first file of each name
    for (const fs::path& folder : folders_) {
        const bool isAgain = std::any_of(folders.begin(), folders.end(), [&](const auto& other) {
            std::error_code error;
            return fs::equivalent(other.folder, folder, error);
        });
        PluginFolder& found = folders.emplace_back(
            isAgain ? PluginFolder{folder, "was searched already", {}} : listOf(folder));
        if (name) std::erase_if(found.files, [&](const auto& file) { return file.name != *name; });
        for (PluginFile& file : found.files) {
            const auto [first, isFirst] = seen.try_emplace(file.name, file.file);
            if (isFirst)
                look(file);
            else
                file.shadowedBy = first->second;
        }
    }
    return folders;
}

void PluginLibrary::look(PluginFile& file) {
    try {
        file.plugin = &load(file.name);
    } catch (const PluginError& error) {
        const std::string prefix = file.file.string() + ": ";
        file.error = error.what();
        if (file.error.starts_with(prefix)) file.error.erase(0, prefix.size());
    }
}

fs::path PluginLibrary::find(std::string_view name) const {
    const std::string file = std::string{name} + ".so";
    if (!isPluginName(name))
        throw PluginError{"'" + std::string{name} +
                          "' is no name of a plugin: letters, digits, '-' and '_' only"};
    std::string looked;
    for (const fs::path& folder : folders_) {
        std::error_code error;
        if (fs::is_regular_file(folder / file, error)) return folder / file;
        looked += "\n  " + (folder / file).string();
    }
    throw PluginError{"there is no plugin '" + std::string{name} + "'; looked for " +
                      (looked.empty() ? "it in no folder at all" : "it at:" + looked) +
                      "\nname its folder with --plugins or in " + kPathVariable};
}

}  // namespace sluice
