#include "http/Front.h"

#include <exception>
#include <limits>
#include <optional>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Timespan.h>

#include "base/Log.h"
#include "http/PocoSeam.h"

namespace sluice {
namespace {

PreSocketImpl& preSocketOf(Poco::Net::HTTPServerRequest& request) {
    return dynamic_cast<PreSocketImpl&>(
        *static_cast<Poco::Net::HTTPServerRequestImpl&>(request).socket().impl());
}

class PocoConnection final : public HttpConnection {
  public:
    explicit PocoConnection(PreSocketImpl& socket) : socket_{socket} {}
    std::unique_ptr<Wire> takeWire() noexcept override { return socket_.takeWire(); }
    std::unique_ptr<HeldRequest> defer(const HttpRequest& request) override {
        return socket_.defer(request);
    }

  private:
    PreSocketImpl& socket_;
};

/// Routes one request. Whatever a handler throws is an answer, never the end of a thread.
class RoutingHandler final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit RoutingHandler(const Router& router) : router_{router} {}

    void handleRequest(Poco::Net::HTTPServerRequest& pocoRequest,
                       Poco::Net::HTTPServerResponse&) override {
        PreSocketImpl& socket = preSocketOf(pocoRequest);
        const HttpRequest& request = socket.request();
        PocoConnection connection{socket};
        const std::optional<HttpResponse> response = route(request, connection);
        if (!response) return;  // a stream took the socket, or the answer comes later
        const ResponseStyle style{.isHttp10 = request.isHttp10(),
                                  .keepAlive = request.keepAlive(),
                                  .isHead = request.method() == "HEAD"};
        socket.answer(composeResponse(*response, style), style.keepAlive, response->hold);
    }

  private:
    std::optional<HttpResponse> route(const HttpRequest& request, HttpConnection& connection) {
        try {
            return router_.route(request, connection);
        } catch (const std::exception& error) {
            log::limited(log::Level::Error, "http", "handler-failed",
                         "a handler failed: " + std::string{error.what()});
            return errorResponse(500, {"internal", "", "the request could not be served", ""});
        }
    }

    const Router& router_;
};

class RoutingFactory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit RoutingFactory(const Router& router) : router_{router} {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new RoutingHandler{router_};
    }

  private:
    const Router& router_;
};

Poco::Net::HTTPServerParams* serverParams(int threads) {
    auto* params = new Poco::Net::HTTPServerParams;  // the server releases it
    params->setKeepAlive(false);  // the gate keeps connections, not POCO's threads
    params->setMaxThreads(threads);
    // The gate bounds connections; POCO would drop them in silence.
    params->setMaxQueued(std::numeric_limits<int>::max());
    // A thread that begins to wait while the server stops is not woken: it waits for so long.
    params->setThreadIdleTime(Poco::Timespan{0, 250'000});
    return params;
}

}  // namespace

Front::Front(const FrontOptions& options, const Router& router, ClientLimits& limits,
             const Clock& clock)
    : gate_{options.listen, options.gate, limits, clock},
      threads_{options.name, options.threads, options.threads},
      server_{new RoutingFactory{router}, threads_, GateSocket{gate_},
              serverParams(options.threads)} {}

Front::~Front() {
    stop();
}

void Front::start() {
    gate_.start();
    server_.start();
    isRunning_ = true;
}

void Front::stopAccepting() noexcept {
    gate_.stopAccepting();
}

void Front::stop() noexcept {
    if (!isRunning_) return;
    isRunning_ = false;
    gate_.stopAccepting();
    server_.stop();
    threads_.joinAll();
    gate_.stop();
}

}  // namespace sluice
