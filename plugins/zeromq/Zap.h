#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include <zmq.hpp>

namespace sluice::zeromq {

/// Says which CURVE clients may connect to the sockets of a context: the handler of ZeroMQ's RFC 27
/// (ZAP). Must be there before a socket is bound. Reading thread only.
class Zap {
  public:
    /// `clients`: public keys in Z85.
    Zap(zmq::context_t& context, const std::vector<std::string>& clients);

    zmq::socket_t& socket() { return socket_; }
    /// Answers every question that waits.
    void serve();

  private:
    /// The frames of a request (RFC 27, section "Request").
    using Request = std::vector<zmq::message_t>;
    bool receive(Request& request);
    void answer(const Request& request);
    bool isAllowed(const Request& request) const;

    std::unordered_set<std::string> clients_;  // the 32 bytes of a key
    zmq::socket_t socket_;
};

}  // namespace sluice::zeromq
