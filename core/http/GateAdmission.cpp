#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <random>
#include <string>

#include <sys/socket.h>

#include "base/Log.h"
#include "delivery/Shed.h"
#include "http/Authorization.h"
#include "http/GateLoop.h"
#include "net/IpAddress.h"
#include "net/ProxyHeader.h"

/// Who a new connection is, and whether it may come.
namespace sluice {
namespace {

std::uint32_t jittered(std::uint32_t retryMs) {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_int_distribution<std::uint32_t>{retryMs * 8 / 10,
                                                        retryMs * 12 / 10}(random);
}

/// What a request gets that comes too soon (design.md section 5): a browser that reads a stream
/// comes back by itself if it is answered well, and never again else. There is nothing in this
/// answer that a page of another origin might not see.
HttpResponse laterFor(const HttpRequest& request) {
    const std::chrono::milliseconds retry{jittered(kShedRetryMs)};
    HttpResponse response =
        wantsStream(request)
            ? emptyStream(retry)
            : errorResponse(503,
                            {"too-many-connects", "", "too many connections came from this address",
                             "try again after the time in Retry-After"})
                  .with("Retry-After",
                        std::to_string(std::chrono::ceil<std::chrono::seconds>(retry).count()));
    if (const auto origin = request.header("origin"))
        response.with("Access-Control-Allow-Origin", std::string{*origin})
            .with("Access-Control-Allow-Credentials", "true")
            .with("Vary", "Origin");
    return response;
}

/// What counts as one client: an address, or the /64 of one of IPv6.
std::string clientOf(const std::string& address) {
    const std::optional<IpAddress> parsed = IpAddress::parse(address);
    return parsed ? parsed->network().text() : address;
}

}  // namespace

void GateLoop::admit(const GateListener& from, Fd fd, const Address& peer) {
    constexpr std::uint32_t kEvents =
        Epoll::kRead | Epoll::kWrite | Epoll::kPeerClosed | Epoll::kEdge;
    auto connection = std::make_unique<Connection>();
    connection->id = nextId_++;
    if (!exchange_.epoll().tryAdd(fd.get(), kEvents, connection->id)) return;
    const IpAddress address = IpAddress::of(peer);
    connection->peer = peer;
    connection->from = &from;
    connection->origin.address = peer.host();
    connection->isProxy = anyContains(options_.trust.addresses, address);
    connection->wire = std::make_unique<PlainWire>(std::move(fd));
    counts_.open = ++open_;
    Connection& admitted = *connection;
    connections_.emplace(admitted.id, std::move(connection));
    if (!anyContains(options_.trust.protocol, address)) return welcome(admitted);
    admitted.phase = Connection::Phase::ProxyHeader;
    admitted.waitsSinceUs = nowUs_;
    setDeadline(admitted, options_.headTimeout);
    readProxyHeader(admitted);
}

/// Looks before it takes: what stands behind the header is for others, perhaps for TLS.
void GateLoop::readProxyHeader(Connection& connection) {
    std::array<char, ProxyHeader::kBytesMax> bytes;
    const int fd = connection.wire->fd();
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (got <= 0) return drop(connection);
    const auto size = static_cast<std::size_t>(got);
    const ProxyHeader header = parseProxyHeader({bytes.data(), size});
    if (header.state == ProxyHeader::State::Incomplete && size < bytes.size()) return;
    if (header.state != ProxyHeader::State::Complete)
        return refuseProxyHeader(connection, "what came is none");
    [[maybe_unused]] const auto taken = ::recv(fd, bytes.data(), header.length, MSG_DONTWAIT);
    if (header.client) {
        connection.origin.address = header.client->text();
        connection.isProxy = anyContains(options_.trust.addresses, *header.client);
    }
    welcome(connection);
}

void GateLoop::refuseProxyHeader(Connection& connection, std::string_view why) {
    ++counts_.noProxy;
    log::limited(log::Level::Warning, "http", "proxy-header",
                 connection.origin.address + " must begin with a PROXY header: " +
                     std::string{why} + "; see trusted_proxies.protocol");
    drop(connection);
}

void GateLoop::welcome(Connection& connection) {
    connection.phase = Connection::Phase::Head;
    if (!countAddress(connection)) return drop(connection);
    const bool isTls = connection.from->tls != nullptr;
    if (!connection.isProxy) {
        connection.isShed = !limits_.mayConnect(LimitKey::ofAddress(connection.origin.address));
        // The handshake is what would cost: a browser takes the end for a failure of the network
        // and comes again.
        if (connection.isShed && isTls) return drop(connection);
    }
    if (isTls && !mayShakeHands()) return drop(connection);
    ++counts_.accepted;
    if (isTls)
        beginHandshake(connection);
    else
        beginFirstRequest(connection);
}

/// Whether its address has room for one more. Those of a proxy are those of many.
bool GateLoop::countAddress(Connection& connection) {
    if (connection.isProxy || options_.perAddressMax == 0) return true;
    const std::string client = clientOf(connection.origin.address);
    std::size_t& count = perAddress_[client];
    if (count >= options_.perAddressMax) {
        ++counts_.overAddress;
        return false;
    }
    ++count;
    connection.countedAs = client;
    return true;
}

/// Behind a proxy each request stands for a connection of its client.
bool GateLoop::comesTooSoon(const Connection& connection, const RequestOrigin& client) {
    return connection.isProxy && !limits_.mayConnect(LimitKey::ofAddress(client.address));
}

void GateLoop::answerLater(Connection& connection) {
    answer(connection, laterFor(connection.request));
}

}  // namespace sluice
