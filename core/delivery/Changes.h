#pragma once

#include <cstdint>
#include <vector>

#include "delivery/Herds.h"
#include "delivery/StreamChange.h"

namespace sluice {

/// The changes of channels that wait in one loop: each for its stream to be live and at the
/// horizon, at most kChangeWaitMs. Loop thread only; the number is bounded by the inbox.
class Changes final {
  public:
    static constexpr std::int64_t kChangeWaitMs = 10'000;

    Changes(LoopTime& time, SubscriptionTable& subscriptions, Herds& herds)
        : time_{time}, subscriptions_{subscriptions}, herds_{herds} {}

    /// Call before the loop looks at the hub: what is added is then in what it sees.
    void add(StreamChange change);
    /// Call when live herds were served: puts those in force that can be. How many were answered.
    std::size_t apply();
    bool empty() const { return waiting_.empty(); }

  private:
    struct Waiting {
        StreamChange change;
        SubscriptionState* before = nullptr;  // what the stream had
        SubscriptionState* next = nullptr;    // counted as its subscriber, so that it stays
        std::int64_t deadlineMs = 0;
        std::string refused;  // the channel that was
    };

    bool finish(Waiting& waiting);
    bool choose(Waiting& waiting, const Subscriber& subscriber);
    static bool isAllowed(const StreamChange& change, const Subscriber& subscriber,
                          SubscriptionSpec& spec, std::string& refused);
    void admit(Subscriber& subscriber, StreamChange& change);
    void release(Waiting& waiting);
    void refuse(Waiting& waiting, ChangeOutcome::State state);

    LoopTime& time_;
    SubscriptionTable& subscriptions_;
    Herds& herds_;
    std::vector<Waiting> waiting_;
    std::size_t refused_ = 0;  // answered by `add`, not told yet
};

}  // namespace sluice
