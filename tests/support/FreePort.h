#pragma once

#include <cstdint>

namespace sluice::test {

/// A TCP port of 127.0.0.1 on which nothing listens. It lies below the range from which the system
/// takes ports for outgoing connections, so a broker that is away for a while finds it free again.
/// Throws std::runtime_error if there is none.
std::uint16_t freePort();

/// Whether something accepts connections at 127.0.0.1:port.
bool acceptsConnections(std::uint16_t port);

}  // namespace sluice::test
