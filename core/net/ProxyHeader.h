#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/IpAddress.h"

namespace sluice {

/// What a proxy says before the bytes of a connection, in version 1 (text) or 2 (binary) of the
/// PROXY protocol: https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
struct ProxyHeader {
    enum class State : std::uint8_t { Incomplete, Complete, Refused };
    State state = State::Incomplete;
    std::size_t length = 0;           // of Complete
    std::optional<IpAddress> client;  // nothing: LOCAL or UNKNOWN, the proxy speaks for itself

    /// Longest header that is taken; the extensions of version 2 count and are not looked at.
    static constexpr std::size_t kBytesMax = 1'024;
};

/// Reads the header that `bytes` begins with. What no header can begin with is refused at once.
/// Pure; any thread.
ProxyHeader parseProxyHeader(std::string_view bytes);

}  // namespace sluice
