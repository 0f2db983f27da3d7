#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

/// How a JWT may be signed (RFC 7518 section 3.1, RFC 8037 section 3.1). `none` is not among them.
enum class Algorithm : std::uint8_t {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA
};

inline constexpr std::array<std::pair<std::string_view, Algorithm>, 13> kAlgorithms{{
    {"HS256", Algorithm::HS256},
    {"HS384", Algorithm::HS384},
    {"HS512", Algorithm::HS512},
    {"RS256", Algorithm::RS256},
    {"RS384", Algorithm::RS384},
    {"RS512", Algorithm::RS512},
    {"PS256", Algorithm::PS256},
    {"PS384", Algorithm::PS384},
    {"PS512", Algorithm::PS512},
    {"ES256", Algorithm::ES256},
    {"ES384", Algorithm::ES384},
    {"ES512", Algorithm::ES512},
    {"EdDSA", Algorithm::EdDSA},
}};

/// By the text of `alg`, which is case-sensitive.
std::optional<Algorithm> algorithmOf(std::string_view name);
/// HS256, HS384 and HS512, whose key is a secret.
bool isSymmetric(Algorithm algorithm);
/// Bytes of the hash that it signs; of EdDSA 0.
std::size_t hashBytes(Algorithm algorithm);

}  // namespace sluice
