#include "node/Runner.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include <Poco/Exception.h>

#include "base/Log.h"
#include "node/Node.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kInterruptDrain{1'000};

/// The signals that end the program, blocked in all threads and taken by the one that waits.
class EndSignals {
  public:
    EndSignals() {
        std::signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }

    /// The signal that came within a second, or 0.
    int waitOneSecond() const {
        const timespec second{1, 0};
        const int signal = sigtimedwait(&set_, nullptr, &second);
        return signal > 0 ? signal : 0;
    }

    /// From here on SIGINT ends the process at once, as the user's second Ctrl-C means.
    static void nextInterruptKills() {
        std::signal(SIGINT, SIG_DFL);
        sigset_t interrupt;
        sigemptyset(&interrupt);
        sigaddset(&interrupt, SIGINT);
        pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
    }

  private:
    sigset_t set_{};
};

NodeOptions optionsOf(const Settings& settings, std::shared_ptr<const MappingTable> mappings) {
    const HttpOptions& http = settings.http;
    NodeOptions options;
    options.hub = settings.hub;
    options.delivery = settings.delivery;
    options.publicFront.listen = http.listen;
    options.publicFront.gate = http.gate;
    options.adminFront.name = "admin";
    options.adminFront.listen = http.admin.listen;
    options.adminKey = http.admin.key;
    options.cors = http.cors;
    options.publish = http.publish;
    options.stream = {http.channelsPerStreamMax, settings.delivery.stall};
    options.staticFolder = http.staticFolder;
    options.inputs = settings.inputs;
    options.mappings = std::move(mappings);
    return options;
}

void serveUntilTold(Node& node, const EndSignals& signals, std::chrono::milliseconds drain) {
    int signal = 0;
    while (signal == 0) {
        signal = signals.waitOneSecond();
        node.sweep();
    }
    EndSignals::nextInterruptKills();
    const auto window = signal == SIGINT ? std::min(kInterruptDrain, drain) : drain;
    log::info("node", std::string{strsignal(signal)} + ": ending the streams within " +
                          std::to_string(window.count()) + " ms");
    node.drain(window);
    log::info("node", "ended");
}

}  // namespace

int runNode(const Settings& settings, std::shared_ptr<const MappingTable> mappings,
            PluginLibrary& plugins) {
    log::start(settings.log.level, settings.log.format);
    const EndSignals signals;
    const std::string warning = exposureWarning(settings.http);
    if (!warning.empty()) log::warning("http", warning);
    try {
        Node node{optionsOf(settings, std::move(mappings)), plugins};
        node.start();
        serveUntilTold(node, signals, settings.delivery.drain);
        // A plugin's thread that never came back may wait on what exit() would destroy.
        if (node.gaveUp()) std::_Exit(0);
        return 0;
    } catch (const Poco::Exception& error) {
        log::error("node", "cannot start: " + error.displayText());
    } catch (const std::exception& error) {
        log::error("node", std::string{"cannot start: "} + error.what());
    }
    return 1;
}

}  // namespace sluice
