#include "http/Authorization.h"

namespace sluice {

std::optional<std::string_view> bearerOf(const HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = request.header("authorization").value_or("");
    if (!equalIgnoringCase(given.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    return given.substr(kScheme.size());
}

HttpResponse unauthorized() {
    return errorResponse(401, {"unauthorized", "authorization", "the key is missing or wrong",
                               "send the header Authorization: Bearer KEY"})
        .with("WWW-Authenticate", "Bearer");
}

}  // namespace sluice
