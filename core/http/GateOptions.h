#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "http/Forwarded.h"
#include "http/RequestHead.h"
#include "net/TlsServer.h"

namespace sluice {

/// Where a gate listens.
struct GateAddress {
    std::string hostPort;
    const TlsServer* tls = nullptr;  // null: plain; else it must outlive the gate
};

/// The bounds of the gate.
struct GateOptions {
    HeadLimits limits;
    std::chrono::milliseconds headTimeout{5'000};    // for a whole head, from accept or first byte;
                                                     // before it, as much for the TLS handshake
    std::chrono::milliseconds bodyTimeout{20'000};   // for a whole body, from the end of its head
    std::chrono::milliseconds idleTimeout{30'000};   // between two requests of a connection
    std::chrono::milliseconds writeTimeout{20'000};  // for a response to be taken
    std::chrono::milliseconds lingerTimeout{1'000};  // for the peer to close after the last one
    ProxyTrust trust;
    std::size_t handshakesMax = 512;                // of TLS, under way at once
    std::size_t connectionsMax = 4'096;             // at the gate and being served, not streams
    std::size_t perAddressMax = 0;                  // of these; 0: no bound
    std::size_t bodiesBytesMax = 64 * 1024 * 1024;  // bodies held at once, in all
};

}  // namespace sluice
