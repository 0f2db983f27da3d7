#include "Wire.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include "Fault.h"
#include "Resolver.h"

namespace sluice::redis {
namespace {

/// Of poll(); rounded up, so that a wait never ends before its time.
int millisecondsUntil(Time until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void setOptions(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace

bool waitFor(int fd, short events, const plugin::Signal& stop, Time until) {
    for (;;) {
        pollfd wanted[] = {{stop.fd(), POLLIN, 0}, {fd, events, 0}};
        const int count = poll(wanted, 2, millisecondsUntil(until));
        if (wanted[0].revents != 0) throw Stopping();
        if (count > 0) return true;
        if (std::chrono::steady_clock::now() >= until) return false;
    }
}

Ready waitForBytes(int fd, const plugin::Signal& wake, const plugin::Signal& stop, Time until) {
    pollfd wanted[] = {{stop.fd(), POLLIN, 0}, {fd, POLLIN, 0}, {wake.fd(), POLLIN, 0}};
    poll(wanted, 3, millisecondsUntil(until));
    if (wanted[0].revents != 0) throw Stopping();
    return {wanted[1].revents != 0, wanted[2].revents != 0};
}

void sleepUntil(Time until, const plugin::Signal& stop) {
    constexpr int kNothing = -1;  // poll() leaves it out
    waitFor(kNothing, 0, stop, until);
}

Wire::Wire(const Options& options, const plugin::Signal& stop, Time until)
    : options_(options), stop_(stop) {
    if (options.tls.isOn) context_ = makeSslContext(options);
    try {
        connect(until);
        if (options.tls.isOn) handshake(until);
    } catch (...) {
        if (fd_ >= 0) close(fd_);
        throw;
    }
}

Wire::~Wire() {
    // No shutdown of TLS: whatever it would say, nobody reads.
    ssl_.reset();
    close(fd_);
}

void Wire::fail(int error) const {
    throw Failure(describeErrno(error, options_));
}

void Wire::connect(Time until) {
    int error = EHOSTUNREACH;
    for (const Address& address : resolve(options_, stop_, until))
        if (connectTo(address, until, error)) return;
    fail(error);
}

bool Wire::connectTo(const Address& address, Time until, int& error) {
    fd_ = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) fail(errno);
    setOptions(fd_);
    int result =
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
    if (result != 0 && errno == EINPROGRESS) {
        socklen_t size = sizeof result;
        if (!waitFor(fd_, POLLOUT, stop_, until))
            result = ETIMEDOUT;
        else if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &result, &size) != 0)
            result = errno;
    } else if (result != 0) {
        result = errno;
    }
    if (result == 0) return true;
    error = result;
    close(std::exchange(fd_, -1));
    return false;
}

void Wire::handshake(Time until) {
    ssl_ = makeSsl(*context_, fd_, options_);
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_.get());
        if (result == 1) return;
        const int error = SSL_get_error(ssl_.get(), result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            throw Failure({Fault::Weight::Definite, "tls",
                           "TLS with " + options_.shown + " failed: " + describeHandshake(ssl_)});
        if (!waitFor(fd_, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, stop_, until))
            throw Failure(
                {Fault::Weight::Silent, "no-answer", options_.shown + " does not answer in TLS"});
    }
}

void Wire::send(std::string_view bytes, Time until) {
    while (!bytes.empty()) {
        short wanted = 0;
        const std::size_t sent = sendSome(bytes, wanted);
        bytes.remove_prefix(sent);
        if (sent == 0 && !waitFor(fd_, wanted, stop_, until)) fail(ETIMEDOUT);
    }
}

std::size_t Wire::sendSome(std::string_view bytes, short& wanted) {
    wanted = POLLOUT;
    if (!ssl_) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EAGAIN || errno == EINTR) return 0;
        fail(errno);
    }
    ERR_clear_error();
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
    if (result == 1) return sent;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) wanted = POLLIN;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail(ECONNRESET);
    return 0;
}

std::size_t Wire::receive(char* buffer, std::size_t size) {
    if (!ssl_) {
        const ssize_t got = recv(fd_, buffer, size, 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
        fail(got == 0 ? ECONNRESET : errno);
    }
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer, size, &got);
    if (result == 1) return got;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
    // An alert of TLS 1.3, such as one for a certificate that is missing, comes after the
    // handshake.
    if (error == SSL_ERROR_SSL &&
        ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
        throw Failure({Fault::Weight::Definite, "tls",
                       "TLS with " + options_.shown + " failed: " + describeHandshake(ssl_)});
    fail(ECONNRESET);
}

}  // namespace sluice::redis
