#include "auth/StaticTokens.h"

#include "base/Assert.h"

namespace sluice {

StaticTokens::StaticTokens(const std::vector<StaticTokenOptions>& tokens) {
    for (const StaticTokenOptions& token : tokens) {
        ClaimsPtr claims = Claims::parse(token.claims);
        SLUICE_ASSERT(claims);
        entries_.push_back({token.name, token.digest, std::move(claims), token.source});
    }
}

const StaticTokens::Entry* StaticTokens::find(std::string_view token) const {
    const Digest given = digestOf(token);
    const Entry* found = nullptr;
    for (const Entry& entry : entries_)
        if (areEqual(entry.digest, given)) found = &entry;
    return found;
}

}  // namespace sluice
