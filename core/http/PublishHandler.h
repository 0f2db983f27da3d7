#pragma once

#include <string>
#include <vector>

#include "base/Pattern.h"
#include "http/ClientLimits.h"
#include "http/HttpHandler.h"
#include "http/PublishBody.h"
#include "http/Publisher.h"

namespace sluice {

/// The settings key `publish`.
struct PublishOptions {
    std::string key;                    // empty: nobody may publish
    std::vector<std::string> channels;  // patterns that may be published to; empty: all
    PublishLimits limits;
};

/// Serves `POST /publish`: checks the key, reads the body (PublishBody.h) whole before anything is
/// published, and answers `{"accepted": N, "id": "..."}`.
class PublishHandler final : public HttpHandler {
  public:
    /// Borrows the limits and the publisher. Throws std::invalid_argument where a pattern is none.
    PublishHandler(const PublishOptions& options, ClientLimits& clients, Publisher& publisher);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    bool mayPublishTo(std::string_view channel) const;
    HttpResponse publish(const std::vector<PublishedEvent>& events);

    // constant after construction
    const std::string key_;
    const PublishLimits limits_;
    std::vector<Pattern> allowed_;
    ClientLimits& clients_;
    Publisher& publisher_;
};

}  // namespace sluice
