#include "net/Listener.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <netinet/in.h>

namespace sluice {
namespace {

[[noreturn]] void refuse(std::string_view hostPort) {
    const int error = errno;
    std::string text = "cannot listen on " + std::string{hostPort};
    if (error == EADDRINUSE) text += " (another program does; port 0 picks a free one)";
    throw std::system_error{error, std::generic_category(), text};
}

void enable(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

Listener::Listener(std::string_view hostPort, int backlog) {
    const Address wanted = Address::resolve(hostPort);
    fd_.reset(::socket(wanted.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd_.valid()) refuse(hostPort);
    enable(fd(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (wanted.family() == AF_INET6) enable(fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(fd(), wanted.raw(), wanted.length()) != 0) refuse(hostPort);
    if (::listen(fd(), backlog) != 0) refuse(hostPort);
    address_ = Address::ofLocalEnd(fd());
}

AcceptState Listener::accept(Fd& connection, Address& peer) noexcept {
    for (;;) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        const int fd = ::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&storage), &length,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            connection.reset(fd);
            peer = Address{reinterpret_cast<sockaddr*>(&storage), length};
            return AcceptState::Accepted;
        }
        switch (errno) {
            case EAGAIN:
                return AcceptState::Empty;
            case EMFILE:
            case ENFILE:
            case ENOBUFS:
            case ENOMEM:
                return AcceptState::Exhausted;
            case EBADF:
            case EINVAL:
            case ENOTSOCK:
                return AcceptState::Empty;  // closed meanwhile
            default:
                break;  // that connection failed, the next may not: accept(2), NOTES
        }
    }
}

}  // namespace sluice
