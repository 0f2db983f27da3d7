#include "settings/Addresses.h"

#include <algorithm>
#include <exception>

#include <arpa/inet.h>

#include "net/Address.h"
#include "net/ListenAddress.h"
#include "settings/Units.h"

namespace sluice {
namespace {

constexpr const char* kHint = "write HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or :8080";

/// The two halves, brackets taken off; no colon: all is the host and the port is missing.
struct HostPort {
    std::string_view host, port;
    std::size_t portAt = std::string_view::npos;
    bool isBracketed = false;
};

HostPort split(std::string_view text) {
    HostPort parts;
    const std::size_t colon = text.rfind(':');
    const std::size_t close = text.rfind(']');
    const bool hasPort =
        colon != std::string_view::npos && (close == std::string_view::npos || close < colon);
    parts.host = text.substr(0, hasPort ? colon : text.size());
    if (hasPort) {
        parts.port = text.substr(colon + 1);
        parts.portAt = colon + 1;
    }
    parts.isBracketed = parts.host.starts_with('[') && parts.host.ends_with(']');
    if (parts.isBracketed) parts.host = parts.host.substr(1, parts.host.size() - 2);
    return parts;
}

bool isIpv4(const std::string& host) {
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool isIpv6(const std::string& host) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

bool isHostName(std::string_view host) {
    const bool isNumber = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return !isNumber && host.size() <= 253 &&
           std::all_of(host.begin(), host.end(), isNameCharacter);
}

AddressError portError(std::string_view port, std::size_t offset) {
    UnitError error;
    const auto number = parseInteger(port, error);
    if (!number) return {offset, "the port must be a number of digits only", kHint};
    if (*number > 65'535) return {offset, "a port is at most 65535", kHint};
    return {};
}

AddressError hostError(const HostPort& parts) {
    const std::string host{parts.host};
    if (parts.isBracketed)
        return isIpv6(host) ? AddressError{} : AddressError{1, "this is no IPv6 address", kHint};
    if (host.find(':') != std::string::npos) {
        const std::string hint = isIpv6(host) ? "write [" + host + "]:PORT" : kHint;
        return {0, "an IPv6 address needs brackets around it", hint};
    }
    if (host.empty() || host == "*" || isIpv4(host) || isHostName(host)) return {};
    return {0, "'" + host + "' is neither an address nor a name of a host", kHint};
}

}  // namespace

AddressError addressError(std::string_view text) {
    const std::string_view hostPort = ListenAddress::of(text).hostPort;
    if (const std::size_t scheme = text.size() - hostPort.size(); scheme > 0) {
        AddressError error = addressError(hostPort);
        error.offset += scheme;
        return error;
    }
    if (hostPort.find("://") != std::string_view::npos)
        return {0, "only http:// and https:// may stand before an address", kHint};
    if (const std::size_t path = hostPort.find('/'); path != std::string_view::npos)
        return {path, "an address has no path", kHint};
    const HostPort parts = split(hostPort);
    if (parts.portAt == std::string_view::npos) {
        const bool isPort =
            !hostPort.empty() && hostPort.find_first_not_of("0123456789") == std::string_view::npos;
        return {0, "the address has no port",
                isPort ? "write 127.0.0.1:" + std::string{hostPort} +
                             ", or :" + std::string{hostPort} + " for all interfaces"
                       : kHint};
    }
    AddressError error = hostError(parts);
    return error.message.empty() ? portError(parts.port, parts.portAt) : error;
}

bool isLoopbackAddress(std::string_view text) {
    const std::string_view hostPort = ListenAddress::of(text).hostPort;
    const HostPort parts = split(hostPort);
    const std::string host{parts.host};
    if (host == "localhost") return true;
    if (!isIpv4(host) && !isIpv6(host)) return false;
    try {
        return Address::resolve(hostPort).isLoopback();
    } catch (const std::exception&) {
        return false;
    }
}

AddressError originError(std::string_view origin) {
    constexpr const char* kExample = "write it as browsers do, such as https://shop.example";
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos || scheme == 0)
        return {0, "an origin begins with http:// or https://", kExample};
    const std::size_t host = scheme + 3;
    const std::size_t end = origin.find_first_of("/?#@", host);
    if (end != std::string_view::npos)
        return {end, "an origin has no path, no user and no slash at its end", kExample};
    if (origin.find('*') != std::string_view::npos)
        return {origin.find('*'), "an origin has no wildcards",
                "list every origin, or write \"*\" alone for all"};
    const bool hasCapitals =
        std::any_of(origin.begin(), origin.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (hasCapitals) return {0, "browsers send origins in lower case", kExample};
    if (host == origin.size()) return {host, "the origin has no host", kExample};
    const HostPort parts = split(origin.substr(host));
    AddressError error = hostError(parts);
    if (error.message.empty() && parts.portAt != std::string_view::npos)
        error = portError(parts.port, parts.portAt);
    error.offset += host;
    return error;
}

}  // namespace sluice
