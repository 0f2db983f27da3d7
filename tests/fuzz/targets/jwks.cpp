#include <string>

#include "Fuzz.h"
#include "auth/JwkSet.h"

using namespace sluice;

/// JWK Sets: what is taken of one is bounded, fits what it says, and verifies no rubbish.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Beyond the order of every curve and the modulus of every key.
    const std::string rubbish(64, '\xff');
    std::string error;
    const std::optional<KeySet> set = parseJwkSet(textOf(data, size), error);
    FUZZ_LAW(set.has_value() == error.empty());
    if (!set) return 0;
    FUZZ_LAW(!set->keys.empty() && set->keys.size() <= kJwkSetKeysMax);
    for (const auto& [name, algorithm] : kAlgorithms)
        for (const Key& one : set->keys) {
            const auto candidates = set->candidates(algorithm, one.id());
            FUZZ_LAW(candidates.size() <= KeySet::kCandidatesMax);
            for (const Key* const key : candidates) {
                FUZZ_LAW(key->fits(algorithm));
                FUZZ_LAW(key->id().empty() || one.id().empty() || key->id() == one.id());
                FUZZ_LAW(!key->verifies(algorithm, "header.payload", rubbish));
                FUZZ_LAW(!key->verifies(algorithm, "header.payload", ""));
            }
        }
    return 0;
}
