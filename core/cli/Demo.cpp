#include <filesystem>
#include <iostream>

#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/DemoConfiguration.h"

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;

/// Where the page of the demo lies: beside a program that was just built, or installed.
fs::path pageFolder() {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
    const fs::path places[] = {program / "share/sluice/demo", program / "../share/sluice/demo"};
    for (const fs::path& place : places)
        if (fs::exists(place / "index.html")) return place;
    throw UsageError{"the page of the demo is missing; looked in " + places[0].string() + " and " +
                     places[1].lexically_normal().string()};
}

int demo(const Arguments& arguments) {
    std::optional<Configuration> configuration =
        configurationFrom(arguments, "demo.yaml", kDemoConfiguration);
    if (!configuration) return kExitUsage;
    configuration->settings.http.staticFolder = pageFolder();
    std::cerr << "Sluice demo: open the address below in a browser; Ctrl-C ends it.\n";
    return nodeRunner()(configuration->settings, configuration->mappings, *configuration->plugins,
                        {});
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
