#include "http/PageHandlers.h"

#include <utility>

namespace sluice {

PageHandler::PageHandler(std::string contentType, std::function<std::string()> make)
    : contentType_{std::move(contentType)}, make_{std::move(make)} {}

std::optional<HttpResponse> PageHandler::handle(const HttpRequest&, HttpConnection&) {
    HttpResponse response;
    response.with("Content-Type", contentType_).with("Cache-Control", "no-store");
    response.body = make_();
    return response;
}

std::optional<HttpResponse> HealthHandler::handle(const HttpRequest&, HttpConnection&) {
    return textResponse("ok\n");
}

ReadyHandler::ReadyHandler(WhatIsMissing whatIsMissing, WhatFails whatFails)
    : whatIsMissing_{std::move(whatIsMissing)}, whatFails_{std::move(whatFails)} {}

std::optional<HttpResponse> ReadyHandler::handle(const HttpRequest&, HttpConnection&) {
    const std::string missing = whatIsMissing_();
    if (!missing.empty()) return errorResponse(503, {"not-ready", "", missing, ""});
    const std::string failing = whatFails_();
    return textResponse(failing.empty() ? "ready\n" : "ready, but " + failing + "\n");
}

}  // namespace sluice
