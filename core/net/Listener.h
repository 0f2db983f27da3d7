#pragma once

#include <string_view>

#include "net/Address.h"
#include "net/Fd.h"

namespace sluice {

/// What accept gave: a connection, nothing now, or a lack (descriptors, memory) after which the
/// caller waits a little before it asks again.
enum class AcceptState { Accepted, Empty, Exhausted };

/// A listening TCP socket that never blocks. One thread at a time.
class Listener {
  public:
    /// Binds and listens. Port 0 picks a free one. Throws std::invalid_argument for text that is
    /// no address, std::system_error where the system refuses; both name the address.
    explicit Listener(std::string_view hostPort, int backlog = 4096);

    int fd() const noexcept { return fd_.get(); }
    /// Where it really listens.
    const Address& address() const noexcept { return address_; }

    /// Takes one connection, non-blocking and close-on-exec. A connection that failed before it
    /// was taken is skipped.
    AcceptState accept(Fd& connection, Address& peer) noexcept;
    /// Stops listening; the port is free at once.
    void close() noexcept { fd_.reset(); }

  private:
    Fd fd_;
    Address address_;
};

}  // namespace sluice
