#include "http/Router.h"

#include <algorithm>

#include "http/Authorization.h"

namespace sluice {
namespace {

bool methodServes(std::string_view routed, std::string_view asked) {
    return routed == asked || (routed == "GET" && asked == "HEAD");
}

}  // namespace

bool Router::Route::matches(std::string_view subject) const {
    return takesRest ? subject.substr(0, path.size()) == path : subject == path;
}

void Router::add(std::string_view method, std::string_view path, HttpHandler& handler) {
    add({std::string{method}, std::string{path}, false, false, &handler});
}

void Router::addOpen(std::string_view method, std::string_view path, HttpHandler& handler) {
    add({std::string{method}, std::string{path}, false, true, &handler});
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
    std::optional<HttpResponse> response = routed(request, connection);
    if (response && cors_ != nullptr)
        for (auto& [name, value] : cors_->fields(request))
            response->with(std::move(name), std::move(value));
    return response;
}

std::optional<HttpResponse> Router::routed(const HttpRequest& request,
                                           HttpConnection& connection) const {
    const Route* best = mostSpecific(request.path());
    if (request.path() == "*") return options(request, "GET, HEAD, POST, PATCH, OPTIONS");
    if (best == nullptr)
        return errorResponse(404, {"not-found", "path", "there is nothing at this path",
                                   "streams are at /events/CHANNEL and /events?channels=A,B"});
    if (request.method() == "OPTIONS") return options(request, allowed(*best));
    if (!key_.empty() && !best->isOpen && !isBearer(request, key_)) return unauthorized();
    for (const Route& route : routes_)
        if (route.hasPathOf(*best) && methodServes(route.method, request.method()))
            return route.handler->handle(request, connection);
    const std::string allow = allowed(*best);
    return errorResponse(405, {"method-not-allowed", "method",
                               "this path does not take this method", "it takes " + allow})
        .with("Allow", allow);
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
