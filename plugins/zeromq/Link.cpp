#include "Link.h"

#include <atomic>
#include <cstring>
#include <utility>

namespace sluice::zeromq {
namespace {

constexpr int kReconnectMs = 100, kReconnectMostMs = 2'000;  // libzmq doubles it
constexpr int kKeepaliveIdleS = 30, kKeepaliveIntervalS = 10, kKeepaliveProbes = 3;
constexpr std::size_t kEventBytes = 6;  // 16 bits event, 32 bits value: zmq_socket_monitor(3)

constexpr int kConnectEvents = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                               ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
constexpr int kFailures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string monitorAddress() {
    static std::atomic<std::uint64_t> count{0};
    return "inproc://sluice-monitor-" + std::to_string(++count);
}

bool isIpv6(const std::string& endpoint) {
    return endpoint.starts_with("tcp://[");
}

int millisecondsOf(std::chrono::milliseconds time) {
    return static_cast<int>(time.count());
}

}  // namespace

Link::Link(zmq::context_t& context, const Options& options, const std::string& endpoint)
    : context_(context), options_(options), endpoint_(endpoint), connection_(endpoint, options) {}

Link::~Link() {
    close();
}

void Link::open(const Subscriptions& subscriptions) {
    const bool pulls = options_.socket == Options::Socket::Pull;
    socket_ = zmq::socket_t(context_, pulls ? zmq::socket_type::pull : zmq::socket_type::sub);
    configure();
    const std::string address = monitorAddress();
    const int events = options_.binds ? kFailures : kConnectEvents | kFailures;
    if (zmq_socket_monitor(socket_.handle(), address.c_str(), events) != 0) throw zmq::error_t();
    monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(address);
    for (const std::string& prefix : subscriptions) subscribe(prefix);
    connection_.opened();
    if (options_.binds) {
        socket_.bind(endpoint_);
        endpoint_ = socket_.get(zmq::sockopt::last_endpoint);
    } else {
        socket_.connect(endpoint_);
    }
}

void Link::configure() {
    using namespace zmq;
    socket_.set(sockopt::linger, 0);
    socket_.set(sockopt::rcvhwm, options_.highWaterMark);
    socket_.set(sockopt::maxmsgsize, options_.frameBytesMax);
    socket_.set(sockopt::reconnect_ivl, kReconnectMs);
    socket_.set(sockopt::reconnect_ivl_max, kReconnectMostMs);
    socket_.set(sockopt::handshake_ivl, millisecondsOf(Connection::kHandshake));
    socket_.set(sockopt::tcp_keepalive, 1);
    socket_.set(sockopt::tcp_keepalive_idle, kKeepaliveIdleS);
    socket_.set(sockopt::tcp_keepalive_intvl, kKeepaliveIntervalS);
    socket_.set(sockopt::tcp_keepalive_cnt, kKeepaliveProbes);
    // Only where it is asked for: with it, a name is looked for among IPv6 addresses first.
    if (isIpv6(endpoint_)) socket_.set(sockopt::ipv6, true);
    if (options_.heartbeat.count() > 0) {
        socket_.set(sockopt::heartbeat_ivl, millisecondsOf(options_.heartbeat));
        socket_.set(sockopt::heartbeat_timeout, millisecondsOf(options_.heartbeatTimeout));
        socket_.set(sockopt::heartbeat_ttl, millisecondsOf(options_.heartbeatTimeout));
    }
    if (!options_.curve) return;
    socket_.set(sockopt::curve_secretkey, options_.curve->secretKey);
    if (options_.binds) {
        socket_.set(sockopt::curve_server, true);
        return;
    }
    socket_.set(sockopt::curve_publickey, options_.curve->publicKey);
    socket_.set(sockopt::curve_serverkey, options_.curve->server);
}

void Link::addTo(std::vector<zmq::pollitem_t>& items) {
    item_ = isClosed() ? 0 : items.size();
    if (isClosed()) return;
    items.push_back({socket_.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({monitor_.handle(), 0, ZMQ_POLLIN, 0});
}

bool Link::hear(const std::vector<zmq::pollitem_t>& items, Time now) {
    if (isClosed() || item_ == 0) return false;
    isReady_ = isReady_ || items[item_].revents != 0;
    if (items[item_ + 1].revents == 0) return false;
    hearMonitor(now);
    isReady_ = true;  // what came before the event may have come after the poll
    return true;
}

void Link::hearMonitor(Time now) {
    zmq::message_t event, address;
    while (monitor_.recv(event, zmq::recv_flags::dontwait)) {
        if (event.more()) (void)monitor_.recv(address, zmq::recv_flags::dontwait);
        if (event.size() != kEventBytes) continue;
        std::uint16_t kind = 0;
        std::uint32_t value = 0;
        std::memcpy(&kind, event.data(), sizeof kind);
        std::memcpy(&value, event.data<char>() + sizeof kind, sizeof value);
        if (options_.binds)
            ++refused_;
        else
            connection_.event(kind, value, now);
    }
}

bool Link::receive(zmq::message_t& frame) {
    if (isClosed()) return false;
    int bytes = 0;
    do {
        bytes = zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT);
    } while (bytes < 0 && zmq_errno() == EINTR);
    if (bytes < 0 && zmq_errno() != EAGAIN) throw zmq::error_t();
    isReady_ = bytes >= 0;
    return isReady_;
}

void Link::closeIfDead() {
    if (connection_.isDead() && !isReady_) close();
}

void Link::subscribe(const std::string& prefix) {
    if (isClosed() || options_.socket != Options::Socket::Sub) return;
    socket_.set(zmq::sockopt::subscribe, prefix);
}

void Link::unsubscribe(const std::string& prefix) {
    if (isClosed() || options_.socket != Options::Socket::Sub) return;
    socket_.set(zmq::sockopt::unsubscribe, prefix);
}

std::uint64_t Link::takeRefused() {
    return std::exchange(refused_, 0);
}

void Link::close() noexcept {
    // First the writing end of the monitor: an I/O thread would wait for a reader that is gone.
    if (socket_) zmq_socket_monitor(socket_.handle(), nullptr, 0);
    monitor_.close();
    socket_.close();
    isReady_ = false;
    item_ = 0;
}

}  // namespace sluice::zeromq
