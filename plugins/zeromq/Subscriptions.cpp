#include "Subscriptions.h"

#include "Text.h"

namespace sluice::zeromq {

Subscriptions subscriptionsOf(std::span<const plugin::Pattern> patterns) {
    Subscriptions wanted;
    for (const plugin::Pattern& pattern : patterns) {
        wanted.emplace(pattern.prefix);
        if (isHexPrefix(pattern.prefix)) wanted.insert(bytesOfHex(pattern.prefix));
    }
    // Whatever begins with a prefix stands right behind it.
    for (auto prefix = wanted.begin(); prefix != wanted.end(); ++prefix)
        for (auto next = std::next(prefix); next != wanted.end() && next->starts_with(*prefix);)
            next = wanted.erase(next);
    return wanted;
}

}  // namespace sluice::zeromq
