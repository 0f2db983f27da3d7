#pragma once

/// How a stream's socket is left. Any thread; the socket stays the caller's.
namespace sluice {

/// Call before closing a socket whose last bytes should arrive: what the peer sent and nobody read
/// would turn the end into a reset.
void discardInput(int fd) noexcept;

/// Call before closing a socket whose peer takes nothing: the kernel drops what is unsent instead
/// of keeping it for minutes.
void forgetUnsent(int fd) noexcept;

}  // namespace sluice
