#pragma once

#include <string>
#include <string_view>

#include "http/HttpHandler.h"

namespace sluice {

/// Serves `GET /?channels=a&channels=b` as cyclone-sse does, and `?channels=a,b` as tornado-sse:
/// the request is handed to streams of ours, so that limits and permissions are those of `/events`.
/// `*` in a channel's name is a pattern, as Redis has it.
class CycloneStreams final : public HttpHandler {
  public:
    /// Borrows all. `streams` and `answers` serve `/events`; the latter, up to the first event, is
    /// for scripts (`X-Requested-With: XMLHttpRequest`). `pages` serves `/` where no channel is
    /// named; may be null.
    CycloneStreams(HttpHandler& streams, HttpHandler& answers, HttpHandler* pages)
        : streams_{streams}, answers_{answers}, pages_{pages} {}

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    HttpHandler& streams_;
    HttpHandler& answers_;
    HttpHandler* pages_;
};

/// Serves `POST /publish` as cyclone-sse does: a form, or a query, with `key`, `channel` (may be
/// repeated) and `message`; the answer is `{"status": "ok"}`, 401 for a wrong key and 400 for what
/// is missing. All else is handed on as it is.
class CyclonePublish final : public HttpHandler {
  public:
    /// Borrows the handler of `/publish`, which decides.
    explicit CyclonePublish(HttpHandler& publish) : publish_{publish} {}

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    HttpHandler& publish_;
};

/// The pattern for a name with Redis' `*`: at the end it takes the rest, elsewhere a part of a
/// level. Other names stand for themselves. Pure.
std::string patternOfGlob(std::string_view name);

}  // namespace sluice
