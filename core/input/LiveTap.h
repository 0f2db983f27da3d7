#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/EventBatch.h"
#include "mapping/WrittenMessage.h"

namespace sluice {

/// Copies of the messages that inputs receive at this moment, for people who look. Who looks asks
/// again and again; a look that nobody asked for in kIdleMs ends. While nobody looks a message
/// costs one load. Any thread may call.
class LiveTap {
  public:
    /// What somebody wants to see: the messages of an input, or those that gave an event on a
    /// channel; an empty name is any.
    struct Look {
        std::string input, channel;
        auto operator<=>(const Look&) const = default;
    };
    struct Taken {
        std::uint64_t number = 0;  // of this look, from 1
        WrittenMessage message;
    };
    struct Answer {
        std::vector<Taken> messages;
        std::uint64_t next = 0;        // to ask after, the next time
        std::uint64_t passedOver = 0;  // of those asked for: more than are kept, or too large
    };

    /// The messages of the look with a number above `after`, oldest first, and goes on looking.
    /// Nothing where kLooksMax others look already.
    std::optional<Answer> take(const Look& look, std::uint64_t after, std::int64_t nowMs);

    bool isWanted() const noexcept { return wanted_.load(std::memory_order_relaxed); }
    /// A message and the events that it became: those of `batch` from its message `first` on.
    void see(std::string_view input, const Message& message, const EventBatch& batch,
             std::size_t first, std::int64_t nowMs);

    static constexpr std::size_t kLooksMax = 16;
    static constexpr std::size_t kMessagesMax = 100;           // kept of a look
    static constexpr std::size_t kMessageBytesMax = 64 << 10;  // a larger message is not copied
    static constexpr std::int64_t kIdleMs = 10'000;

  private:
    struct Seen {
        std::deque<Taken> messages;
        std::uint64_t last = 0;  // number
        std::int64_t askedMs = 0;
    };
    static bool wants(const Look& look, std::string_view input, const EventBatch& batch,
                      std::size_t first);
    void endIdle(std::int64_t nowMs);

    std::atomic<bool> wanted_{false};
    std::mutex mutex_;
    std::map<Look, Seen> looks_;  // guarded by mutex_
};

}  // namespace sluice
