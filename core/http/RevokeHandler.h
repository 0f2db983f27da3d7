#pragma once

#include <chrono>
#include <functional>

#include "auth/Revocations.h"
#include "base/Clock.h"
#include "delivery/Admission.h"
#include "http/HttpHandler.h"

namespace sluice {

/// Serves `POST /revoke` of the admin listener: `{"subject": "ann"}` or `{"token": ID}` (a `jti`),
/// with `"until": SECONDS` (since 1970) where the revocation may be forgotten then. Closes their
/// streams at once and refuses their tokens, of a subject those that were issued before. Answers
/// `{"revoked": N}`, how many revocations are kept.
class RevokeHandler final : public HttpHandler {
  public:
    /// DeliveryPool's: ends the streams that it concerns.
    using Dismiss = std::function<void(const Dismissal&)>;

    /// Borrows all. `revocations`: null without auth.
    RevokeHandler(Revocations* revocations, Dismiss dismiss, const Clock& clock,
                  std::chrono::milliseconds leeway = std::chrono::milliseconds{0});

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    // constant after construction
    Revocations* const revocations_;
    const Dismiss dismiss_;
    const Clock& clock_;
    const std::chrono::milliseconds leeway_;
};

}  // namespace sluice
