#pragma once

#include <atomic>
#include <string_view>
#include <thread>

#include "base/Clock.h"
#include "http/GateExchange.h"
#include "http/GateLoop.h"
#include "http/GateOptions.h"
#include "net/Listener.h"

namespace sluice {

/// The gate in front of POCO's server (design.md section 5): one thread that accepts and holds
/// connections until a whole request has come, so that silent, slow and malformed clients cost no
/// thread; and that writes what a response left over, so that slow readers cost none either.
///
/// Any thread may call. Must outlive all who hold connections of it.
class Gate final {
  public:
    /// Binds and listens at once; throws as Listener does. Nothing is accepted before `start`.
    Gate(std::string_view hostPort, const GateOptions& options, const Clock& clock);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void start();
    /// Closes the port; requests that are under way are still answered.
    void stopAccepting() noexcept;
    /// Ends the thread and closes what it holds.
    void stop() noexcept;

    const Address& address() const noexcept { return listener_.address(); }
    const GateCounts& counts() const noexcept { return counts_; }
    GateExchange& exchange() noexcept { return exchange_; }

  private:
    void run() noexcept;

    // constant after construction
    const GateOptions options_;
    const Clock& clock_;

    Listener listener_;  // of the gate's thread once started; its address is constant
    GateExchange exchange_;
    GateCounts counts_;
    std::atomic<bool> isClosing_{false};
    std::atomic<bool> isStopping_{false};
    std::thread thread_;
};

}  // namespace sluice
