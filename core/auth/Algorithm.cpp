#include "auth/Algorithm.h"

#include <algorithm>

namespace sluice {

std::optional<Algorithm> algorithmOf(std::string_view name) {
    const auto* const found = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                           [&](const auto& one) { return one.first == name; });
    if (found == kAlgorithms.end()) return std::nullopt;
    return found->second;
}

bool isSymmetric(Algorithm algorithm) {
    return algorithm <= Algorithm::HS512;
}

std::size_t hashBytes(Algorithm algorithm) {
    if (algorithm == Algorithm::EdDSA) return 0;
    constexpr std::size_t kBytes[] = {32, 48, 64};
    return kBytes[static_cast<std::size_t>(algorithm) % 3];
}

}  // namespace sluice
