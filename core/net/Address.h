#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace sluice {

/// An IPv4 or IPv6 address with its port. A value; any thread may use its own.
class Address {
  public:
    Address() = default;
    Address(const sockaddr* address, socklen_t length);

    /// Reads HOST:PORT: a name, `127.0.0.1:8080`, `[::1]:8080`, or `:8080` and `*:8080` for all
    /// interfaces. Asks the resolver for names. Throws std::invalid_argument saying what to write.
    static Address resolve(std::string_view hostPort);
    /// The local end of a socket. REQUIRES: a bound Internet socket.
    static Address ofLocalEnd(int fd);

    /// `127.0.0.1:8080` or `[::1]:8080`; an IPv4 address mapped into IPv6 is written as IPv4.
    std::string text() const;
    /// The same without the port and brackets: what per-address bounds count by.
    std::string host() const;
    std::uint16_t port() const;
    bool isLoopback() const;

    const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage_); }
    socklen_t length() const { return length_; }
    int family() const { return storage_.ss_family; }

  private:
    sockaddr_storage storage_{};
    socklen_t length_ = 0;
};

}  // namespace sluice
