#include "Loopback.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace sluice::test {

Client::Client() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (!fd_.valid()) throw std::runtime_error{"socket"};
    const timeval patience{kPatienceSeconds, 0};
    const int on = 1;
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client::Client(const Address& server) : Client() {
    connect(server);
}

void Client::connect(const Address& server) {
    if (::connect(fd(), server.raw(), server.length()) != 0) throw std::runtime_error{"connect"};
}

void Client::resetWhenClosed() {
    const linger abortive{1, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &abortive, sizeof abortive);
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Client::fill() {
    char bytes[16 * 1024];
    const ssize_t got = ::recv(fd(), bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
}

std::optional<Reply> Client::read(bool isHead) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill()) return std::nullopt;
    Reply reply;
    reply.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t at = reply.head.find(kLength);
    if (at == std::string::npos || isHead) return reply;
    const std::size_t length = std::stoul(reply.head.substr(at + kLength.size()));
    while (buffer_.size() < length)
        if (!fill()) return std::nullopt;
    reply.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return reply;
}

std::string Client::readToEnd() {
    while (fill()) {
    }
    return std::move(buffer_);
}

std::size_t threadCount() {
    const std::filesystem::directory_iterator tasks{"/proc/self/task"};
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace sluice::test
