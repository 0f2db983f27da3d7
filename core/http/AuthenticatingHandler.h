#pragma once

#include "http/Access.h"
#include "http/CallerHandler.h"
#include "http/Cors.h"
#include "http/Guesses.h"
#include "http/Tasks.h"

namespace sluice {

/// Finds out who sends a request before another handler serves it. What has to wait for the
/// application or for keys waits in a thread of its own, not in one that serves.
class AuthenticatingHandler final : public HttpHandler {
  public:
    /// What waits, waits here. Its answers pass no router: what that does to answers is done here.
    struct Waiting {
        Tasks& application;
        Tasks& keys;
        const Cors* cors = nullptr;        // null: none
        const Guesses* guesses = nullptr;  // null: nobody is slowed down
    };
    /// Borrows all. `access`: null without auth, then nothing waits.
    AuthenticatingHandler(CallerHandler& next, Access* access, Waiting waiting);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    std::optional<HttpResponse> serve(Verdict verdict, const HttpRequest& request,
                                      HttpConnection& connection);
    std::optional<HttpResponse> wait(Access::Question question, const HttpRequest& request,
                                     HttpConnection& connection);
    void answer(HeldRequest& held, HttpResponse response) const noexcept;
    void serveLater(const Access::Question& question, HeldRequest& held) noexcept;

    // constant after construction
    CallerHandler& next_;
    Access* const access_;
    const Waiting waiting_;
};

}  // namespace sluice
