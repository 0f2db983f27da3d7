#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {

/// What the request carries as `Authorization: Bearer` (RFC 6750 section 2.1).
std::optional<std::string_view> bearerOf(const HttpRequest& request);

/// Whether a browser's EventSource sent it, which gives up for good at any status but 200.
bool wantsStream(const HttpRequest& request);
/// For what passes by itself: a stream with nothing but when to come back.
HttpResponse emptyStream(std::chrono::milliseconds retry);

/// 401 with `WWW-Authenticate: Bearer`.
HttpResponse unauthorized();

}  // namespace sluice
