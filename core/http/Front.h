#pragma once

#include <string>
#include <vector>

#include <Poco/Net/HTTPServer.h>
#include <Poco/ThreadPool.h>

#include "base/Clock.h"
#include "http/Gate.h"
#include "http/GateOptions.h"
#include "http/Router.h"

namespace sluice {

struct FrontOptions {
    std::string name = "http";  // of its threads, at most 12 characters
    std::vector<GateAddress> listen{{"127.0.0.1:8080"}};
    int threads = 4;  // that serve whole requests; nothing in them waits for a client
    GateOptions gate;
};

/// One listener, of one or several addresses: the gate, POCO's HTTPServer behind it with a pool of
/// its own, and a routing table. The program has two, the public one and the admin one.
///
/// Any thread may call. The router, its handlers and the limits must outlive it.
class Front final {
  public:
    /// Binds at once (throws as Listener does), so that an address in use shows before anything
    /// starts. No thread starts before `start`.
    Front(const FrontOptions& options, const Router& router, ClientLimits& limits,
          const Clock& clock);
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    void start();
    /// Closes the ports; requests under way are answered, then their connections close.
    void stopAccepting() noexcept;
    /// Ends all threads and closes all connections that are no streams. May be called twice.
    void stop() noexcept;

    /// Of FrontOptions::listen, by index, where it really listens.
    const Address& address(std::size_t index = 0) const { return gate_.address(index); }
    const GateCounts& counts() const noexcept { return gate_.counts(); }

  private:
    // constant after construction; started in this order, stopped in the other
    Gate gate_;
    Poco::ThreadPool threads_;
    Poco::Net::HTTPServer server_;
    bool isRunning_ = false;
};

}  // namespace sluice
