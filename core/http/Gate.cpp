#include "http/Gate.h"

#include <cstdlib>
#include <exception>
#include <string>

#include <pthread.h>

#include "base/Assert.h"
#include "base/Log.h"

namespace sluice {

Gate::Gate(std::span<const GateAddress> addresses, const GateOptions& options, ClientLimits& limits,
           const Clock& clock)
    : options_{options}, limits_{limits}, clock_{clock} {
    SLUICE_ASSERT(!addresses.empty() && addresses.size() <= GateLoop::kListenersMax);
    for (const GateAddress& address : addresses)
        listeners_.emplace_back(Listener{address.hostPort}, address.tls);
}

Gate::~Gate() {
    stop();
}

void Gate::start() {
    thread_ = std::thread{[this] { run(); }};
}

void Gate::stopAccepting() noexcept {
    isClosing_ = true;
    exchange_.wakeup().wake();
}

void Gate::stop() noexcept {
    isStopping_ = true;
    exchange_.wakeup().wake();
    if (thread_.joinable()) thread_.join();
}

void Gate::run() noexcept {
    ::pthread_setname_np(::pthread_self(), "gate");
    try {
        GateLoop loop{options_, listeners_, exchange_, counts_, limits_, clock_};
        while (!isStopping_) {
            if (isClosing_) loop.stopAccepting();
            loop.turn();
        }
    } catch (const std::exception& error) {
        // Without its gate the program serves nobody: better to end and be started again.
        log::error("http", std::string{"thread gate: "} + error.what());
        std::abort();
    }
}

}  // namespace sluice
