#pragma once

#include "http/HttpHandler.h"
#include "node/Reloader.h"

namespace sluice {

/// Serves `POST /reload` of the admin listener. Answers when the reload is done: 200 with
/// `{"changed": bool, "changes": {...}, "problems": [warnings]}`, 422 with
/// `{"error": {...}, "problems": [...]}` where the file is invalid, 409 where there is none, 503
/// while the node ends.
///
/// A page of another origin may not: browsers would let it send this request without asking.
class ReloadHandler final : public HttpHandler {
  public:
    /// Borrows the reloader.
    explicit ReloadHandler(Reloader& reloader) : reloader_{reloader} {}

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    Reloader& reloader_;
};

/// What is answered.
HttpResponse responseOf(const ReloadAnswer& answer);

}  // namespace sluice
