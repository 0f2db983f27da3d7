#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "channel/Hub.h"
#include "delivery/SubscriptionState.h"

namespace sluice {

/// The Subscriptions of one loop, and which of them read which log. Registers the loop's interest
/// with the hub at the first use of a channel or pattern and withdraws it at the last.
/// Loop thread only; the hub must outlive it.
class SubscriptionTable final {
  public:
    SubscriptionTable(Hub& hub, LoopIndex loop);
    ~SubscriptionTable();

    /// The Subscription of this spec, made where there is none; null where the hub's bounds are
    /// reached or a channel is no pattern. A snapshot taken later has everything it needs.
    SubscriptionState* obtain(const SubscriptionSpec& spec);
    /// Call when a Subscription may have lost its last subscriber; it stays until `sweep`.
    void retire(SubscriptionState& subscription);
    /// Drops retired Subscriptions that nobody has come back to.
    void sweep();

    /// A Subscription that reads a log, and which of its channels that is.
    struct Reader {
        SubscriptionState* state = nullptr;
        std::uint32_t channelIndex = 0;
    };
    std::span<const Reader> readersOf(const ChannelLog& log) const;
    /// A new channel joins the Subscriptions whose patterns take it.
    void join(ChannelLog& log, std::uint64_t horizon);

    std::size_t size() const { return states_.size(); }
    template <class Visit>
    void forEach(Visit visit) {
        for (const auto& state : states_) visit(*state);
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const SubscriptionSpec& spec) const noexcept;
        std::size_t operator()(const std::unique_ptr<SubscriptionState>& state) const noexcept {
            return (*this)(state->spec);
        }
    };
    struct Equal {
        using is_transparent = void;
        using State = std::unique_ptr<SubscriptionState>;
        bool operator()(const State& a, const State& b) const { return a->spec == b->spec; }
        bool operator()(const SubscriptionSpec& a, const State& b) const { return a == b->spec; }
        bool operator()(const State& a, const SubscriptionSpec& b) const { return a->spec == b; }
    };

    bool watch(SubscriptionState& state);
    bool watchPattern(SubscriptionState& state, const Pattern& pattern);
    static bool mayJoin(const SubscriptionState& state, const ChannelLog& log,
                        const Pattern& pattern);
    void unwatch(SubscriptionState& state) noexcept;
    void removeReader(const SubscriptionState::Channel& channel) noexcept;
    void addChannel(SubscriptionState& state, ChannelLog& log, std::uint64_t joinedAt);

    Hub& hub_;
    const LoopIndex loop_;
    std::unordered_set<std::unique_ptr<SubscriptionState>, Hash, Equal> states_;
    std::unordered_map<const ChannelLog*, std::vector<Reader>> readers_;
    std::unordered_map<std::string, std::uint32_t> patternUses_;
    std::vector<SubscriptionState*> withPatterns_;
    std::vector<SubscriptionState*> retired_;
};

/// Of a spec; equal in all loops, and without a guard in all runs of one program.
std::size_t hashOf(const SubscriptionSpec& spec) noexcept;

}  // namespace sluice
