#include "delivery/SocketEnd.h"

#include <array>

#include <sys/socket.h>

namespace sluice {
namespace {

/// A request is over when its stream begins; whoever sends more than this is not waited for.
constexpr int kReadsMax = 16;

}  // namespace

void discardInput(int fd) noexcept {
    std::array<char, 4'096> ignored;
    for (int i = 0; i < kReadsMax; ++i)
        if (::recv(fd, ignored.data(), ignored.size(), MSG_DONTWAIT) <= 0) return;
}

void forgetUnsent(int fd) noexcept {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace sluice
