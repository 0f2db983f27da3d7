#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>

#include "http/Gate.h"
#include "http/HttpHandler.h"

namespace sluice {

/// A connection of the gate as POCO sees it. POCO reads one line of ours, so that two parsers
/// cannot disagree about a request; the request that the gate understood is `request()`. Nothing
/// here waits for the peer: what a send leaves over the gate writes.
///
/// One thread at a time. Goes back to the gate when POCO closes it.
class PreSocketImpl final : public Poco::Net::StreamSocketImpl {
  public:
    PreSocketImpl(std::unique_ptr<GateConnection> connection, GateExchange& exchange);

    const HttpRequest& request() const { return connection_->request; }
    /// Queues a response. `keepAlive`: the gate waits for another request after it. `hold`: so long
    /// the gate waits before it sends.
    void answer(std::string bytes, bool keepAlive, std::chrono::milliseconds hold) noexcept;
    /// Takes the connection away from gate and POCO, with its peer's bytes unread.
    std::unique_ptr<Wire> takeWire() noexcept;
    /// Takes the connection away from POCO, for an answer that comes later.
    std::unique_ptr<HeldRequest> defer(const HttpRequest& request);

    int receiveBytes(void* buffer, int length, int flags) override;
    int sendBytes(const void* buffer, int length, int flags) override;
    bool poll(const Poco::Timespan& timeout, int mode) override;
    Poco::Net::SocketAddress address() override;
    Poco::Net::SocketAddress peerAddress() override;
    void setReceiveTimeout(const Poco::Timespan& timeout) override;
    void setSendTimeout(const Poco::Timespan& timeout) override;
    void close() override;

  protected:
    ~PreSocketImpl() override;

  private:
    std::unique_ptr<GateConnection> connection_;  // null after close
    GateExchange& exchange_;
    std::string head_;
    std::size_t headRead_ = 0;
    // Orders what the serving thread did before the end, which may come on POCO's accepting thread.
    // POCO's reference count does so too, but ThreadSanitizer cannot see into POCO.
    std::atomic<bool> isClosed_{false};
};

/// Gives POCO's TCPServer the connections whose requests are whole.
class GateSocketImpl final : public Poco::Net::ServerSocketImpl {
  public:
    explicit GateSocketImpl(Gate& gate) : gate_{gate} {}

    bool poll(const Poco::Timespan& timeout, int mode) override;
    Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress& peer) override;
    Poco::Net::SocketAddress address() override;

  protected:
    ~GateSocketImpl() override = default;

  private:
    Gate& gate_;
};

class GateSocket final : public Poco::Net::ServerSocket {
  public:
    explicit GateSocket(Gate& gate) : ServerSocket{new GateSocketImpl{gate}, true} {}
};

}  // namespace sluice
