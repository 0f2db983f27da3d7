#pragma once

#include <optional>
#include <string_view>

#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {

/// What the request carries as `Authorization: Bearer` (RFC 6750 section 2.1).
std::optional<std::string_view> bearerOf(const HttpRequest& request);

/// 401 with `WWW-Authenticate: Bearer`.
HttpResponse unauthorized();

}  // namespace sluice
