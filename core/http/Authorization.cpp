#include "http/Authorization.h"

#include <string>

namespace sluice {

std::optional<std::string_view> bearerOf(const HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = request.header("authorization").value_or("");
    if (!equalIgnoringCase(given.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    return given.substr(kScheme.size());
}

bool wantsStream(const HttpRequest& request) {
    return request.method() == "GET" && request.headerHas("accept", "text/event-stream");
}

HttpResponse emptyStream(std::chrono::milliseconds retry) {
    HttpResponse response;
    response.with("Content-Type", "text/event-stream").with("Cache-Control", "no-store");
    response.body = "retry: " + std::to_string(retry.count()) + "\n";
    return response;
}

HttpResponse unauthorized() {
    return errorResponse(401, {"unauthorized", "authorization", "the key is missing or wrong",
                               "send the header Authorization: Bearer KEY"})
        .with("WWW-Authenticate", "Bearer");
}

}  // namespace sluice
