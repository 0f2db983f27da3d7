#include "delivery/FeedCache.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

std::uint64_t hashOf(const Feed& feed) {
    std::uint64_t hash = 14'695'981'039'346'656'037u;
    const auto add = [&hash](std::uint64_t part) { hash = (hash ^ part) * 1'099'511'628'211u; };
    add(feed.lanesVersion);
    add(feed.originsVersion);
    add(feed.plain ? 1 : 0);
    for (const Feed::FamilyLanes& family : feed.families) add(family.hash);
    return hash;
}

/// Of equal versions, a family has equal lanes in both.
bool areEqual(const Feed& a, const Feed& b) {
    return a.lanesVersion == b.lanesVersion && a.originsVersion == b.originsVersion &&
           a.plain == b.plain && a.idClass == b.idClass && a.goneLanes == b.goneLanes &&
           a.plainInputs == b.plainInputs &&
           std::equal(a.families.begin(), a.families.end(), b.families.begin(), b.families.end(),
                      [](const auto& x, const auto& y) { return x.family == y.family; });
}

}  // namespace

FeedPtr FeedCache::make(const SubscriptionSpec& spec, const HubSnapshot& hub) {
    Feed feed = makeFeed(spec, hub, origins_);
    const std::uint64_t hash = hashOf(feed);
    const auto [begin, end] = feeds_.equal_range(hash);
    for (auto known = begin; known != end; ++known)
        if (areEqual(*known->second, feed)) return known->second;
    if (feeds_.size() > 2 * sizeAtLastDrop_ + 16) dropUnused();
    auto made = std::make_shared<const Feed>(std::move(feed));
    feeds_.emplace(hash, made);
    return made;
}

void FeedCache::dropUnused() {
    std::erase_if(feeds_, [](const auto& entry) { return entry.second.use_count() == 1; });
    sizeAtLastDrop_ = feeds_.size();
}

}  // namespace sluice
