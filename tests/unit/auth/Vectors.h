#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "auth/Authenticator.h"
#include "base/Json.h"
#include "support/ManualClock.h"

namespace sluice::test {

/// Tokens that PyJWT and jose made, and the keys that check them: vectors/make.py.
inline const Json& vectors() {
    static const Json json = [] {
        std::ifstream file{SLUICE_JWT_VECTORS};
        std::ostringstream text;
        text << file.rdbuf();
        return Json::parse(text.str()).value();
    }();
    return json;
}

/// What the tokens of the vectors are for, without a key.
inline IssuerOptions issuer() {
    IssuerOptions options;
    options.issuer = vectors().textAt("issuer");
    options.audiences = {std::string{vectors().textAt("audience")}};
    return options;
}

inline IssuerOptions issuerWithSecret() {
    IssuerOptions options = issuer();
    options.secret = vectors().textAt("secret");
    options.algorithms = {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512};
    return options;
}

inline IssuerOptions issuerWithJwks() {
    IssuerOptions options = issuer();
    options.jwks = "http://id.example/jwks.json";
    return options;
}

/// One whose keys were read.
class Judge {
  public:
    explicit Judge(std::vector<IssuerOptions> issuers)
        : issuers_{issuers, std::chrono::milliseconds{30'000},
                   [](const std::string&) { return std::string{vectors().textAt("jwks")}; }} {
        for (KeySource* const source : issuers_.sourcesToRead()) source->refresh();
    }
    Verdict verify(std::string_view token) const { return issuers_.verify(token, kNowMs); }
    std::string_view refusal(std::string_view token) const { return nameOf(verify(token).refusal); }

    static constexpr std::int64_t kNowMs = 1'790'000'000'000;

  private:
    Issuers issuers_;
};

}  // namespace sluice::test
