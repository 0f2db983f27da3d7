#include "Connection.h"

#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace sluice::bench {

Connection::Connection(std::string target, const std::string& host, bool isTls)
    : target_(std::move(target)), host_(host), isTls_(isTls) {}

Connection::~Connection() {
    close(true);
}

int Connection::connect(const sockaddr_in& server, int receiveBufferBytes) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return -1;
    if (receiveBufferBytes > 0) {
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, sizeof receiveBufferBytes);
    }
    sockaddr_in address = server;
    void* const untyped = &address;
    const int result = ::connect(fd_, static_cast<sockaddr*>(untyped), sizeof address);
    if (result < 0 && errno != EINPROGRESS) {
        const int error = errno;
        close(true);
        errno = error;
        return -1;
    }
    response_.reset();
    problem_ = "";
    state_ = State::kConnecting;
    return fd_;
}

bool Connection::sendRequest() {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return fail("cannot connect");
    std::string request = "GET " + target_ + " HTTP/1.1\r\nHost: " + host_ +
                          "\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n";
    if (!lastId().empty()) request += "Last-Event-ID: " + lastId() + "\r\n";
    request += "\r\n";
    if (isTls_) {
        if (!tls_.begin(fd_)) return fail("no TLS");
        if (!tls_.send(request)) return fail("cannot send the request");
        state_ = State::kOpening;
        return true;
    }
    // An empty socket takes a request of this size whole.
    const ssize_t sent = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) return fail("cannot send the request");
    state_ = State::kOpening;
    return true;
}

std::ptrdiff_t Connection::receive(char* buffer, std::size_t bufferBytes) {
    const ssize_t count =
        isTls_ ? tls_.receive(buffer, bufferBytes) : ::recv(fd_, buffer, bufferBytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count > 0) return count;
    close(false);
    return -1;
}

bool Connection::take(std::string_view bytes, SseSink& sink) {
    if (!response_.feed(bytes, sink)) return fail(response_.problem());
    if (response_.hasHead()) state_ = State::kStreaming;
    if (!response_.ended()) return true;
    close(false);
    return false;
}

void Connection::close(bool reset) {
    if (fd_ < 0) return;
    tls_.end();
    if (reset) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    ::close(std::exchange(fd_, -1));
    state_ = State::kClosed;
}

bool Connection::fail(const char* problem) {
    problem_ = problem;
    close(false);
    return false;
}

}  // namespace sluice::bench
