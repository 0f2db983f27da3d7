#include <algorithm>
#include <iostream>

#include "base/Json.h"
#include "base/Nearest.h"
#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/OptionsHelp.h"

namespace sluice::cli {
namespace {

std::string hostAbiText() {
    return kAbiMin == kAbiMax ? std::to_string(kAbiMin)
                              : std::to_string(kAbiMin) + " to " + std::to_string(kAbiMax);
}

std::optional<Json> schemaOf(const Plugin& plugin) {
    const char* const text = plugin.table.options_schema;
    std::optional<Json> schema = text ? Json::parse(text) : std::nullopt;
    return schema && schema->is(Json::Kind::Object) ? schema : std::nullopt;
}

std::string optionsSummary(const Plugin& plugin) {
    const std::optional<Json> schema = schemaOf(plugin);
    if (!schema) return "its options have no readable JSON Schema";
    std::string names;
    for (const OptionHelp& option : optionsOf(*schema))
        if (option.name.find('.') == std::string::npos)
            names += (names.empty() ? "" : ", ") + option.name;
    return names.empty() ? "no options" : "options: " + names;
}

/// Words wrapped to the terminal's usual width.
std::string wrapped(const std::string& text, std::size_t indent) {
    constexpr std::size_t kWidth = 92;
    const std::string newLine = "\n" + std::string(indent, ' ');
    std::string out(indent, ' ');
    std::size_t column = indent;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (column > indent && column + 1 + (end - begin) > kWidth) {
            out += newLine;
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += text.substr(begin, end - begin);
        column += end - begin;
        begin = end + 1;
    }
    return out + '\n';
}

void list(const PluginFile& file) {
    std::cout << "  " << file.name;
    if (!file.shadowedBy.empty()) {
        std::cout << ": not loaded\n"
                  << wrapped("an earlier folder has one of this name: " + file.shadowedBy.string(),
                             6);
        return;
    }
    if (!file.plugin) {
        std::cout << ": not loaded\n" << wrapped(file.error, 6);
        return;
    }
    const Plugin& plugin = *file.plugin;
    std::cout << ' ' << plugin.version << " (ABI " << plugin.table.abi_version << ", "
              << (plugin.replayable ? "replayable" : "not replayable") << ", separator '"
              << plugin.separator << "')\n"
              << wrapped(optionsSummary(plugin), 6);
}

void listAll(const std::vector<PluginFolder>& folders) {
    std::cout << "This Sluice loads plugins of ABI " << hostAbiText() << ".\n";
    for (const PluginFolder& folder : folders) {
        std::cout << '\n' << folder.folder.string();
        if (!folder.error.empty())
            std::cout << ": " << folder.error << '\n';
        else
            std::cout << (folder.files.empty() ? ": has no plugin\n" : "\n");
        for (const PluginFile& file : folder.files) list(file);
    }
}

void printOption(const OptionHelp& option) {
    std::cout << "  " << option.name << ": " << option.type;
    if (option.required) std::cout << ", required";
    if (!option.standard.empty()) std::cout << ", default " << option.standard;
    std::cout << '\n';
    if (!option.description.empty()) std::cout << wrapped(option.description, 6);
}

void describe(const Plugin& plugin) {
    std::cout << plugin.name << ' ' << plugin.version << "\n  file        " << plugin.file.string()
              << "\n  ABI         " << plugin.table.abi_version << " (this Sluice loads "
              << hostAbiText() << ")\n  replayable  "
              << (plugin.replayable ? "yes: its messages have positions and can be read again"
                                    : "no: its messages have no positions")
              << "\n  separator   '" << plugin.separator << "' between the levels of a topic\n\n";
    const std::optional<Json> schema = schemaOf(plugin);
    if (!schema) {
        std::cout << "Its options have no readable JSON Schema.\n";
        return;
    }
    std::cout << "Options (besides plugin, rewind and separator, which every input has):\n";
    for (const OptionHelp& option : optionsOf(*schema)) printOption(option);
}

/// One plugin with all its options, then why its namesakes are not loaded.
int describeOne(const std::vector<PluginFolder>& folders, const std::string& name,
                PluginLibrary& library) {
    int status = kExitFailed;
    for (const PluginFolder& folder : folders)
        for (const PluginFile& file : folder.files) {
            if (file.plugin) {
                describe(*file.plugin);
                status = kExitOk;
                continue;
            }
            const std::string why =
                file.shadowedBy.empty() ? file.error : file.shadowedBy.string() + " comes first";
            (status == kExitOk ? std::cout : std::cerr)
                << (status == kExitOk ? "\nNot loaded: " : "sluice: ") << file.file.string() << ": "
                << why << '\n';
        }
    const bool isThere = std::any_of(folders.begin(), folders.end(),
                                     [](const auto& folder) { return !folder.files.empty(); });
    if (isThere) return status;
    std::vector<std::string> names;
    for (const PluginFolder& folder : library.survey())
        for (const PluginFile& file : folder.files) names.push_back(file.name);
    std::cerr << "sluice: there is no plugin '" << name << "'" << didYouMean(name, names)
              << " (`sluice plugins` lists all, and the folders)\n";
    return kExitFailed;
}

Json jsonOf(const PluginFile& file) {
    Json json = Json::object();
    json.set("name", file.name);
    json.set("file", file.file.string());
    json.set("loaded", Json::boolean(file.plugin != nullptr));
    if (!file.shadowedBy.empty()) json.set("shadowedBy", file.shadowedBy.string());
    if (!file.error.empty()) json.set("error", file.error);
    if (!file.plugin) return json;
    json.set("version", file.plugin->version);
    json.set("abi", Json::number(file.plugin->table.abi_version));
    json.set("replayable", Json::boolean(file.plugin->replayable));
    json.set("separator", std::string(1, file.plugin->separator));
    json.set("options", schemaOf(*file.plugin).value_or(Json{}));
    return json;
}

Json jsonOf(const std::vector<PluginFolder>& folders) {
    Json json = Json::object();
    Json& abi = json.set("hostAbi", Json::object());
    abi.set("least", Json::number(kAbiMin));
    abi.set("most", Json::number(kAbiMax));
    Json list = Json::array();
    for (const PluginFolder& folder : folders) {
        Json& one = list.add(Json::object());
        one.set("folder", folder.folder.string());
        if (!folder.error.empty()) one.set("error", folder.error);
        Json& files = one.set("plugins", Json::array());
        for (const PluginFile& file : folder.files) files.add(jsonOf(file));
    }
    json.set("folders", std::move(list));
    return json;
}

int plugins(const Arguments& arguments) {
    PluginLibrary library{PluginLibrary::defaultFolders(pluginsFolder(arguments))};
    std::optional<std::string> name;
    if (!arguments.positional.empty()) name = arguments.positional.front();
    const std::vector<PluginFolder> folders = library.survey(name);
    if (arguments.has("json")) {
        std::cout << jsonOf(folders).pretty() << '\n';
        return kExitOk;
    }
    if (name) return describeOne(folders, *name, library);
    listAll(folders);
    return kExitOk;
}

}  // namespace

Command pluginsCommand() {
    Command command;
    command.name = "plugins";
    command.synopsis = "[NAME]";
    command.summary = "List the plugins and their options, and why one was not loaded";
    command.text =
        "Looks into --plugins, the folders of SLUICE_PLUGIN_PATH, plugins/ beside the program and\n"
        "../lib/sluice/plugins, in this order. With NAME: every option of that plugin, with its\n"
        "type, default and meaning. Exit status 1: NAME is not there or was not loaded.\n\n"
        "Examples:\n"
        "  sluice plugins\n"
        "  sluice plugins kafka\n";
    command.options = {{"json", "", "Print JSON, with each plugin's options as its JSON Schema"},
                       pluginsOption()};
    command.positionalMax = 1;
    command.run = plugins;
    return command;
}

}  // namespace sluice::cli
