#include <iostream>

#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "settings/EditorSchema.h"
#include "settings/Settings.h"

namespace sluice::cli {
namespace {

/// The schema of the options that a plugin alone has, and of what every input has.
Json optionsOf(const Plugin& plugin, const Json& common, Json& definitions) {
    const char* const text = plugin.table.options_schema;
    const Json own = (text ? Json::parse(text) : std::nullopt).value_or(Json::object());
    Json options = editorSchema(own, plugin.name + ".", definitions);
    Json properties = Json::object();
    for (const std::string& key : common.keys()) properties.set(key, Json::boolean(true));
    if (const Json* const named = options.find("properties"))
        for (std::size_t i = 0; i < named->keys().size(); ++i)
            properties.set(named->keys()[i], named->items()[i]);
    options.set("properties", std::move(properties));
    return options;
}

/// `{"if": it is this plugin, "then": its options}`.
Json ruleFor(const Plugin& plugin, Json options) {
    Json rule = Json::object();
    Json& condition = rule.set("if", Json::object());
    condition.set("required", Json::array()).add(Json::string("plugin"));
    condition.set("properties", Json::object())
        .set("plugin", Json::object())
        .set("const", plugin.name);
    rule.set("then", std::move(options));
    return rule;
}

/// Adds what the plugins say to the schema of an input. Those that cannot be loaded are left out:
/// `sluice plugins` says why.
void addPlugins(Json& schema, PluginLibrary& library) {
    Json& input = *schema.find("properties")->find("inputs")->find("additionalProperties");
    const Json common = *input.find("properties");
    Json& definitions = *schema.find("definitions");
    Json names = Json::array(), rules = Json::array();
    for (const PluginFolder& folder : library.survey())
        for (const PluginFile& file : folder.files) {
            if (!file.plugin) continue;
            names.add(Json::string(file.name));
            rules.add(ruleFor(*file.plugin, optionsOf(*file.plugin, common, definitions)));
        }
    Json known = Json::object();
    known.set("enum", std::move(names));
    Json& plugin = *input.find("properties")->find("plugin");
    Json& choices = plugin.set("anyOf", Json::array());
    choices.add(std::move(known));
    choices.add(Json::object()).set("$ref", "#/definitions/variable");
    input.set("allOf", std::move(rules));
}

int schema(const Arguments& arguments) {
    PluginLibrary library{PluginLibrary::defaultFolders(pluginsFolder(arguments))};
    Json whole = settingsSchema();
    addPlugins(whole, library);
    std::cout << whole.pretty() << '\n';
    return kExitOk;
}

}  // namespace

Command schemaCommand() {
    Command command;
    command.name = "schema";
    command.summary = "Print the JSON Schema of the configuration, for editors";
    command.text =
        "With the options of every plugin that is found. Editors that know it complete keys, show\n"
        "what they mean and mark mistakes as you type: put it beside your file, and let that "
        "begin\n"
        "with the line\n\n"
        "  # yaml-language-server: $schema=sluice.schema.json\n\n"
        "(VS Code with the YAML extension of Red Hat, and every editor that runs the YAML "
        "language\n"
        "server). `sluice check` sees more: expressions, and names that refer to others.\n\n"
        "Example:\n"
        "  sluice schema > sluice.schema.json\n";
    command.options = {pluginsOption()};
    command.run = schema;
    return command;
}

}  // namespace sluice::cli
