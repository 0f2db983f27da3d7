#pragma once

#include <string_view>

#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {

/// Whether both are equal, in a time that depends on their lengths only.
bool equalInConstantTime(std::string_view left, std::string_view right);

/// Whether the request carries `Authorization: Bearer KEY` (RFC 6750 section 2.1) with this key.
/// REQUIRES: the key is not empty.
bool isBearer(const HttpRequest& request, std::string_view key);

/// 401 with `WWW-Authenticate: Bearer`.
HttpResponse unauthorized();

}  // namespace sluice
