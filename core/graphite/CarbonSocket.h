#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <netdb.h>

#include "graphite/GraphiteOptions.h"
#include "net/Epoll.h"
#include "net/Fd.h"

namespace sluice {

/// Why statistics could not be sent; for people.
class CarbonError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The addresses of one carbon.
class CarbonTargets final {
  public:
    /// Asks the resolver, for as long as that takes. Throws CarbonError. REQUIRES: HOST:PORT.
    CarbonTargets(const std::string& hostPort, GraphiteProtocol protocol);
    ~CarbonTargets();
    CarbonTargets(const CarbonTargets&) = delete;
    CarbonTargets& operator=(const CarbonTargets&) = delete;
    const addrinfo* first() const { return first_; }

  private:
    addrinfo* first_ = nullptr;
};

/// The way to one carbon. One thread at a time; whoever wakes `stop` makes what waits give up.
class CarbonSocket final {
  public:
    /// In which a connection has to come, and all bytes have to go.
    static constexpr std::chrono::milliseconds kTimeout{5'000};
    /// Most bytes of a datagram, which passes every network whole; a longer line is one of its own.
    static constexpr std::size_t kDatagramBytes = 1'400;

    /// Borrows what ends a wait.
    CarbonSocket(const GraphiteOptions& options, const Wakeup& stop)
        : protocol_{options.protocol}, stop_{stop} {}

    bool isOpen() const { return socket_.valid(); }
    /// To the first of these addresses that takes it. Throws CarbonError.
    void open(const CarbonTargets& targets);
    void close() { socket_.reset(); }
    /// Whether carbon has closed the connection since, so that nothing would arrive.
    bool isGone() const;
    /// All of these lines, or throws CarbonError. REQUIRES: isOpen().
    void send(std::string_view lines);

  private:
    void sendStream(std::string_view bytes);
    void sendDatagrams(std::string_view lines);
    void awaitWritable(int fd, std::chrono::steady_clock::time_point deadline) const;

    const GraphiteProtocol protocol_;
    const Wakeup& stop_;
    Fd socket_;
};

}  // namespace sluice
