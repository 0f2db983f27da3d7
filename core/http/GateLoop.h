#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "http/ClientLimits.h"
#include "http/GateConnection.h"
#include "http/GateExchange.h"
#include "http/GateOptions.h"
#include "http/HttpResponse.h"
#include "net/Listener.h"

namespace sluice {

/// One port of a gate.
struct GateListener {
    GateListener(Listener bound, const TlsServer* server)
        : listener{std::move(bound)}, address{listener.address()}, tls{server} {}

    Listener listener;
    const Address address;
    const TlsServer* const tls;  // null: plain
};

/// Totals since the start, and what is open now. Any thread may read.
struct GateCounts {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> requests{0};     // whole requests handed on
    std::atomic<std::uint64_t> refused{0};      // answered here: malformed, too large, too slow
    std::atomic<std::uint64_t> timedOut{0};     // of these and of silent ones: too slow
    std::atomic<std::uint64_t> evicted{0};      // closed to make room
    std::atomic<std::uint64_t> overAddress{0};  // closed at perAddressMax
    std::atomic<std::uint64_t> noProxy{0};      // without the header that a proxy begins with
    std::atomic<std::uint64_t> exhausted{0};    // times that accepting had to pause
    std::atomic<std::uint64_t> open{0};         // at the gate or being served
    // TLS
    std::atomic<std::uint64_t> handshakes{0};          // that were completed
    std::atomic<std::uint64_t> handshakesResumed{0};   // of these, by a ticket
    std::atomic<std::uint64_t> handshakesFailed{0};    // nothing in common, or no TLS at all
    std::atomic<std::uint64_t> handshakesTimedOut{0};  // too slow
    std::atomic<std::uint64_t> handshakesRefused{0};   // at handshakesMax
    std::atomic<std::uint64_t> handshaking{0};         // under way
};

/// What the gate's thread does: accepts, reads requests until they are whole, answers what is no
/// request, writes what a response left over. Constructed anywhere, then one thread only.
///
/// Descriptors are registered once, edge-triggered: whoever begins to wait has read to the end.
class GateLoop final {
  public:
    GateLoop(const GateOptions& options, std::vector<GateListener>& listeners,
             GateExchange& exchange, GateCounts& counts, ClientLimits& limits, const Clock& clock);
    ~GateLoop();

    static constexpr std::size_t kListenersMax = 16;

    /// Waits for something to do and does it.
    void turn();
    /// Closes the listeners and what is idle; from now on every response is a connection's last.
    void stopAccepting();

  private:
    using Connection = GateConnection;
    enum class Step : std::uint8_t {
        NeedsMore,  // bytes
        Next,       // the next part of the request
        Done,       // handed over or answered: the connection may be gone
    };

    // GateLoop.cpp: turns, time, accepting
    int waitMs() const;
    void onReady(std::uint64_t id);
    void takeBack(std::unique_ptr<Connection> connection);
    void expire();
    void onDeadline(Connection& connection);
    void accept(GateListener& from);
    bool makeRoom();
    void pauseAccepting();
    void resumeAccepting();
    void setDeadline(Connection& connection, std::chrono::milliseconds fromNow);
    void clearDeadline(Connection& connection);
    void drop(Connection& connection);
    void unaccount(const Connection& connection);

    // GateAdmission.cpp: who it is, and whether it may come
    void admit(const GateListener& from, Fd fd, const Address& peer);
    void readProxyHeader(Connection& connection);
    void refuseProxyHeader(Connection& connection, std::string_view why);
    void welcome(Connection& connection);
    bool countAddress(Connection& connection);
    bool comesTooSoon(const Connection& connection, const RequestOrigin& client);
    void answerLater(Connection& connection);

    // GateHandshakes.cpp: before there is anything to read
    bool mayShakeHands();
    void beginHandshake(Connection& connection);
    void shakeHands(Connection& connection);
    void endHandshake(Connection& connection);
    void refuseHandshake(Connection& connection, TlsWire::Handshake how);

    // GateRequests.cpp: from bytes to requests, from responses to bytes
    void beginFirstRequest(Connection& connection);
    void beginRequest(Connection& connection);
    void pump(Connection& connection);
    bool receive(Connection& connection);
    Step understandHead(Connection& connection);
    Step understandBody(Connection& connection);
    bool countBody(Connection& connection);
    void handOver(Connection& connection);
    void answer(Connection& connection, const HttpResponse& response);
    void flush(Connection& connection);
    void linger(Connection& connection);
    void drainLingering(Connection& connection);

    // constant after construction
    const GateOptions options_;
    std::vector<GateListener>& listeners_;
    GateExchange& exchange_;
    GateCounts& counts_;
    ClientLimits& limits_;
    const Clock& clock_;

    // loop thread only
    std::int64_t nowUs_ = 0;
    std::uint64_t nextId_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;  // not served ones
    std::set<std::pair<std::int64_t, std::uint64_t>> deadlines_;
    std::set<std::pair<std::int64_t, std::uint64_t>> handshakes_;  // under way: since when, whose
    std::unordered_map<std::string, std::size_t> perAddress_;
    std::size_t open_ = 0;
    std::size_t bodiesBytes_ = 0;
    bool isAccepting_ = false;
    bool isClosing_ = false;
    std::int64_t acceptAgainUs_ = 0;  // 0: not paused
    std::int64_t pauseUs_ = 0;        // how long the next pause is
    std::vector<char> scratch_;
};

}  // namespace sluice
