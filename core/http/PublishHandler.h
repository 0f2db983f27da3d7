#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/Digest.h"
#include "base/Clock.h"
#include "base/Pattern.h"
#include "http/Access.h"
#include "http/ClientLimits.h"
#include "http/EventRate.h"
#include "http/HttpHandler.h"
#include "http/PublishOptions.h"
#include "http/Publisher.h"

namespace sluice {

/// Serves `POST /publish`: finds out by `Authorization: Bearer` what may be published, reads the
/// body (PublishBody.h) whole before anything is published, and answers
/// `{"accepted": N, "id": "..."}`. Cookies and the query count for nothing: a page of another
/// origin must not publish for whoever looks at it.
class PublishHandler final : public HttpHandler {
  public:
    /// Borrows the limits, the publisher, the clock and `access` (may be null: then keys alone
    /// count). Throws std::invalid_argument where a pattern is none.
    PublishHandler(const PublishOptions& options, Access* access, ClientLimits& clients,
                   Publisher& publisher, const Clock& clock);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    struct Key {
        Digest digest;
        std::vector<Pattern> channels;  // empty: all
        std::unique_ptr<EventRate> rate;
    };
    /// What one request may do.
    struct Licence {
        const Key* key = nullptr;         // null: by claims
        std::vector<Pattern> channels{};  // of the claims
        std::string subject{};            // whose they are
    };
    std::optional<Licence> licenceOf(const HttpRequest& request) const;
    std::optional<Licence> licenceOf(const Claims& claims) const;
    bool allows(const Licence& licence, std::string_view channel) const;
    bool mayPublish(const HttpRequest& request, const Licence& licence, std::size_t events) const;
    HttpResponse publish(const std::vector<PublishedEvent>& events);

    // constant after construction
    const PublishLimits limits_;
    const bool isOn_;
    std::vector<Key> keys_;
    std::vector<Pattern> byClaims_;
    Access* const access_;
    ClientLimits& clients_;
    Publisher& publisher_;
};

}  // namespace sluice
