#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "Connection.h"
#include "Options.h"
#include "Subscriptions.h"

namespace sluice::zeromq {

/// One endpoint: a socket of its own, so that what its monitor tells is told of this endpoint, and
/// so that it can be closed and opened again without the others. Reading thread only.
class Link {
  public:
    using Time = Connection::Time;

    Link(zmq::context_t& context, const Options& options, const std::string& endpoint);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Opens the socket. Throws zmq::error_t where it cannot.
    void open(const Subscriptions& subscriptions);
    /// Takes part in the next poll: adds its sockets.
    void addTo(std::vector<zmq::pollitem_t>& items);
    /// Sees what the poll found; whether its monitor told something.
    bool hear(const std::vector<zmq::pollitem_t>& items, Time now);
    /// Whether receive() is worth a call.
    bool isReady() const { return isReady_; }
    /// The next frame, if one is there.
    bool receive(zmq::message_t& frame);
    /// Closes the socket of a dead connection, once all that came was received.
    void closeIfDead();
    bool isClosed() const { return !socket_; }
    void subscribe(const std::string& prefix);
    void unsubscribe(const std::string& prefix);

    Connection& connection() { return connection_; }
    const Connection& connection() const { return connection_; }
    /// As it was written; where we bind, with the port that was taken for `*`.
    const std::string& endpoint() const { return endpoint_; }
    /// Where we bind: peers that failed in the handshake since this was asked last.
    std::uint64_t takeRefused();

  private:
    void configure();
    void hearMonitor(Time now);
    void close() noexcept;

    // constant after construction
    zmq::context_t& context_;
    const Options& options_;

    std::string endpoint_;
    Connection connection_;
    zmq::socket_t socket_, monitor_;
    std::size_t item_ = 0;  // its place in the last poll; 0: it took no part
    bool isReady_ = false;
    std::uint64_t refused_ = 0;
};

}  // namespace sluice::zeromq
