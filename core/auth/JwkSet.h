#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/Key.h"

namespace sluice {

/// The keys of one issuer. A value.
struct KeySet {
    std::vector<Key> keys;

    /// Those that may have made a signature of this algorithm and `kid` (empty: the token names
    /// none), at most kCandidatesMax. A key without an id is one for every `kid`.
    std::vector<const Key*> candidates(Algorithm algorithm, std::string_view kid) const;
    static constexpr std::size_t kCandidatesMax = 8;
};

inline constexpr std::size_t kJwkSetBytesMax = 256u << 10;
inline constexpr std::size_t kJwkSetKeysMax = 100;

/// A JWK Set (RFC 7517 section 5): `{"keys": [...]}`. Keys that are not understood or not for
/// signatures are left out, as the RFC asks for. Nothing, and `error` says why, where the text is
/// none, is beyond the bounds, or has no key that can be used.
std::optional<KeySet> parseJwkSet(std::string_view text, std::string& error);

}  // namespace sluice
