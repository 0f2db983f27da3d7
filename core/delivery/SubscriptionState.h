#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/Pattern.h"
#include "channel/Subscription.h"
#include "delivery/Herd.h"

namespace sluice {

/// One distinct SubscriptionSpec with subscribers in this loop: its channels, its Feed, its herds.
/// There may be as many as subscribers: keep it small. Loop thread only; owned by the
/// SubscriptionTable.
struct SubscriptionState {
    struct Channel {
        ChannelLog* log = nullptr;
        std::uint64_t joinedAt = 0;     // horizon when a pattern took it; 0: it was there first
        std::uint32_t readerIndex = 0;  // where the table's list of the log's readers has it
    };

    static constexpr std::uint32_t kNoLagMax = ~std::uint32_t{0};

    bool has(const ChannelLog& log) const;
    /// Whom equal streams join: the herd with the most members stands first.
    void bringForward(Herd& herd);
    Herd& addHerd(Course course);
    /// REQUIRES: no members.
    void dropHerd(Herd& herd);

    SubscriptionSpec spec;
    std::vector<Pattern> patterns;  // those of the spec's channels that have captures
    std::vector<Channel> channels;
    FeedPtr feed;  // null until the first turn needs it
    std::vector<std::unique_ptr<Herd>> herds;
    std::uint32_t subscribers = 0;
    /// Events behind from where on a policy acts, of its channels the least, as the last turn saw
    /// it.
    std::uint32_t lagEventsMax = kNoLagMax;
    bool samples = false;  // the same: a channel of it is sampled for slow readers
    bool retired = false;  // stands in the table's list of those without subscribers
};

}  // namespace sluice
