#pragma once

#include <cstdint>
#include <unordered_map>

#include "delivery/Subscriber.h"

namespace sluice {

/// Makes the Feeds of a loop's Subscriptions and lets those with the same families share one: a
/// Feed lists all lanes of the node. Loop thread only.
class FeedCache final {
  public:
    explicit FeedCache(Origins& origins) : origins_{origins} {}

    bool isCurrent(const FeedPtr& feed, const HubSnapshot& hub) const {
        return feed && feed->isCurrent(hub, origins_);
    }
    FeedPtr make(const SubscriptionSpec& spec, const HubSnapshot& hub);
    std::size_t size() const { return feeds_.size(); }

  private:
    void dropUnused();

    Origins& origins_;
    std::unordered_multimap<std::uint64_t, FeedPtr> feeds_;
    std::size_t sizeAtLastDrop_ = 0;
};

}  // namespace sluice
