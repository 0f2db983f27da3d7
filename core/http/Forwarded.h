#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/HttpRequest.h"
#include "net/IpAddress.h"

namespace sluice {

/// Whom to believe when they say for whom they ask: the settings key `trusted_proxies`.
struct ProxyTrust {
    /// Only one of the two is looked at: a proxy that writes one hands on the other as the client
    /// sent it.
    enum class Header : std::uint8_t { XForwardedFor, Forwarded };
    std::vector<AddressRange> addresses;  // of proxies that write the header
    Header header = Header::XForwardedFor;
    std::vector<AddressRange> protocol;  // whose connections begin with a PROXY header, always
    bool operator==(const ProxyTrust&) const = default;
};

/// Replaces what `origin` says by what the header of a trusted proxy says: the last address in it
/// that is no trusted proxy itself, and whether the client came by TLS. Unchanged where the
/// connection is not a trusted proxy's, and as far as the header tells nothing that can be read.
/// `text` and `head` are the request's.
void believeProxy(const ProxyTrust& trust, const RequestHead& head, std::string_view text,
                  RequestOrigin& origin);

/// What an element of `X-Forwarded-For`, or `for=` of `Forwarded` (RFC 7239 section 6), names: an
/// address, perhaps with a port, brackets and quotes; nothing for "unknown" and the like.
std::optional<IpAddress> forwardedAddress(std::string_view text);

}  // namespace sluice
