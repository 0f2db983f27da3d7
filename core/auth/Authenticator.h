#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "auth/Issuers.h"
#include "auth/Refusal.h"
#include "auth/Revocations.h"
#include "auth/StaticTokens.h"
#include "base/Clock.h"

namespace sluice {

/// Finds out who a token is of: a static token, or a JWT of one of the issuers. Any thread may
/// call.
class Authenticator final {
  public:
    /// As Issuers, which begin with the keys of `before` (null: with none); borrows revocations and
    /// clock.
    Authenticator(const AuthOptions& options, const Issuers::Fetch& fetch,
                  const Revocations& revocations, const Clock& clock,
                  const Authenticator* before = nullptr);
    ~Authenticator();
    /// Begins to read keys in the background.
    void start() { refresh_.start(); }
    /// A read that is under way is waited for. May be called twice.
    void stop() noexcept { refresh_.stop(); }

    /// At once, with the keys that are there. REQUIRES: not empty.
    Verdict judge(std::string_view token) const;
    /// The number of a read of keys that may make another verdict of this one, for `judgeAfter`;
    /// nothing where the verdict is the last word.
    std::optional<std::uint64_t> askForKeys(const Verdict& verdict);
    /// Waits for that read, at most kReadMax, then judges.
    Verdict judgeAfter(const Verdict& verdict, std::uint64_t read, std::string_view token);
    static constexpr std::chrono::milliseconds kReadMax{5'000};

  private:
    // constant after construction
    const StaticTokens tokens_;
    Issuers issuers_;
    KeyRefresh refresh_;
    const Revocations& revocations_;
    const Clock& clock_;
};

/// Of claims that were found out in any way, with the checks that hold for all. `name` is the
/// subject where they have no `sub`. Null claims are malformed.
Verdict judgeClaims(ClaimsPtr claims, std::string_view name, const Revocations& revocations,
                    std::int64_t nowMs);

}  // namespace sluice
