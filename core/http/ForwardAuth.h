#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "auth/Authenticator.h"
#include "http/HttpClient.h"
#include "http/HttpRequest.h"

namespace sluice {

/// Asks the application who sent a request: GET with its `Cookie`, `Authorization` and `Origin`,
/// `X-Forwarded-For`, `X-Forwarded-Method` and `X-Forwarded-Uri` (the path alone, for the query may
/// hold a token). 200 with claims as a JSON object, 401 or 403 are answers and remembered for
/// `cache`; everything else is none. Any thread may call.
class ForwardAuth final {
  public:
    static constexpr std::size_t kAnswersMax = 10'000;     // that are remembered
    static constexpr std::int64_t kLastMaxMs = 3'600'000;  // how old one may be for Down::Last

    /// Borrows both.
    ForwardAuth(const ForwardOptions& options, const Revocations& revocations, const Clock& clock);

    /// What is remembered and still counts; nothing: `ask`.
    std::optional<Verdict> remembered(const HttpRequest& request);
    /// Waits for the application.
    Verdict ask(const HttpRequest& request);

  private:
    struct Answer {
        std::string claims;  // empty: no
        std::int64_t atMs = 0;
        std::list<Digest>::iterator age;
    };
    Digest keyOf(const HttpRequest& request) const;
    Verdict verdictOf(const std::string& claims) const;
    void remember(const Digest& key, const std::string& claims);
    Verdict whileDown(const Digest& key, const std::string& reason);

    // constant after construction
    const ForwardOptions options_;
    const Revocations& revocations_;
    const Clock& clock_;

    std::mutex mutex_;
    // guarded by mutex_
    std::map<Digest, Answer> answers_;
    std::list<Digest> ages_;  // oldest first
    bool isDown_ = false;
};

}  // namespace sluice
