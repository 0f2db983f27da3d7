#include <filesystem>
#include <iostream>

#include "base/InstalledFolder.h"
#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/DemoConfiguration.h"

namespace sluice::cli {
namespace {

std::filesystem::path pageFolder() {
    const std::filesystem::path folder = installedFolder("demo");
    if (!folder.empty()) return folder;
    const auto places = installedPlaces("demo");
    throw UsageError{"the page of the demo is missing; looked in " + places[0].string() + " and " +
                     places[1].string()};
}

int demo(const Arguments& arguments) {
    std::optional<Configuration> configuration =
        configurationFrom(arguments, "demo.yaml", kDemoConfiguration);
    if (!configuration) return kExitUsage;
    configuration->settings.http.staticFolder = pageFolder();
    std::cerr << "Sluice demo: open the address below in a browser; Ctrl-C ends it.\n";
    RunHooks none;
    return nodeRunner()(configuration->settings, configuration->mappings, *configuration->plugins,
                        {}, none);
}

}  // namespace

Command demoCommand() {
    Command command;
    command.name = "demo";
    command.summary = "Show live events in a browser, without any broker or file";
    command.text = "Prints the address of a page. The events come from the built-in ticker.\n";
    command.options = configurationOptions();
    command.run = demo;
    return command;
}

}  // namespace sluice::cli
