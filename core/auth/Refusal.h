#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// Why somebody is not known. The order is that of the counters.
enum class Refusal : std::uint8_t {
    None,       // he is known
    NoToken,    // nothing was sent
    Malformed,  // the token is no JWT, or not a strict one
    Unknown,    // no static token, and no JWT of an issuer of ours
    Algorithm,  // its `alg` is not one of its issuer's, or `none`
    Key,        // its issuer has no key for it
    Signature,
    Expired,   // `exp` has passed
    NoExpiry,  // a JWT without `exp`
    NotYet,    // `nbf` is to come
    Audience,  // it is for others
    Revoked,
    Denied,       // the application said no (forward auth)
    Unavailable,  // keys or the application cannot be reached: no judgement of the token
    Certificate,  // what the client's certificate says makes no claims
};
inline constexpr std::size_t kRefusals = 15;

/// Stable text for counters and logs: "expired", "no-token".
std::string_view nameOf(Refusal refusal);
/// For whoever sent it: "the token has expired".
std::string_view sentenceFor(Refusal refusal);

}  // namespace sluice
