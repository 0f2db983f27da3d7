#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "channel/Resume.h"
#include "delivery/DeliveryOptions.h"
#include "delivery/FeedCache.h"
#include "delivery/SubscriptionState.h"

namespace sluice {

/// Most bytes, about, that one turn of a stream writes.
inline constexpr std::size_t kTurnBytes = 64u << 10;

/// Lets streams take their turns on what the hub holds: gathers what a turn looks at and lets go of
/// it before it returns, so that no reference into a log outlives a turn. Loop thread only.
class Composer final {
  public:
    Composer(const DeliveryOptions& options, const Epoch& epoch, Origins& origins);

    /// What the loop last collected. Streams only ever see newer ones.
    HubSnapshot& snapshot() { return snapshot_; }
    const HubSnapshot& snapshot() const { return snapshot_; }

    /// Families whose ends the source should be asked for before `begin`.
    std::vector<std::uint32_t> familiesToAsk(SubscriptionState& subscription,
                                             const ResumeRequest& request);
    /// As above, for a stream that is ahead of the node.
    std::vector<std::uint32_t> familiesToAsk(SubscriptionState& subscription, Course& course);
    /// Families whose sources should be asked before `begin` where they stood at its time.
    std::vector<std::uint32_t> familiesToSeek(SubscriptionState& subscription,
                                              const ResumeRequest& request);
    Course begin(SubscriptionState& subscription, const ResumeRequest& request,
                 const SourceEnds* ends, const SourcePlaces* places = nullptr);

    struct Wish {
        const SourceEnds* ends = nullptr;
        const ReplayView* replay = nullptr;  // what its sources sent again, where it has asked
        bool pingDue = false;
        bool isStraggler = false;  // what policies say of slow readers counts
        bool isSampled = false;    // where they say so, it goes on to be sampled
        // Slots of time that end by then have ended, whatever the clock says: on the hub's clock.
        std::int64_t slotsEndedMs = 0;
    };
    /// One turn; `out` is cleared first. A stream that ends has the end of the body in its last
    /// block. A poll writes nothing until it has something to say or the ping is due; that is one
    /// block, and ends it.
    void compose(SubscriptionState& subscription, Course& course, const Wish& wish,
                 TurnOutput& out);
    /// The last blocks of a drained stream and the end of the body; of a poll its answer. `out` is
    /// cleared first.
    void farewell(SubscriptionState& subscription, Course& course, std::uint32_t retryMs,
                  TurnOutput& out);

    /// From now on `sluice.open` has room for a token: TurnOutput::tokenAt.
    void showTokens() { showsTokens_ = true; }
    /// From now on streams that catch up may ask for what their logs have no more.
    void allowReplays() { mayReplay_ = true; }
    /// The Subscription's Feed, made current.
    const FeedPtr& feedOf(SubscriptionState& subscription) {
        makeCurrent(subscription);
        return subscription.feed;
    }

    /// Of a stream that was sampled in the last turn: when the slot ends, on the hub's clock, whose
    /// events it waits for; 0: it was not sampled.
    std::int64_t slotEndMs() const { return slotEndMs_; }

    /// When the oldest event behind the cursor was appended, as the last turn saw it; 0: none.
    std::int64_t oldestMs() const { return oldestMs_; }

  private:
    void align(SubscriptionState& subscription, Course& course);
    void makeCurrent(SubscriptionState& subscription);
    /// Without a course: for a stream that is to begin.
    TurnContext look(SubscriptionState& subscription, const Course* course, std::uint64_t afterSeq,
                     const Wish& wish);
    void holdRunningSlot(const Wish& wish, TurnContext& context);
    void letGo();
    static void makeAnswer(const SubscriptionSpec& spec, Stream& stream, bool isDue,
                           TurnOutput& out);

    // constant after construction
    const DeliveryOptions& options_;
    const Epoch& epoch_;

    // loop thread only
    FeedCache feeds_;
    HubSnapshot snapshot_;
    std::vector<ChannelView> views_;  // memory that is used again; empty of references
    std::size_t viewsUsed_ = 0;
    FilterMemo filterMemo_;
    std::int64_t oldestMs_ = 0;
    std::int64_t slotEndMs_ = 0;
    bool showsTokens_ = false;
    bool mayReplay_ = false;
};

}  // namespace sluice
