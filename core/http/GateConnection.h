#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "http/ChunkedBody.h"
#include "http/HttpRequest.h"
#include "http/RequestHead.h"
#include "net/Address.h"
#include "net/TlsWire.h"
#include "net/Wire.h"

namespace sluice {

struct GateListener;

/// A connection of the gate. Belongs to one owner at a time, who alone may touch it: the gate's
/// loop, the queue of those ready, the thread that serves it, the inbox of those given back.
struct GateConnection {
    enum class Phase : std::uint8_t {
        ProxyHeader,
        Handshake,
        Head,
        Body,
        Holding,
        Writing,
        Lingering
    };

    std::uint64_t id = 0;
    std::unique_ptr<Transport> wire;  // null after a stream took it away
    TlsWire* tls = nullptr;           // the same, where it is one
    Address peer;
    RequestOrigin origin;  // of all its requests, but what a proxy says of each
    const GateListener* from = nullptr;
    std::string countedAs;  // an address, while it counts among its connections; else empty
    bool isProxy = false;   // what it says of its clients is believed
    bool isShed = false;    // came too soon: its request is answered with "later"
    Phase phase = Phase::Head;
    std::int64_t deadlineUs = 0;  // 0: none
    std::int64_t waitsSinceUs = 0;

    // The request that is coming in.
    std::string in;  // read, not understood yet; after a request: what was pipelined
    bool headBegan = false;
    RequestHead head;
    std::string headText;
    std::string body;
    std::unique_ptr<ChunkedBody> chunked;  // only while a chunked body comes
    std::size_t bodyBytesCounted = 0;      // in the gate's sum

    // Once it is whole.
    HttpRequest request;

    // The response that is going out.
    std::string out;
    std::size_t outTaken = 0;
    bool keepAlive = false;             // begin again after `out`
    std::chrono::milliseconds hold{0};  // before `out` goes
    std::size_t lingeredBytes = 0;
};

}  // namespace sluice
