#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

#include "auth/Algorithm.h"
#include "base/Json.h"

namespace sluice {

/// One key that signatures are checked with: a secret, or a public key that OpenSSL holds.
/// Immutable; any thread may call; copies share the key.
class Key final {
  public:
    static constexpr std::size_t kIdBytesMax = 256;
    static constexpr int kRsaBitsMin = 2'048;
    static constexpr int kRsaBitsMax = 8'192;  // what a signature may cost

    /// REQUIRES: not empty.
    static Key ofSecret(std::string secret);
    /// Public keys and certificates of a PEM text, in its order. Empty, and `error` says why, where
    /// there is none or one of them cannot be used.
    static std::vector<Key> ofPem(std::string_view pem, std::string& error);
    /// A JWK (RFC 7517, 7518, 8037). Nothing, and `error` says why, where it is none that can check
    /// signatures.
    static std::optional<Key> ofJwk(const Json& jwk, std::string& error);

    /// `kid`; empty where the key has none.
    const std::string& id() const { return id_; }
    /// Whether a signature of this algorithm could be of this key: by its type, its curve, the
    /// length of a secret and, where a JWK says one, its `alg`.
    bool fits(Algorithm algorithm) const;
    /// Of `signature` over `text`. REQUIRES: fits(algorithm).
    bool verifies(Algorithm algorithm, std::string_view text, std::string_view signature) const;

  private:
    Key() = default;
    static std::optional<Key> ofPkey(EVP_PKEY* owned, std::string& error);
    bool hasCurve(const char* name) const;

    std::string id_;
    std::optional<Algorithm> only_;  // `alg` of its JWK
    std::string secret_;             // where pkey_ is null
    std::shared_ptr<EVP_PKEY> pkey_;
};

}  // namespace sluice
