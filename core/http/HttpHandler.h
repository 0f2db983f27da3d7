#pragma once

#include <memory>
#include <optional>

#include "http/HttpRequest.h"
#include "http/HttpResponse.h"
#include "net/Wire.h"

namespace sluice {

class HeldRequest;

/// The connection of a request, for the handler that takes it over.
class HttpConnection {
  public:
    virtual ~HttpConnection() = default;
    /// A request and its connection, to be answered later and from any thread: the handler returns
    /// nothing. At most once, and not after takeWire. `request` is the one of the connection, or
    /// what the handler makes of it.
    virtual std::unique_ptr<HeldRequest> defer(const HttpRequest& request) = 0;
    /// What the client reads, which is the caller's from now on; at most once, and then the handler
    /// answers nothing and throws nothing.
    virtual std::unique_ptr<Wire> takeWire() noexcept = 0;
};

/// A request that waits for its answer. One thread at a time; where it goes without one, its
/// connection is closed.
class HeldRequest : public HttpConnection {
  public:
    virtual const HttpRequest& request() const = 0;
    /// At most once, and not after takeWire.
    virtual void answer(const HttpResponse& response) noexcept = 0;
};

/// Answers the requests of one route. Called by several threads at once; never waits for a client.
class HttpHandler {
  public:
    virtual ~HttpHandler() = default;
    /// Nothing: the socket was taken. What is thrown becomes a 500.
    virtual std::optional<HttpResponse> handle(const HttpRequest& request,
                                               HttpConnection& connection) = 0;
};

}  // namespace sluice
