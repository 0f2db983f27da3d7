#include "base/Log.h"
#include "http/GateLoop.h"

/// TLS handshakes, which are bounded in number and in time: they are what costs most of all that a
/// stranger can ask for.
namespace sluice {
namespace {

constexpr std::int64_t kEvictionAgeUs = 1'000'000;  // younger ones may still be honest

const HttpResponse& speaksTls() {
    static const HttpResponse response =
        errorResponse(400, {"tls-only", "", "this port speaks https", "write https:// in the URL"});
    return response;
}

}  // namespace

/// Whether another one may begin: at the bound the one that lasts longest makes room, if it has had
/// its chance.
bool GateLoop::mayShakeHands() {
    if (handshakes_.size() < options_.handshakesMax) return true;
    ++counts_.handshakesRefused;
    if (handshakes_.empty() || nowUs_ - handshakes_.begin()->first < kEvictionAgeUs) return false;
    drop(*connections_.at(handshakes_.begin()->second));
    return true;
}

void GateLoop::beginHandshake(Connection& connection) {
    auto wire = connection.from->tls->accept(connection.wire->takeSocket());
    connection.tls = wire.get();
    connection.wire = std::move(wire);
    connection.phase = Connection::Phase::Handshake;
    connection.waitsSinceUs = nowUs_;
    handshakes_.emplace(nowUs_, connection.id);
    counts_.handshaking = handshakes_.size();
    setDeadline(connection, options_.headTimeout);
    shakeHands(connection);
}

void GateLoop::shakeHands(Connection& connection) {
    const TlsWire::Handshake how = connection.tls->handshake();
    if (how == TlsWire::Handshake::Again) return;
    endHandshake(connection);
    if (how != TlsWire::Handshake::Done) return refuseHandshake(connection, how);
    ++counts_.handshakes;
    if (connection.tls->isResumed()) ++counts_.handshakesResumed;
    connection.origin.isSecure = true;
    connection.origin.certificate = connection.tls->clientCertificate();
    beginFirstRequest(connection);
}

void GateLoop::endHandshake(Connection& connection) {
    if (connection.phase != Connection::Phase::Handshake) return;
    handshakes_.erase({connection.waitsSinceUs, connection.id});
    counts_.handshaking = handshakes_.size();
}

/// What is left to say goes without TLS.
void GateLoop::refuseHandshake(Connection& connection, TlsWire::Handshake how) {
    ++counts_.handshakesFailed;
    const std::string why = connection.tls->why(), of = connection.tls->refusedSubject();
    connection.wire = std::make_unique<PlainWire>(connection.tls->takeSocket());
    connection.tls = nullptr;
    if (how == TlsWire::Handshake::PlainHttp) return answer(connection, speaksTls());
    log::limited(log::Level::Info, "tls", "handshake:" + why,
                 "no handshake with " + connection.origin.address + ": " + why +
                     (of.empty() ? "" : " (" + of + ")"));
    // An alert was sent: closing at once could take it back.
    linger(connection);
}

}  // namespace sluice
