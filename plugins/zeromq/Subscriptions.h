#pragma once

#include <set>
#include <span>
#include <string>

#include <sluice/plugin.hpp>

namespace sluice::zeromq {

using Subscriptions = std::set<std::string>;

/// The fewest prefixes under which everything comes that the patterns may take. Topics that are no
/// UTF-8 are named 0x... (see hexOf()), so a pattern for those subscribes to their bytes too.
Subscriptions subscriptionsOf(std::span<const plugin::Pattern> patterns);

}  // namespace sluice::zeromq
