#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "delivery/Subscriber.h"

namespace sluice {

/// Finds the subscribers that had no write for the keep-alive time, without a timer for each and
/// without work per write: a write only stores its time, and a subscriber is looked at again when
/// its turn comes round (64 turns in a keep-alive time).
///
/// The first ping after a write comes after 0.8 to 1.2 keep-alive times, the next ones after one:
/// else a broadcast would become a burst of pings ever after. Loop thread only. Times are
/// milliseconds of the monotonic clock.
class KeepaliveWheel final {
  public:
    KeepaliveWheel(std::chrono::milliseconds keepalive, std::int64_t nowMs, std::uint32_t seed);

    /// Enters a subscriber, or moves it on after a write that was no ping.
    void enter(Subscriber& subscriber);
    /// After a ping.
    void pinged(Subscriber& subscriber);
    /// It was due and could not be pinged now.
    void postpone(Subscriber& subscriber);

    /// Appends those that are due, at most `max`, to `due`. Each has to be entered again.
    void takeDue(std::int64_t nowMs, std::size_t max, std::vector<Subscriber*>& due);
    /// When `takeDue` should be called next. In the past: there is more to take.
    std::int64_t nextMs() const { return tick_ * slotMs_; }

  private:
    static constexpr std::int64_t kSlotsPerKeepalive = 64;
    static constexpr std::int64_t kSlots = 2 * kSlotsPerKeepalive;
    using Slot = IntrusiveList<Subscriber, struct KeepaliveTag>;

    void put(Subscriber& subscriber, std::int64_t dueMs);
    std::int64_t jittered();

    const std::int64_t keepaliveMs_;
    const std::int64_t slotMs_;
    std::int64_t tick_;  // the slot that is looked at next, counted from the clock's zero
    std::minstd_rand random_;
    std::array<Slot, kSlots> slots_;
};

}  // namespace sluice
