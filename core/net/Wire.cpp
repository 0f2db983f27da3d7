#include "net/Wire.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace sluice {

WriteResult PlainWire::write(const char* data, std::size_t length) noexcept {
    using State = WriteResult::State;
    for (;;) {
        const ssize_t sent = ::send(socket_.get(), data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            // A short count means that the kernel's share is full and it will tell when it is not.
            const auto taken = static_cast<std::size_t>(sent);
            return {taken, taken == length ? State::Ok : State::Again};
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, State::Again};
        if (errno != EINTR) return {0, State::Closed};
    }
}

ReadResult PlainWire::read(char* data, std::size_t length) noexcept {
    using State = ReadResult::State;
    for (;;) {
        const ssize_t got = ::recv(socket_.get(), data, length, MSG_DONTWAIT);
        if (got > 0) return {static_cast<std::size_t>(got), State::Ok};
        if (got < 0 && errno == EINTR) continue;
        const bool isEmpty = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        return {0, isEmpty ? State::Again : State::Closed};
    }
}

void PlainWire::finish() noexcept {
    ::shutdown(socket_.get(), SHUT_WR);
}

void tuneForStreaming(int fd, std::chrono::milliseconds stallTime) noexcept {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kNotSentLowWaterBytes,
                 sizeof kNotSentLowWaterBytes);
    const auto bounded = std::clamp<std::chrono::milliseconds::rep>(stallTime.count(), 0, INT_MAX);
    const auto timeoutMs = static_cast<unsigned>(bounded);
    ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeoutMs, sizeof timeoutMs);
}

bool wasGivenUp(int fd) noexcept {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == ETIMEDOUT;
}

}  // namespace sluice
