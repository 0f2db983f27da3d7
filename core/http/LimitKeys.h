#pragma once

#include <string_view>
#include <vector>

#include "http/ClientLimits.h"
#include "http/HttpRequest.h"

namespace sluice {

/// Whom a request counts for: its address, and its subject where it has one.
std::vector<LimitKey> limitKeysOf(const HttpRequest& request, std::string_view subject);

}  // namespace sluice
