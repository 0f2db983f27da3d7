#include "graphite/CarbonSocket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

namespace sluice {
namespace {

using Steady = std::chrono::steady_clock;

[[noreturn]] void failed(int error) {
    throw CarbonError{std::strerror(error)};
}

int errorOf(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace

CarbonTargets::CarbonTargets(const std::string& hostPort, GraphiteProtocol protocol) {
    const std::size_t colon = hostPort.rfind(':');
    std::string host = hostPort.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = protocol == GraphiteProtocol::Udp ? SOCK_DGRAM : SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    const int code = ::getaddrinfo(host.c_str(), hostPort.c_str() + colon + 1, &hints, &first_);
    if (code != 0) throw CarbonError{::gai_strerror(code)};
}

CarbonTargets::~CarbonTargets() {
    ::freeaddrinfo(first_);
}

void CarbonSocket::open(const CarbonTargets& targets) {
    std::string why;
    for (const addrinfo* target = targets.first(); target; target = target->ai_next) {
        try {
            Fd socket{
                ::socket(target->ai_family, target->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
            if (!socket.valid()) failed(errno);
            if (::connect(socket.get(), target->ai_addr, target->ai_addrlen) != 0) {
                if (errno != EINPROGRESS) failed(errno);
                awaitWritable(socket.get(), Steady::now() + kTimeout);
                if (const int error = errorOf(socket.get())) failed(error);
            }
            socket_ = std::move(socket);
            return;
        } catch (const CarbonError& error) {
            why = error.what();
        }
    }
    throw CarbonError{why};
}

bool CarbonSocket::isGone() const {
    // What the network said of a datagram is told by the next send.
    if (protocol_ == GraphiteProtocol::Udp) return false;
    char byte = 0;
    const ssize_t got = ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void CarbonSocket::send(std::string_view lines) {
    if (protocol_ == GraphiteProtocol::Udp)
        sendDatagrams(lines);
    else
        sendStream(lines);
}

void CarbonSocket::sendStream(std::string_view bytes) {
    const auto deadline = Steady::now() + kTimeout;
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            awaitWritable(socket_.get(), deadline);
        else if (errno != EINTR)
            failed(errno);
    }
}

/// Whole lines, as many as fit, in each.
void CarbonSocket::sendDatagrams(std::string_view lines) {
    const auto deadline = Steady::now() + kTimeout;
    while (!lines.empty()) {
        std::size_t end = lines.size() <= kDatagramBytes
                              ? lines.size()
                              : lines.rfind('\n', kDatagramBytes - 1) + 1;
        if (end == 0) end = std::min(lines.find('\n'), lines.size() - 1) + 1;
        const ssize_t sent = ::send(socket_.get(), lines.data(), end, MSG_NOSIGNAL);
        if (sent >= 0)
            lines.remove_prefix(end);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            awaitWritable(socket_.get(), deadline);
        else if (errno != EINTR)
            failed(errno);
    }
}

void CarbonSocket::awaitWritable(int fd, Steady::time_point deadline) const {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
        if (left <= 0) throw CarbonError{"it took too long"};
        pollfd waits[2] = {{fd, POLLOUT, 0}, {stop_.fd(), POLLIN, 0}};
        if (::poll(waits, 2, static_cast<int>(left)) < 0 && errno != EINTR) failed(errno);
        if (waits[1].revents != 0) throw CarbonError{"the node ends"};
        if (waits[0].revents != 0) return;
    }
}

}  // namespace sluice
