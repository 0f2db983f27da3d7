#pragma once

#include <atomic>
#include <span>
#include <thread>
#include <vector>

#include "base/Clock.h"
#include "http/GateExchange.h"
#include "http/GateLoop.h"
#include "http/GateOptions.h"

namespace sluice {

/// The gate in front of POCO's server (design.md section 5): one thread that accepts and holds
/// connections until a whole request has come, so that silent, slow and malformed clients cost no
/// thread; and that writes what a response left over, so that slow readers cost none either.
///
/// Any thread may call. Must outlive all who hold connections of it.
class Gate final {
  public:
    /// Binds and listens at once; throws as Listener does. Nothing is accepted before `start`.
    /// REQUIRES: 1 to GateLoop::kListenersMax addresses.
    Gate(std::span<const GateAddress> addresses, const GateOptions& options, ClientLimits& limits,
         const Clock& clock);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void start();
    /// Closes the ports; requests that are under way are still answered.
    void stopAccepting() noexcept;
    /// Ends the thread and closes what it holds.
    void stop() noexcept;

    /// Of the listener with that index, as they were given.
    const Address& address(std::size_t index) const { return listeners_.at(index).address; }
    const GateCounts& counts() const noexcept { return counts_; }
    GateExchange& exchange() noexcept { return exchange_; }

  private:
    void run() noexcept;

    // constant after construction
    const GateOptions options_;
    ClientLimits& limits_;
    const Clock& clock_;

    std::vector<GateListener> listeners_;  // of the gate's thread once started; addresses: constant
    GateExchange exchange_;
    GateCounts counts_;
    std::atomic<bool> isClosing_{false};
    std::atomic<bool> isStopping_{false};
    std::thread thread_;
};

}  // namespace sluice
