#include "net/Address.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

namespace sluice {
namespace {

struct HostPort {
    std::string host;
    std::string port;
};

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw std::invalid_argument{"\"" + std::string{text} + "\" is no address: " + std::string{why} +
                                "; write HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or :8080"};
}

HostPort split(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) refuse(text, "the port is missing");
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || port.size() > 5 || !digits || std::stoi(std::string{port}) > 65'535)
        refuse(text, "the port is not a number from 0 to 65535");
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        refuse(text, "an IPv6 address stands in brackets");
    return {std::string{host}, std::string{port}};
}

const in6_addr& ipv6Of(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
}

const in_addr& ipv4Of(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
}

}  // namespace

Address::Address(const sockaddr* address, socklen_t length)
    : length_{std::min<socklen_t>(length, sizeof storage_)} {
    std::memcpy(&storage_, address, length_);
}

Address Address::resolve(std::string_view hostPort) {
    const HostPort parts = split(hostPort);
    const bool everywhere = parts.host.empty() || parts.host == "*";
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (everywhere ? AI_PASSIVE : 0);
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(everywhere ? nullptr : parts.host.c_str(), parts.port.c_str(),
                                   &hints, &found);
    if (code != 0) refuse(hostPort, ::gai_strerror(code));
    // For all interfaces an IPv6 socket serves both families; else the resolver's first answer.
    const addrinfo* chosen = found;
    for (const addrinfo* i = found; everywhere && i != nullptr; i = i->ai_next)
        if (i->ai_family == AF_INET6) chosen = i;
    Address address{chosen->ai_addr, chosen->ai_addrlen};
    ::freeaddrinfo(found);
    return address;
}

Address Address::ofLocalEnd(int fd) {
    Address address;
    address.length_ = sizeof address.storage_;
    if (::getsockname(fd, address.raw(), &address.length_) != 0)
        throw std::system_error{errno, std::generic_category(), "getsockname"};
    return address;
}

std::string Address::host() const {
    char text[INET6_ADDRSTRLEN] = "?";
    if (family() == AF_INET) {
        ::inet_ntop(AF_INET, &ipv4Of(storage_), text, sizeof text);
    } else if (family() == AF_INET6) {
        const in6_addr& address = ipv6Of(storage_);
        if (IN6_IS_ADDR_V4MAPPED(&address))
            ::inet_ntop(AF_INET, address.s6_addr + 12, text, sizeof text);
        else
            ::inet_ntop(AF_INET6, &address, text, sizeof text);
    }
    return text;
}

std::string Address::text() const {
    const std::string name = host();
    const bool brackets = name.find(':') != std::string::npos;
    return (brackets ? "[" + name + "]" : name) + ":" + std::to_string(port());
}

std::uint16_t Address::port() const {
    if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
    if (family() == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6&>(storage_).sin6_port);
    return 0;
}

bool Address::isLoopback() const {
    if (family() == AF_INET) return (ntohl(ipv4Of(storage_).s_addr) >> 24) == 127;
    if (family() != AF_INET6) return false;
    const in6_addr& address = ipv6Of(storage_);
    if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&address);
}

}  // namespace sluice
