#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "Options.h"

namespace sluice::zeromq {

/// Why an endpoint is not connected; `code` is empty where it is.
struct Fault {
    std::string code, text;
};

/// What became of one endpoint that we connect to, told by the events of its socket
/// (zmq_socket_monitor). Pure: time is given. One thread.
///
/// libzmq reconnects by itself after a connection that broke, but gives a connection up for good
/// after whatever it calls a protocol error: a frame above the limit, a peer of another kind, other
/// keys. It says so only by not saying that it tries again. Such an endpoint is dead: its socket
/// must be closed and opened anew when reopenAt() has come.
class Connection {
  public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    Connection(std::string endpoint, const Options& options);

    /// The socket was opened, for the first time or anew.
    void opened();
    /// Before it was opened for the first time: another instance was connected until now.
    void continues(Time now) { downSince_ = now; }
    void event(std::uint16_t event, std::uint32_t value, Time now);
    /// Draws conclusions from what did not come by due(); whether there were any.
    bool elapse(Time now);

    bool isUp() const { return isUp_; }
    bool isDead() const { return isDead_; }
    Time reopenAt() const { return reopenAt_; }
    /// When elapse() wants to be called.
    std::optional<Time> due() const { return verdictAt_; }
    const Fault& fault() const { return fault_; }
    /// How long a connection was gone that is back now. Once for each outage.
    std::optional<milliseconds> takeOutage();

    /// After the end of a connection libzmq says at once that it tries again, if it does.
    static constexpr milliseconds kVerdict{250};
    static constexpr milliseconds kReopenFirst{500}, kReopenMost{8'000};
    /// A peer that says nothing for so long speaks no ZeroMQ.
    static constexpr milliseconds kHandshake{5'000};

  private:
    void up(Time now);
    void down(Time now);
    void handshakeFailed(Time now);
    std::string isNoPeer() const;
    void fail(std::string code, std::string why, Time now);

    // constant after construction
    const std::string endpoint_;
    const Options& options_;

    bool isUp_ = false, isDead_ = false;
    Fault fault_;
    std::optional<Time> verdictAt_, downSince_;
    std::optional<milliseconds> outage_;
    Time connectedAt_{}, reopenAt_{};
    milliseconds reopenDelay_ = kReopenFirst;
};

}  // namespace sluice::zeromq
