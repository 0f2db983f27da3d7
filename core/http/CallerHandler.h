#pragma once

#include <optional>

#include "http/Caller.h"
#include "http/HttpHandler.h"

namespace sluice {

/// Answers requests of somebody who is known: behind an AuthenticatingHandler. As HttpHandler
/// otherwise.
class CallerHandler {
  public:
    virtual ~CallerHandler() = default;
    virtual std::optional<HttpResponse> handle(const HttpRequest& request, const Caller& caller,
                                               HttpConnection& connection) = 0;
};

}  // namespace sluice
