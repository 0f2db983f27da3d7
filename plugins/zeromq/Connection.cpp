#include "Connection.h"

#include <algorithm>
#include <utility>

#include <zmq.h>

namespace sluice::zeromq {

Connection::Connection(std::string endpoint, const Options& options)
    : endpoint_(std::move(endpoint)),
      options_(options),
      fault_{"connecting", "connecting to " + endpoint_} {}

void Connection::opened() {
    isUp_ = isDead_ = false;
    verdictAt_.reset();
}

void Connection::event(std::uint16_t event, std::uint32_t value, Time now) {
    if (isDead_) return;
    switch (event) {
        case ZMQ_EVENT_CONNECTED:
            connectedAt_ = now;
            return;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            return up(now);
        case ZMQ_EVENT_DISCONNECTED:
            return down(now);
        case ZMQ_EVENT_CONNECT_RETRIED:
            if (std::exchange(verdictAt_, std::nullopt)) return;  // follows a broken connection
            fault_ = {"unreachable", "nobody answers at " + endpoint_ +
                                         " (refused, unreachable, or its name is unknown)"};
            return;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            return handshakeFailed(now);
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            if (value != ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
                return fail("handshake", "does not keep to the protocol", now);
            return fail("handshake", options_.curve ? "has no CURVE keys" : "wants CURVE keys",
                        now);
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            return fail("authentication",
                        "refused our key (ZAP status " + std::to_string(value) + ")", now);
        default:
            return;
    }
}

bool Connection::elapse(Time now) {
    if (!verdictAt_ || now < *verdictAt_) return false;
    fail("cut",
         "sent what libzmq refuses, most likely a frame longer than max_message (" +
             std::to_string(options_.frameBytesMax) + " bytes)",
         now);
    return true;
}

std::optional<Connection::milliseconds> Connection::takeOutage() {
    return std::exchange(outage_, std::nullopt);
}

void Connection::up(Time now) {
    isUp_ = true;
    fault_ = {};
    verdictAt_.reset();
    reopenDelay_ = kReopenFirst;
    if (downSince_) outage_ = std::chrono::duration_cast<milliseconds>(now - *downSince_);
    downSince_.reset();
}

void Connection::down(Time now) {
    if (!isUp_) return fail("handshake", isNoPeer(), now);
    isUp_ = false;
    if (!downSince_) downSince_ = now;
    fault_ = {"closed", "the connection to " + endpoint_ + " broke"};
    verdictAt_ = now + kVerdict;
}

void Connection::handshakeFailed(Time now) {
    if (now - connectedAt_ >= kHandshake)
        return fail("no-answer", "takes the connection and says nothing: is it ZeroMQ?", now);
    // A peer of another kind ends here, too, if its end of the connection is seen to go first.
    fail("handshake",
         std::string("broke off the handshake: ") +
             (options_.curve ? "server_key is not its key, or it has no CURVE keys"
                             : "it wants CURVE keys") +
             ", or it " + isNoPeer() + ", or no ZeroMQ at all",
         now);
}

std::string Connection::isNoPeer() const {
    const bool pulls = options_.socket == Options::Socket::Pull;
    return std::string("is no ") + (pulls ? "PUSH" : "PUB or XPUB") + " socket";
}

void Connection::fail(std::string code, std::string why, Time now) {
    fault_ = {std::move(code), endpoint_ + " " + why};
    verdictAt_.reset();
    isDead_ = true;
    reopenAt_ = now + reopenDelay_;
    reopenDelay_ = std::min(reopenDelay_ * 2, kReopenMost);
}

}  // namespace sluice::zeromq
