#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "FilterSet.h"

namespace sluice::mqtt {

/// What happened to a link.
struct LinkEvent {
    enum class Kind {
        Connected,      // isSessionPresent, takesIdentifiers, keepAlive
        ConnectFailed,  // code, text: paho's
        Lost,           // without a word of the broker's
        Dismissed,      // code: the broker's reason
        Subscribed,     // request, reasons: one per filter asked for
        Published,      // request; ours went out
        Disconnected    // at our wish
    };
    Kind kind{};
    bool isSessionPresent = false;
    bool takesIdentifiers = true;       // subscription identifiers
    std::chrono::seconds keepAlive{0};  // that the broker wants; 0: ours
    int code = 0;
    std::string text{};
    std::size_t request = 0;
    std::vector<int> reasons{};
};

/// What a session's thread waits for: events of its link, other filters, the end. Any thread may
/// put, one takes. Bounded by what the session asks for: an event or two per request.
class Mailbox {
  public:
    using Clock = std::chrono::steady_clock;

    void post(LinkEvent event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        changed_.notify_all();
    }
    /// Replaces filters that were not yet taken.
    void watch(FilterSet filters) {
        const std::lock_guard lock(mutex_);
        filters_ = std::move(filters);
        changed_.notify_all();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        isClosed_ = true;
        changed_.notify_all();
    }

    bool isClosed() const {
        const std::lock_guard lock(mutex_);
        return isClosed_;
    }
    /// What ends a wait besides events and time.
    enum class Wake { Never, Closing, ClosingAndFilters };
    /// The next event; nothing at `until` or when that is there which wakes.
    std::optional<LinkEvent> take(Clock::time_point until, Wake wake) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, until, [&] {
            return !events_.empty() || (isClosed_ && wake != Wake::Never) ||
                   (filters_ && wake == Wake::ClosingAndFilters);
        });
        if (events_.empty()) return std::nullopt;
        LinkEvent event = std::move(events_.front());
        events_.pop_front();
        return event;
    }
    std::optional<FilterSet> takeFilters() {
        const std::lock_guard lock(mutex_);
        return std::exchange(filters_, std::nullopt);
    }
    /// Waits; false once it is closed.
    bool pause(Clock::time_point until) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, until, [this] { return isClosed_; });
        return !isClosed_;
    }
    void forgetEvents() {
        const std::lock_guard lock(mutex_);
        events_.clear();
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    std::deque<LinkEvent> events_;
    std::optional<FilterSet> filters_;
    bool isClosed_ = false;
};

}  // namespace sluice::mqtt
