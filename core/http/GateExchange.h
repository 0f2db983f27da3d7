#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "http/GateConnection.h"
#include "net/Epoll.h"

namespace sluice {

/// Where the gate's thread and the threads that serve hand connections to each other. Both queues
/// are bounded by GateOptions::connectionsMax: every connection is in one place only.
class GateExchange final {
  public:
    // The gate's thread.
    Epoll& epoll() { return epoll_; }
    Wakeup& wakeup() { return wakeup_; }
    void offer(std::unique_ptr<GateConnection> ready);
    std::vector<std::unique_ptr<GateConnection>> takeReturned();

    // The threads that serve.
    /// Whether a connection with a whole request is there, after waiting at most that long.
    bool waitReady(std::chrono::microseconds timeout);
    /// Null where there is none.
    std::unique_ptr<GateConnection> takeReady();
    /// With `out` and `keepAlive` set; without a wire when a stream took it.
    void giveBack(std::unique_ptr<GateConnection> connection) noexcept;
    /// Takes the wire out of the gate's sight, so that another loop can watch it.
    std::unique_ptr<Wire> takeWire(GateConnection& connection) noexcept;

  private:
    Epoll epoll_;
    Wakeup wakeup_;
    std::mutex mutex_;
    std::condition_variable readyCame_;
    // guarded by mutex_
    std::deque<std::unique_ptr<GateConnection>> ready_;
    std::vector<std::unique_ptr<GateConnection>> returned_;
};

}  // namespace sluice
