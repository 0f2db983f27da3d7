#include <csignal>

#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/DaemonOptions.h"

namespace sluice::cli {
namespace {

int run(const Arguments& arguments) {
    // Until the node takes it: a supervisor may send it before there is anything to reload.
    std::signal(SIGHUP, SIG_IGN);
    const std::optional<Configuration> configuration = configurationFrom(arguments);
    if (!configuration) return kExitUsage;
    const std::unique_ptr<RunHooks> hooks = liveAs(arguments);
    return nodeRunner()(configuration->settings, configuration->mappings, *configuration->plugins,
                        configuration->readAgain, *hooks);
}

}  // namespace

Command runCommand() {
    Command command;
    command.name = "run";
    command.synopsis = "[FILE.yaml | SOURCE...]";
    command.summary = "Carry messages from the configured inputs to subscribers";
    command.text =
        "Without arguments the file is ./sluice.yaml. A SOURCE needs no file: its topics become\n"
        "channels of the same names.\n\n"
        "Examples:\n"
        "  sluice run sluice.yaml\n"
        "  sluice run kafka://localhost:9092/orders mqtt://localhost:1883/sensors/%23\n"
        "  curl -N 'http://localhost:8080/events/orders?from=-10'\n\n"
        "SIGHUP, or POST /reload on the admin address, reads the file anew: subscribers stay,\n"
        "unchanged inputs are not touched, an invalid file changes nothing and says why.\n"
        "SIGTERM ends all streams cleanly within delivery.drain (8 s), Ctrl-C within a second.\n"
        "It stays in the foreground, for service managers and containers; --daemon is for others:\n"
        "  sluice run sluice.yaml --daemon --user www-data --pidfile /run/sluice.pid \\\n"
        "      --log-file /var/log/sluice.log\n";
    command.options = configurationOptions();
    for (OptionSpec& option : daemonOptions()) command.options.push_back(std::move(option));
    command.positionalMax = kSourcesMax;
    command.run = run;
    return command;
}

}  // namespace sluice::cli
