#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_set>
#include <vector>

#include <mqtt/message.h>

namespace sluice::mqtt {

/// Finds the further copies of one message that a broker sends where filters of ours overlap (MQTT
/// 5.0, section 3.3.4 allows them), so that every message is pushed once.
///
/// Live copies follow each other, equal but for the subscription identifier; with 3.1.1, which has
/// none, they cannot be told from messages and pass. Retained messages come once per subscription,
/// each filter's in turn, so their topics and payloads are remembered for a round of subscribing.
class Copies {
  public:
    /// Any thread. Nothing is a copy while nothing overlaps.
    void watchOverlaps(bool hasOverlaps) { hasOverlaps_.store(hasOverlaps); }
    /// Any thread: retained messages may all come again.
    void beginRound();
    /// The receiving thread only.
    bool isCopy(const ::mqtt::const_message_ptr& message);

    /// Retained messages of a round beyond this are not remembered: copies of them pass.
    static constexpr std::size_t kRememberedMax = 1'000'000;

  private:
    bool isLiveCopy(const ::mqtt::const_message_ptr& message);
    bool isRetainedCopy(const ::mqtt::message& message);

    std::atomic<bool> hasOverlaps_{false};

    // receiving thread only
    ::mqtt::const_message_ptr previous_;
    std::vector<std::uint32_t> subscriptions_;  // by which copies of previous_ came

    std::mutex mutex_;
    std::unordered_set<std::uint64_t> retained_;  // guarded by mutex_; hashes
};

}  // namespace sluice::mqtt
