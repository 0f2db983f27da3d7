#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/AuthOptions.h"
#include "auth/Jwt.h"
#include "auth/KeySource.h"
#include "auth/Refusal.h"

namespace sluice {

/// Whether a token is good, and what it says then.
struct Verdict {
    Refusal refusal = Refusal::NoToken;
    ClaimsPtr claims;                 // of None
    std::string subject;              // of None: `sub`, or the name of a static token
    const KeySource* keys = nullptr;  // of Key and Unavailable: reading it again may help
    bool isOfStranger = false;        // of None: nothing was sent, so there are no claims
    std::uint32_t source = 0;         // of None: what of the configuration says so; 0: nothing
    std::int64_t endsMs = 0;  // of None: until when it holds, by the wall clock; 0: for good
};

/// The issuers of JWTs, each with keys of its own. Immutable but for the keys; any thread may call.
class Issuers final {
  public:
    /// Fetches `http://` and `https://` URLs; throws std::exception.
    using Fetch = std::function<std::string(const std::string& url)>;

    /// Throws std::invalid_argument where a key that is not read in the background cannot be used.
    /// `before`: keys that were read for an issuer of these count until they are read again; null:
    /// none.
    Issuers(const std::vector<IssuerOptions>& issuers, std::chrono::milliseconds leeway,
            const Fetch& fetch, const Issuers* before = nullptr);

    Verdict verify(std::string_view token, std::int64_t nowMs) const;
    /// Those that KeyRefresh has to read.
    std::vector<KeySource*> sourcesToRead() const;
    bool empty() const { return issuers_.empty(); }

  private:
    struct Issuer {
        IssuerOptions options;
        std::unique_ptr<KeySource> keys;
    };
    void takeKeysOf(const Issuers& before);
    const Issuer* issuerOf(const Jwt& jwt) const;
    Refusal judgeSignature(const Issuer& issuer, const Jwt& jwt, Verdict& verdict) const;
    Refusal judgeClaims(const Issuer& issuer, const Claims& claims, std::int64_t nowMs) const;

    const std::int64_t leewayMs_;
    std::vector<Issuer> issuers_;
};

/// The keys of an issuer that stand in the configuration itself, for `check`. Nothing where they
/// are read from elsewhere; `error` says why they cannot be used.
std::optional<KeySet> keysInline(const IssuerOptions& options, std::string& error);

}  // namespace sluice
