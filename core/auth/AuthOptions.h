#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/Algorithm.h"
#include "auth/Digest.h"

namespace sluice {

/// A token that is no JWT: whoever has it is who its claims say.
struct StaticTokenOptions {
    std::string name;
    Digest digest{};            // of the token, which is not kept
    std::string claims = "{}";  // a JSON object
    std::uint32_t source = 0;   // Verdict::source of those that it lets in
    bool operator==(const StaticTokenOptions&) const = default;
};

/// One issuer of JWTs and the keys that it signs with: exactly one of `secret`, `pem`, `pemFile`
/// and `jwks` is there.
struct IssuerOptions {
    std::string issuer;                  // `iss`, as a whole
    std::vector<std::string> audiences;  // one of them has to be in `aud`
    std::vector<Algorithm> algorithms;   // empty: all that its keys can, but none with a secret key
    std::string secret;
    std::string pem;
    std::string pemFile;
    std::string jwks;                                // http:// or https:// URL, or a file
    std::chrono::milliseconds refresh{10 * 60'000};  // of pemFile and jwks
    std::uint32_t source = 0;                        // Verdict::source of those that it lets in
    bool operator==(const IssuerOptions&) const = default;

    bool hasKeysOf(const IssuerOptions& other) const {
        return issuer == other.issuer && secret == other.secret && pem == other.pem &&
               pemFile == other.pemFile && jwks == other.jwks;
    }
    /// Whether a token that is good for the one is good for the other.
    bool takesTokensOf(const IssuerOptions& other) const {
        return hasKeysOf(other) && audiences == other.audiences && algorithms == other.algorithms;
    }
};

/// The application that is asked who somebody is.
struct ForwardOptions {
    /// What counts while it does not answer.
    enum class Down { Refuse, Last };
    std::string url;  // empty: none is asked
    std::chrono::milliseconds timeout{2'000};
    std::size_t concurrency = 16;             // requests to it at once
    std::chrono::milliseconds cache{30'000};  // for so long an answer counts; 0: for one request
    Down down = Down::Refuse;
    std::uint32_t source = 0;  // Verdict::source of those that it lets in
    bool operator==(const ForwardOptions&) const = default;
};

/// The settings key `auth`.
struct AuthOptions {
    bool isOn = false;  // false: everybody may read everything
    std::vector<StaticTokenOptions> tokens;
    std::vector<IssuerOptions> issuers;
    ForwardOptions forward;
    std::chrono::milliseconds leeway{30'000};  // how far clocks may differ
    std::chrono::milliseconds warn{60'000};    // so long before its end a stream is told
    std::string cookie;                        // that has a token; empty: none
    bool operator==(const AuthOptions&) const = default;
};

}  // namespace sluice
