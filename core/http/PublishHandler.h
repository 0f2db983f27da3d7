#pragma once

#include <memory>
#include <mutex>
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

    /// Puts other keys and patterns in force, for requests from now on; the rate of a key that
    /// stays goes on. The limits stay. Throws as the constructor, and then nothing has changed.
    void reload(const PublishOptions& options);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    struct Key {
        Digest digest;
        std::vector<Pattern> channels;  // empty: all
        std::uint32_t eventsPerSecond = 0;
        std::shared_ptr<EventRate> rate;  // of this key, over all reloads; null: no bound
    };
    /// Who may publish what. Immutable.
    struct Licensing {
        bool isOn = false;
        std::vector<Key> keys;
        std::vector<Pattern> byClaims;
    };
    /// What one request may do. Lives no longer than its licensing.
    struct Licence {
        const Key* key = nullptr;         // null: by claims
        std::vector<Pattern> channels{};  // of the claims
        std::string subject{};            // whose they are
    };
    using LicensingPtr = std::shared_ptr<const Licensing>;
    LicensingPtr licensing() const;
    LicensingPtr make(const PublishOptions& options, const Licensing& before) const;
    std::optional<Licence> licenceOf(const HttpRequest& request, const Licensing& rules) const;
    static std::optional<Licence> licenceOf(const Claims& claims);
    static bool allows(const Licence& licence, const Licensing& rules, std::string_view channel);
    bool mayPublish(const HttpRequest& request, const Licence& licence, std::size_t events) const;
    HttpResponse publish(const std::vector<PublishedEvent>& events);

    // constant after construction
    const PublishLimits limits_;
    Access* const access_;
    ClientLimits& clients_;
    Publisher& publisher_;
    const Clock& clock_;

    mutable std::mutex mutex_;
    LicensingPtr licensing_;  // guarded by mutex_; shared with requests that go on
};

}  // namespace sluice
