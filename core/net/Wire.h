#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "net/Fd.h"

namespace sluice {

/// What became of a write.
struct WriteResult {
    enum class State : std::uint8_t {
        Ok,      // all bytes were taken
        Again,   // `taken` bytes were taken; the rest after the descriptor turns writable
        Closed,  // the peer is gone or the transport failed: nothing more will go
    };
    std::size_t taken = 0;
    State state = State::Ok;
};

/// A connection that only writes, as the delivery loops hold it: the plain socket, later TLS.
/// Owns its descriptor and closes it. One thread at a time. At most 32 bytes of heap each.
class Wire {
  public:
    virtual ~Wire() = default;
    /// To be watched (edge-triggered for writing); stays the Wire's.
    virtual int fd() const noexcept = 0;
    /// Never blocks, never raises SIGPIPE; one system call where the transport allows. After
    /// Again the next write may begin with the same bytes at another address.
    virtual WriteResult write(const char* data, std::size_t length) noexcept = 0;
};

class PlainWire final : public Wire {
  public:
    /// REQUIRES: a connected stream socket.
    explicit PlainWire(Fd socket) noexcept : socket_{std::move(socket)} {}
    int fd() const noexcept override { return socket_.get(); }
    WriteResult write(const char* data, std::size_t length) noexcept override;

  private:
    Fd socket_;
};
static_assert(sizeof(PlainWire) <= 32);

/// How many unsent bytes the kernel may hold of a stream: more only delays what is newer.
inline constexpr int kNotSentLowWaterBytes = 32 * 1024;

/// Sets what a long stream wants: TCP_NODELAY, TCP_NOTSENT_LOWAT, and TCP_USER_TIMEOUT so that the
/// kernel gives up a peer that acknowledges nothing for `stallTime`. What the kernel refuses (a
/// socket that is not TCP) is left as it was.
void tuneForStreaming(int fd, std::chrono::milliseconds stallTime) noexcept;
/// Whether a connection that failed did so by that time-out. Takes the error from the socket.
bool wasGivenUp(int fd) noexcept;

}  // namespace sluice
