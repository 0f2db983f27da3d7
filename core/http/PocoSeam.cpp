#include "http/PocoSeam.h"

#include <algorithm>
#include <cstring>

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>

#include "base/Assert.h"

namespace sluice {
namespace {

std::string headForPoco(const HttpRequest& request) {
    std::string head{request.method()};
    head += " / HTTP/1.1\r\n\r\n";
    return head;
}

Poco::Net::SocketAddress pocoAddress(const Address& address) {
    return Poco::Net::SocketAddress{address.raw(), address.length()};
}

/// Goes back to the gate with its answer, or with nothing to send.
class GateRequest final : public HeldRequest {
  public:
    GateRequest(std::unique_ptr<GateConnection> connection, GateExchange& exchange)
        : connection_{std::move(connection)}, exchange_{exchange} {}
    ~GateRequest() override {
        if (!connection_) return;
        connection_->keepAlive = false;
        exchange_.giveBack(std::move(connection_));
    }

    const HttpRequest& request() const override { return connection_->request; }
    void answer(const HttpResponse& response) noexcept override {
        const HttpRequest& asked = connection_->request;
        connection_->keepAlive = asked.keepAlive();
        connection_->hold = response.hold;
        connection_->out = composeResponse(response, {.isHttp10 = asked.isHttp10(),
                                                      .keepAlive = asked.keepAlive(),
                                                      .isHead = asked.method() == "HEAD"});
        connection_->outTaken = 0;
        exchange_.giveBack(std::move(connection_));
    }
    std::unique_ptr<Wire> takeWire() noexcept override { return exchange_.takeWire(*connection_); }
    std::unique_ptr<HeldRequest> defer(const HttpRequest&) override { return nullptr; }

  private:
    std::unique_ptr<GateConnection> connection_;  // null once it was answered
    GateExchange& exchange_;
};

}  // namespace

PreSocketImpl::PreSocketImpl(std::unique_ptr<GateConnection> connection, GateExchange& exchange)
    : StreamSocketImpl{connection->wire->fd()},
      connection_{std::move(connection)},
      exchange_{exchange},
      head_{headForPoco(connection_->request)} {}

PreSocketImpl::~PreSocketImpl() {
    if (!isClosed_.load(std::memory_order_acquire)) close();
}

void PreSocketImpl::answer(std::string bytes, bool keepAlive,
                           std::chrono::milliseconds hold) noexcept {
    SLUICE_ASSERT(connection_ && connection_->wire);
    // An error shows again when the gate tries the rest.
    connection_->outTaken =
        hold.count() > 0 ? 0 : connection_->wire->write(bytes.data(), bytes.size()).taken;
    connection_->hold = hold;
    connection_->out = std::move(bytes);
    connection_->keepAlive = keepAlive;
}

std::unique_ptr<Wire> PreSocketImpl::takeWire() noexcept {
    return exchange_.takeWire(*connection_);
}

std::unique_ptr<HeldRequest> PreSocketImpl::defer(const HttpRequest& request) {
    if (&request != &connection_->request) connection_->request = HttpRequest{request};
    auto held = std::make_unique<GateRequest>(std::move(connection_), exchange_);
    reset();  // the descriptor is the connection's
    isClosed_.store(true, std::memory_order_release);
    return held;
}

int PreSocketImpl::receiveBytes(void* buffer, int length, int) {
    const std::size_t taken = std::min(head_.size() - headRead_, static_cast<std::size_t>(length));
    std::memcpy(buffer, head_.data() + headRead_, taken);
    headRead_ += taken;
    return static_cast<int>(taken);
}

/// POCO writes only when it refuses what we composed for it, which is our mistake.
int PreSocketImpl::sendBytes(const void* buffer, int length, int) {
    if (connection_)
        connection_->out.append(static_cast<const char*>(buffer), static_cast<std::size_t>(length));
    return length;
}

bool PreSocketImpl::poll(const Poco::Timespan&, int) {
    return headRead_ < head_.size();
}

Poco::Net::SocketAddress PreSocketImpl::address() {
    return peerAddress();
}

Poco::Net::SocketAddress PreSocketImpl::peerAddress() {
    if (!connection_) throw Poco::Net::InvalidSocketException();
    return pocoAddress(connection_->peer);
}

// POCO sets these for each session; nothing here waits, so the system calls are saved.
void PreSocketImpl::setReceiveTimeout(const Poco::Timespan&) {}
void PreSocketImpl::setSendTimeout(const Poco::Timespan&) {}

void PreSocketImpl::close() {
    if (!connection_) return;
    reset();  // the descriptor is the connection's
    exchange_.giveBack(std::move(connection_));
    isClosed_.store(true, std::memory_order_release);
}

bool GateSocketImpl::poll(const Poco::Timespan& timeout, int) {
    return gate_.exchange().waitReady(std::chrono::microseconds{timeout.totalMicroseconds()});
}

Poco::Net::SocketImpl* GateSocketImpl::acceptConnection(Poco::Net::SocketAddress& peer) {
    std::unique_ptr<GateConnection> connection = gate_.exchange().takeReady();
    if (!connection) throw Poco::TimeoutException{"no request is ready"};
    peer = pocoAddress(connection->peer);
    return new PreSocketImpl{std::move(connection), gate_.exchange()};
}

Poco::Net::SocketAddress GateSocketImpl::address() {
    return pocoAddress(gate_.address(0));
}

}  // namespace sluice
