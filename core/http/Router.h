#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/Digest.h"
#include "http/Cors.h"
#include "http/Guesses.h"
#include "http/HttpHandler.h"

namespace sluice {

/// The routing table of one listener: method and path to handler. Filled before it serves, then
/// immutable; any thread may route. Borrows the handlers and the CORS policy.
class Router final {
  public:
    /// Keys that requests must carry as `Authorization: Bearer`; both empty: none.
    struct Keys {
        std::string read;     // enough for GET, and for what was added for looking
        std::string operate;  // for everything
        bool isEmpty() const { return read.empty() && operate.empty(); }
    };
    /// `cors`: null for none.
    explicit Router(const Cors* cors) : Router{cors, Keys{}} {}
    Router(const Cors* cors, const Keys& keys);

    /// Who sends wrong keys (401) is answered late, and then not at all. Borrowed.
    void slowDownGuesses(const Guesses& guesses) { guesses_ = &guesses; }
    /// Answers only where `Host` has one of these names, an address, or a name that no page of the
    /// internet can have (without a dot, or below .localhost): else a page could have its own name
    /// point here and read what only this machine should (DNS rebinding).
    void serveOnly(std::vector<std::string> hosts) { hosts_ = std::move(hosts); }
    /// Requests that came without TLS are sent to https at this port instead, but those for the
    /// health of the node. 0: they are served.
    void redirectToHttps(std::uint16_t port) { httpsPort_ = port; }

    /// `path` is matched as it stands; one that ends in '/' followed by `*` takes whatever follows
    /// (also nothing). GET serves HEAD too. The most specific path wins.
    void add(std::string_view method, std::string_view path, HttpHandler& handler);
    /// The same of a path that tells nothing, so that it is served without a key.
    void addOpen(std::string_view method, std::string_view path, HttpHandler& handler);
    /// The same of a path that changes nothing, whatever its method.
    void addForLooking(std::string_view method, std::string_view path, HttpHandler& handler);

    /// Nothing: a handler took the socket. 404 and 405 with Allow; OPTIONS is answered here.
    std::optional<HttpResponse> route(const HttpRequest& request, HttpConnection& connection) const;

  private:
    struct Route {
        std::string method;
        std::string path;
        bool takesRest = false, isOpen = false, isForLooking = false;
        HttpHandler* handler = nullptr;
        bool matches(std::string_view subject) const;
        bool hasPathOf(const Route& other) const {
            return path == other.path && takesRest == other.takesRest;
        }
    };
    void add(Route route);
    std::optional<HttpResponse> routed(const HttpRequest& request,
                                       HttpConnection& connection) const;
    bool isServed(const HttpRequest& request) const;
    HttpResponse redirect(const HttpRequest& request) const;
    std::optional<HttpResponse> refusal(const HttpRequest& request, const Route& route) const;
    HttpResponse options(const HttpRequest& request, const std::string& allow) const;
    const Route* mostSpecific(std::string_view path) const;
    std::string allowed(const Route& route) const;

    const Cors* cors_;
    bool asksForKeys_ = false;
    std::optional<Digest> readKey_, operatorKey_;
    const Guesses* guesses_ = nullptr;               // null: nobody is slowed down
    std::optional<std::vector<std::string>> hosts_;  // nothing: every name is served
    std::uint16_t httpsPort_ = 0;
    std::vector<Route> routes_;  // whole paths first, then longer ones
};

}  // namespace sluice
