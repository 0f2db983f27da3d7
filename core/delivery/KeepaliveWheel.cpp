#include "delivery/KeepaliveWheel.h"

#include <algorithm>

namespace sluice {

KeepaliveWheel::KeepaliveWheel(std::chrono::milliseconds keepalive, std::int64_t nowMs,
                               std::uint32_t seed)
    : keepaliveMs_{std::max<std::int64_t>(keepalive.count(), kSlotsPerKeepalive)},
      slotMs_{keepaliveMs_ / kSlotsPerKeepalive},
      tick_{nowMs / slotMs_ + 1},
      random_{seed} {}

std::int64_t KeepaliveWheel::jittered() {
    std::uniform_int_distribution<std::int64_t> percent{80, 120};
    return keepaliveMs_ * percent(random_) / 100;
}

void KeepaliveWheel::put(Subscriber& subscriber, std::int64_t dueMs) {
    const std::int64_t last = tick_ + kSlots - 2;
    const std::int64_t tick = std::clamp(dueMs / slotMs_, tick_ + 1, last);
    slots_[static_cast<std::size_t>(tick % kSlots)].pushBack(subscriber);
}

void KeepaliveWheel::enter(Subscriber& subscriber) {
    put(subscriber, subscriber.lastWriteMs + jittered());
}

void KeepaliveWheel::pinged(Subscriber& subscriber) {
    put(subscriber, subscriber.lastWriteMs + keepaliveMs_);
}

void KeepaliveWheel::postpone(Subscriber& subscriber) {
    put(subscriber, 0);
}

void KeepaliveWheel::takeDue(std::int64_t nowMs, std::size_t max, std::vector<Subscriber*>& due) {
    // After a jump of the clock one round finds everybody.
    if (nowMs / slotMs_ - tick_ > kSlots) tick_ = nowMs / slotMs_ - kSlots;
    for (; nextMs() <= nowMs; ++tick_) {
        Slot& slot = slots_[static_cast<std::size_t>(tick_ % kSlots)];
        while (!slot.empty()) {
            if (due.size() == max) return;
            Subscriber& subscriber = slot.popFront();
            // Whoever was written to meanwhile is not silent; a ping may come a fifth early.
            if ((nowMs - subscriber.lastWriteMs) * 10 >= keepaliveMs_ * 8)
                due.push_back(&subscriber);
            else
                enter(subscriber);
        }
    }
}

}  // namespace sluice
