#pragma once

#include "http/Access.h"
#include "http/ClientLimits.h"
#include "http/HttpResponse.h"

namespace sluice {

/// Slows down who sends wrong keys and then has none of his looked at for a while, whether it is
/// found out at once or later that they are wrong. Any thread may call.
class Guesses final {
  public:
    /// Borrows both. `access`: null without auth, then no cookie is a key.
    explicit Guesses(ClientLimits& limits, const Access* access = nullptr)
        : limits_{limits}, access_{access} {}

    /// The 429 that is answered before anything is looked at; nothing for most, and for all who
    /// show no key.
    std::optional<HttpResponse> refusal(const HttpRequest& request) const;
    /// Counts an answer that says that a key was wrong, and holds it back where there were many.
    void count(const HttpRequest& request, HttpResponse& response) const;

  private:
    bool showsKey(const HttpRequest& request) const;

    ClientLimits& limits_;
    const Access* const access_;
};

}  // namespace sluice
