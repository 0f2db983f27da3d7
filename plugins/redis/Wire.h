#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include <unistd.h>

#include "Options.h"
#include "Signal.h"
#include "Tls.h"

namespace sluice::redis {

using Time = std::chrono::steady_clock::time_point;

/// Waits for `events` of poll() on a descriptor; false: they did not come by `until`. Throws
/// Stopping once `stop` is raised.
bool waitFor(int fd, short events, const plugin::Signal& stop, Time until);

/// What a wait for several things found.
struct Ready {
    bool bytes = false;  // fd can be read
    bool woken = false;
};
/// Waits for bytes, for `wake` to be raised (it stays so), or until `until`. Throws Stopping.
Ready waitForBytes(int fd, const plugin::Signal& wake, const plugin::Signal& stop, Time until);
/// Sleeps. Throws Stopping.
void sleepUntil(Time until, const plugin::Signal& stop);

/// A TCP connection, with TLS or without. Every wait ends by its time, or when `stop` is raised.
/// Functions throw Failure, after which the wire is of no use any more, and Stopping. One thread.
class Wire {
  public:
    /// Connects, and shakes hands where the options want TLS.
    Wire(const Options& options, const plugin::Signal& stop, Time until);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    int fd() const { return fd_; }
    /// Sends everything.
    void send(std::string_view bytes, Time until);
    /// What has come, as much as fits; 0: nothing yet.
    std::size_t receive(char* buffer, std::size_t size);
    /// Whether receive() may have bytes although poll() sees none.
    bool hasPending() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }

  private:
    void connect(Time until);
    bool connectTo(const struct Address& address, Time until, int& error);
    void handshake(Time until);
    std::size_t sendSome(std::string_view bytes, short& wanted);
    [[noreturn]] void fail(int error) const;

    const Options& options_;
    const plugin::Signal& stop_;
    int fd_ = -1;
    SslContext context_;
    Ssl ssl_;
};

}  // namespace sluice::redis
