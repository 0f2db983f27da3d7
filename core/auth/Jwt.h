#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/Algorithm.h"
#include "auth/Claims.h"

namespace sluice {

/// A JWT as it came (RFC 7519, JWS compact serialization), taken apart; nothing of it is believed
/// yet. Views point into the token.
struct Jwt {
    static constexpr std::size_t kBytesMax = 16u << 10;
    static constexpr std::size_t kHeaderBytesMax = 4u << 10;

    std::optional<Algorithm> algorithm;  // nothing: `none`, or one that is not known
    std::string kid;                     // empty: there is none
    ClaimsPtr claims;
    std::string_view signedText;  // header and payload as they were sent
    std::string signature;
};

/// Whether the text has the three parts of a JWT, whatever is in them.
bool looksLikeJwt(std::string_view token);

/// Nothing where the token is not strictly one: base64url without padding, JSON objects without a
/// key twice, `alg` a text, no `crit` (extensions that must be understood are not). `jwk`, `jku`,
/// `x5u` and `x5c` of a header are never looked at: whoever signs does not choose the key. Pure.
std::optional<Jwt> parseJwt(std::string_view token);

}  // namespace sluice
