#include "http/Router.h"

#include <algorithm>

#include "http/Authorization.h"
#include "net/IpAddress.h"

namespace sluice {
namespace {

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::string_view kHostCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";

/// The field Host without its port.
std::string_view hostOf(const HttpRequest& request) {
    const std::string_view host = request.header("host").value_or("");
    const std::size_t end = host.starts_with('[') ? host.find(']') : host.find(':');
    if (end == std::string_view::npos) return host;
    return host.substr(0, end + (host[end] == ']' ? 1 : 0));
}

bool endsWithIgnoringCase(std::string_view text, std::string_view end) {
    return text.size() >= end.size() &&
           equalIgnoringCase(text.substr(text.size() - end.size()), end);
}

HttpResponse misdirected() {
    return errorResponse(421, {"host", "host", "this node does not answer to this name",
                               "add it to `hosts` in the configuration"});
}

bool methodServes(std::string_view routed, std::string_view asked) {
    return routed == asked || (routed == "GET" && asked == "HEAD");
}

}  // namespace

Router::Router(const Cors* cors, const Keys& keys) : cors_{cors}, asksForKeys_{!keys.isEmpty()} {
    if (!keys.read.empty()) readKey_ = digestOf(keys.read);
    if (!keys.operate.empty()) operatorKey_ = digestOf(keys.operate);
}

bool Router::Route::matches(std::string_view subject) const {
    return takesRest ? subject.substr(0, path.size()) == path : subject == path;
}

void Router::add(std::string_view method, std::string_view path, HttpHandler& handler) {
    add({std::string{method}, std::string{path}, false, false, method == "GET", &handler});
}

void Router::addOpen(std::string_view method, std::string_view path, HttpHandler& handler) {
    add({std::string{method}, std::string{path}, false, true, true, &handler});
}

void Router::addForLooking(std::string_view method, std::string_view path, HttpHandler& handler) {
    add({std::string{method}, std::string{path}, false, false, true, &handler});
}

void Router::add(Route route) {
    route.takesRest = route.path.ends_with("/*");
    if (route.takesRest) route.path.pop_back();
    routes_.push_back(std::move(route));
    std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
        if (a.takesRest != b.takesRest) return b.takesRest;
        return a.path.size() > b.path.size();
    });
}

std::optional<HttpResponse> Router::route(const HttpRequest& request,
                                          HttpConnection& connection) const {
    std::optional<HttpResponse> response;
    if (guesses_ != nullptr) response = guesses_->refusal(request);
    if (!response) response = routed(request, connection);
    if (response && guesses_ != nullptr) guesses_->count(request, *response);
    if (response && cors_ != nullptr)
        for (auto& [name, value] : cors_->fields(request))
            response->with(std::move(name), std::move(value));
    return response;
}

std::optional<HttpResponse> Router::routed(const HttpRequest& request,
                                           HttpConnection& connection) const {
    if (!isServed(request)) return misdirected();
    const Route* best = mostSpecific(request.path());
    const bool isHealth = request.path() == "/healthz" || request.path() == "/readyz";
    if (httpsPort_ != 0 && !request.isSecure() && !isHealth) return redirect(request);
    if (request.path() == "*") return options(request, "GET, HEAD, POST, PATCH, OPTIONS");
    if (best == nullptr)
        return errorResponse(404, {"not-found", "path", "there is nothing at this path",
                                   "streams are at /events/CHANNEL and /events?channels=A,B"});
    if (request.method() == "OPTIONS") return options(request, allowed(*best));
    if (auto refused = refusal(request, *best)) return refused;
    for (const Route& route : routes_)
        if (route.hasPathOf(*best) && methodServes(route.method, request.method()))
            return route.handler->handle(request, connection);
    const std::string allow = allowed(*best);
    return errorResponse(405, {"method-not-allowed", "method",
                               "this path does not take this method", "it takes " + allow})
        .with("Allow", allow);
}

bool Router::isServed(const HttpRequest& request) const {
    const std::string_view host = hostOf(request);
    if (!hosts_ || host.starts_with('[') || host.find('.') == std::string_view::npos) return true;
    if (IpAddress::parse(host) || endsWithIgnoringCase(host, ".localhost")) return true;
    return std::any_of(hosts_->begin(), hosts_->end(),
                       [&](const std::string& name) { return equalIgnoringCase(name, host); });
}

/// To the name that the browser used, so that its certificate fits.
HttpResponse Router::redirect(const HttpRequest& request) const {
    const std::string_view host = hostOf(request);
    const bool isName = !host.empty() && host.find_first_not_of(kHostCharacters) == host.npos;
    if (!isName)
        return errorResponse(400, {"host", "host", "this is no name to send the browser to", ""});
    std::string url = "https://" + std::string{host};
    if (httpsPort_ != kHttpsPort) url += ":" + std::to_string(httpsPort_);
    url += request.path();
    if (!request.query().empty()) url.append("?").append(request.query());
    HttpResponse response;
    response.status = 308;  // as 301, but the method stays
    return response.with("Location", std::move(url)).with("Cache-Control", "no-store");
}

std::optional<HttpResponse> Router::refusal(const HttpRequest& request, const Route& route) const {
    if (!asksForKeys_ || route.isOpen) return std::nullopt;
    const Digest given = digestOf(bearerOf(request).value_or(""));
    const bool operates = operatorKey_ && areEqual(*operatorKey_, given);
    const bool reads = readKey_ && areEqual(*readKey_, given);
    if (operates) return std::nullopt;
    if (!reads) return unauthorized();
    const bool looks = std::any_of(routes_.begin(), routes_.end(), [&](const Route& one) {
        return one.isForLooking && one.hasPathOf(route) &&
               methodServes(one.method, request.method());
    });
    if (looks) return std::nullopt;
    return errorResponse(403, {"operator-only", "authorization", "the read key may only look",
                               "send admin.operator_key"});
}

HttpResponse Router::options(const HttpRequest& request, const std::string& allow) const {
    HttpResponse response;
    response.status = 204;
    response.hasBody = false;
    response.with("Allow", allow);
    if (cors_ != nullptr)
        for (auto& [name, value] : cors_->preflightFields(request))
            response.with(std::move(name), std::move(value));
    return response;
}

const Router::Route* Router::mostSpecific(std::string_view path) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(),
                                    [&](const Route& route) { return route.matches(path); });
    return found == routes_.end() ? nullptr : &*found;
}

std::string Router::allowed(const Route& route) const {
    std::string allow;
    for (const Route& other : routes_)
        if (other.hasPathOf(route))
            allow += other.method == "GET" ? "GET, HEAD, " : other.method + ", ";
    return allow + "OPTIONS";
}

}  // namespace sluice
