#pragma once

#include <functional>
#include <string>

#include "http/HttpHandler.h"

namespace sluice {

/// Serves a page that is made anew for each request: /metrics, /inputs, /channels.
class PageHandler final : public HttpHandler {
  public:
    /// `make` is called by several threads at once; what it throws becomes a 500.
    PageHandler(std::string contentType, std::function<std::string()> make);
    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    const std::string contentType_;
    const std::function<std::string()> make_;
};

inline constexpr const char* kJsonPage = "application/json";
/// Prometheus' text format.
inline constexpr const char* kMetricsPage = "text/plain; version=0.0.4; charset=utf-8";

/// Serves /healthz: 200 while the program runs.
class HealthHandler final : public HttpHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;
};

/// Serves /readyz: 200, perhaps with what fails, or 503 with what is missing.
class ReadyHandler final : public HttpHandler {
  public:
    /// Empty: ready; else what is missing. Called by several threads at once.
    using WhatIsMissing = std::function<std::string()>;
    /// Empty: nothing; else what a ready node cannot do. Called likewise.
    using WhatFails = std::function<std::string()>;
    ReadyHandler(WhatIsMissing whatIsMissing, WhatFails whatFails);
    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    const WhatIsMissing whatIsMissing_;
    const WhatFails whatFails_;
};

}  // namespace sluice
