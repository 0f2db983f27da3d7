#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

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

/// A connection that only writes, as the delivery loops hold it: the plain socket or TLS.
/// Owns its descriptor and closes it. One thread at a time.
class Wire {
  public:
    virtual ~Wire() = default;
    /// To be watched (edge-triggered for writing); stays the Wire's.
    virtual int fd() const noexcept = 0;
    /// Never blocks, never raises SIGPIPE; one system call where the transport allows. After
    /// Again with `taken` above 0 the next write begins with the bytes that were not taken, at any
    /// address; `taken` is then less than `length`.
    virtual WriteResult write(const char* data, std::size_t length) noexcept = 0;

    /// What is to live as long as the wire does: it counts somewhere that the connection is there.
    void keep(std::shared_ptr<const void> guest) noexcept { guest_ = std::move(guest); }

  private:
    std::shared_ptr<const void> guest_;  // shared: its owner is not known here
};

/// What a read gave.
struct ReadResult {
    enum class State : std::uint8_t {
        Ok,      // `got` bytes came, at least one
        Again,   // nothing now; the descriptor turns ready when there is
        Closed,  // the peer has ended or the transport failed: nothing more will come
    };
    std::size_t got = 0;
    State state = State::Ok;
};

/// A connection as the gate holds it: it reads as well.
class Transport : public Wire {
  public:
    /// Never blocks.
    virtual ReadResult read(char* data, std::size_t length) noexcept = 0;
    /// Tells the peer that nothing more will be written. Reading goes on.
    virtual void finish() noexcept = 0;
    /// Gives the socket away, for what is to be said in another way.
    virtual Fd takeSocket() noexcept = 0;
};

/// At most 32 bytes of heap.
class PlainWire final : public Transport {
  public:
    /// REQUIRES: a connected stream socket.
    explicit PlainWire(Fd socket) noexcept : socket_{std::move(socket)} {}
    int fd() const noexcept override { return socket_.get(); }
    WriteResult write(const char* data, std::size_t length) noexcept override;
    ReadResult read(char* data, std::size_t length) noexcept override;
    void finish() noexcept override;
    Fd takeSocket() noexcept override { return std::move(socket_); }

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
