#include "channel/Subscription.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {
namespace {

/// Characters of an id around its vector at the longest: "1." epoch "." seq "." time "~" "." check.
constexpr std::size_t kIdAroundVector = 2 + 8 + 1 + 16 + 1 + 12 + 1 + 1 + 4;
/// Bytes that ordinals may add to a vector: 3 a lane, and the mark with gen.
constexpr std::size_t kPartialBytesPerLane = 3;
constexpr std::size_t kPartialMarkBytes = 6;

std::vector<Pattern> parsedChannels(const SubscriptionSpec& spec) {
    std::vector<Pattern> patterns;
    for (const std::string& channel : spec.channels) {
        std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        SLUICE_ASSERT(pattern);
        patterns.push_back(std::move(*pattern));
    }
    return patterns;
}

bool mayFeedAny(const Family& family, const std::vector<Pattern>& channels,
                const Origins& origins) {
    return std::any_of(channels.begin(), channels.end(),
                       [&](const Pattern& pattern) { return origins.mayFeed(family, pattern); });
}

IdClass classOf(const Feed& feed, const HubSnapshot& hub) {
    std::vector<std::vector<Place>> places;
    std::vector<FamilyCutView> cut;
    std::size_t lanes = 0;
    for (const Feed::FamilyLanes& family : feed.families) {
        std::vector<Place>& mine = places.emplace_back();
        for (const LaneIndex lane : family.lanes) mine.push_back({hub.next[lane].position, 0});
        lanes += mine.size();
    }
    for (std::size_t i = 0; i < places.size(); ++i)
        cut.push_back({feed.families[i].hash, feed.families[i].words, places[i]});
    std::string vector;
    appendVector(vector, cut, 0);
    const std::size_t partials = lanes == 0 ? 0 : lanes * kPartialBytesPerLane + kPartialMarkBytes;
    const std::size_t length = vector.size() + (partials * 4 + 2) / 3;
    if (length <= kVectorInEveryEventMax) return IdClass::Full;
    return length + kIdAroundVector <= kEventIdMax ? IdClass::FullAtEnd : IdClass::Short;
}

void enterFamily(Feed& feed, FamilyIndex index, const Family& family) {
    if (family.gone) {
        feed.goneLanes.insert(feed.goneLanes.end(), family.lanes.begin(), family.lanes.end());
    } else if (!family.lanes.empty()) {
        feed.families.push_back({index, family.hash, family.words, family.lanes});
    }
}

}  // namespace

bool Feed::concerns(LaneIndex lane) const {
    if (lane == kPlainLane) return plain;
    if (slot(lane).family != kNoFamily) return true;
    return std::find(goneLanes.begin(), goneLanes.end(), lane) != goneLanes.end();
}

Feed makeFeed(const SubscriptionSpec& spec, const HubSnapshot& hub, const Origins& origins) {
    const std::vector<Pattern> channels = parsedChannels(spec);
    Feed feed;
    feed.lanesVersion = hub.lanes->version;
    feed.originsVersion = origins.version();
    feed.remaps = hub.remaps;
    feed.lanesKnown = hub.lanes->lanes.size();
    for (const Pattern& channel : channels)
        for (std::string& input : origins.plainInputs(channel))
            feed.plainInputs.push_back(std::move(input));
    std::sort(feed.plainInputs.begin(), feed.plainInputs.end());
    feed.plainInputs.erase(std::unique(feed.plainInputs.begin(), feed.plainInputs.end()),
                           feed.plainInputs.end());
    feed.plain = !feed.plainInputs.empty() || hub.lanes->plainMayFeedAll;

    const std::vector<Family>& families = hub.lanes->families;
    for (FamilyIndex i = 0; i < families.size(); ++i)
        if (families[i].mayFeedAll || mayFeedAny(families[i], channels, origins))
            enterFamily(feed, i, families[i]);
    std::sort(feed.families.begin(), feed.families.end(),
              [](const auto& a, const auto& b) { return a.hash < b.hash; });
    for (std::uint32_t f = 0; f < feed.families.size(); ++f) {
        const std::vector<LaneIndex>& lanes = feed.families[f].lanes;
        for (std::uint32_t i = 0; i < lanes.size(); ++i) {
            if (feed.slots.size() <= lanes[i]) feed.slots.resize(lanes[i] + 1);
            feed.slots[lanes[i]] = {f, i};
        }
    }
    feed.idClass = classOf(feed, hub);
    return feed;
}

}  // namespace sluice
