#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/Digest.h"
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

/// Serves `GET /stats` as cyclone-sse does: `[["channel", readers], ...]`, by name. It wants one of
/// the keys, as `key` in the query or as `Authorization: Bearer`; there everybody could ask.
class CycloneStats final : public HttpHandler {
  public:
    /// Readers by channel or pattern, as they asked for it; nothing: not now.
    using Counts = std::map<std::string, std::uint64_t, std::less<>>;
    using Count = std::function<std::optional<Counts>()>;
    /// Of the keys, those that are empty are none.
    CycloneStats(const std::vector<std::string>& keys, Count count);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    bool isKey(std::string_view text) const;

    std::vector<Digest> keys_;
    const Count count_;
};

/// The pattern for a name with Redis' `*`: at the end it takes the rest, elsewhere a part of a
/// level. Other names stand for themselves. Pure.
std::string patternOfGlob(std::string_view name);
/// The name with `*` for a pattern of ours. Pure.
std::string globOfPattern(std::string_view pattern);

}  // namespace sluice
