#include "node/Runner.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <Poco/Exception.h>
#include <unistd.h>

#include "base/InstalledFolder.h"
#include "base/Log.h"
#include "base/Signals.h"
#include "node/Node.h"
#include "settings/Addresses.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kInterruptDrain{1'000};

NodeOptions optionsOf(const Settings& settings, std::shared_ptr<const MappingTable> mappings,
                      const ReadAgain& readAgain) {
    const HttpOptions& http = settings.http;
    NodeOptions options;
    options.hub = settings.hub;
    options.journal = settings.journal;
    options.delivery = settings.delivery;
    options.filters = settings.filters;
    options.gate = http.gate;
    options.clients = http.clients;
    // On this machine alone a name of the internet can only be a trick.
    const bool isHere = std::all_of(http.listen.begin(), http.listen.end(), isLoopbackAddress);
    if (isHere || !http.hosts.empty()) options.hosts = http.hosts;
    if (isLoopbackAddress(http.admin.listen)) options.adminHosts = http.hosts;
    options.listen = http.listen;
    options.adminListen = http.admin.listen;
    options.tls = http.tls;
    options.adminTls = http.adminTls();
    options.redirectPort = http.redirectPort;
    options.adminKeys = {http.admin.readKey, http.admin.operatorKey};
    options.metricsArePublic = http.admin.metricsArePublic;
    options.auth = http.auth;
    options.rules = http.rules;
    options.cors = http.cors;
    options.publish = http.publish;
    options.stream = {http.channelsPerStreamMax, settings.delivery.stall, Format::Stream};
    options.compat = http.compat;
    options.graphite = settings.graphite;
    options.history.eventsMax = http.historyEventsMax;
    options.staticFolder = http.staticFolder;
    options.clientFolder = installedFolder("client");
    options.inputs = settings.inputs;
    options.replays = settings.replays;
    options.mappings = std::move(mappings);
    options.settings = settings;
    options.readAgain = readAgain;
    return options;
}

/// Whether this process once had a terminal and has none any more: a hang-up, which is no wish to
/// reload.
class Terminal {
  public:
    bool isGone() const { return wasThere_ && isatty(STDERR_FILENO) == 0; }

  private:
    const bool wasThere_ = isatty(STDERR_FILENO) == 1;
};

void serveUntilTold(Node& node, const Signals& signals, std::chrono::milliseconds drain,
                    RunHooks& hooks) {
    const Terminal terminal;
    int signal = 0;
    while (signal == 0) {
        signal = signals.wait(std::chrono::seconds{1});
        if (signal == SIGHUP && !terminal.isGone()) {
            node.reload("SIGHUP");
            signal = 0;
        } else if (signal == SIGUSR1) {
            hooks.reopenLog();
            signal = 0;
        }
        node.sweep();
    }
    Signals::nextInterruptKills();
    const auto window = signal == SIGINT ? std::min(kInterruptDrain, drain) : drain;
    log::info("node", std::string{strsignal(signal)} + ": ending the streams within " +
                          std::to_string(window.count()) + " ms");
    node.drain(window);
    log::info("node", "ended");
}

int refuse(const std::string& why, RunHooks& hooks) {
    log::error("node", why);
    hooks.failed(why);
    return 1;
}

}  // namespace

int runNode(const Settings& settings, std::shared_ptr<const MappingTable> mappings,
            PluginLibrary& plugins, const ReadAgain& readAgain, RunHooks& hooks) {
    log::start(settings.log.level, settings.log.format);
    const Signals signals{SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    const std::string warning = exposureWarning(settings.http);
    if (!warning.empty()) log::warning("http", warning);
    try {
        Node node{optionsOf(settings, std::move(mappings), readAgain), plugins};
        hooks.bound();
        node.start();
        hooks.started();
        serveUntilTold(node, signals, settings.delivery.drain, hooks);
        hooks.ended();
        // A plugin's thread that never came back may wait on what exit() would destroy.
        if (node.gaveUp()) std::_Exit(0);
        return 0;
    } catch (const Poco::Exception& error) {
        return refuse("cannot start: " + error.displayText(), hooks);
    } catch (const std::exception& error) {
        return refuse(std::string{"cannot start: "} + error.what(), hooks);
    }
}

}  // namespace sluice
