#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "channel/Hub.h"
#include "delivery/Changes.h"
#include "delivery/Composer.h"
#include "delivery/DeliveryCounts.h"
#include "delivery/DeliveryOptions.h"
#include "delivery/Drain.h"
#include "delivery/Herds.h"
#include "delivery/Inbox.h"
#include "delivery/KeepaliveWheel.h"
#include "delivery/Newcomers.h"
#include "delivery/SourceQueries.h"
#include "delivery/StreamLooks.h"
#include "delivery/SubscriptionTable.h"

namespace sluice {

/// One delivery loop: it owns its subscribers and their sockets absolutely, and one thread turns
/// it. Others reach it through its inbox only.
///
/// `adopt`, `change`, `look`, `dismiss`, `drain`, `stop`, `wake`, `counts`, `subscribers`,
/// `waitUntilEmpty`: any thread. `turn`, and whatever is named ...InLoop: the thread that turned it
/// first. Registers with the hub for good, so no publisher may be at work when it is destroyed.
class DeliveryLoop final : public Hub::Wakeable {
  public:
    /// Throws std::system_error.
    DeliveryLoop(const DeliveryOptions& options, const LoopShare& share, Hub& hub, Origins& origins,
                 const Clock& clock);
    ~DeliveryLoop();
    DeliveryLoop(const DeliveryLoop&) = delete;
    DeliveryLoop& operator=(const DeliveryLoop&) = delete;

    /// Takes the stream over, or returns false and leaves it untouched: the inbox is full or
    /// closed.
    bool adopt(Adoption& adoption) { return inbox_->adopt(adoption); }
    /// Changes the channels of one of its streams, or returns false and leaves it untouched.
    bool change(StreamChange& change) { return inbox_->change(change); }
    /// Looks at its streams, or returns false and leaves it untouched.
    bool look(StreamLook& look) { return inbox_->look(look); }
    void dismiss(Dismissal dismissal) { inbox_->dismiss(std::move(dismissal)); }
    void drain(std::chrono::milliseconds window) { inbox_->drain(window); }
    void stop() { inbox_->stop(); }
    void wake() noexcept override { inbox_->wake(); }

    /// Waits for work, at most that long (-1: as long as it may), and does a bounded part of it.
    /// False after `stop`. A pool's thread calls it for ever, a test by hand.
    bool turn(int timeoutMs);

    /// Open streams, with those in the inbox.
    std::size_t subscribers() const noexcept { return open_.load() + inbox_->waiting(); }
    /// As of the end of the last turn.
    DeliveryCounts counts() const;
    /// Whether there was a moment without subscribers before the time is up.
    bool waitUntilEmpty(std::chrono::milliseconds timeout) const;

  private:
    LoopShare withWake(LoopShare share) const;
    void assertInLoop();
    void waitInLoop(int timeoutMs);
    int timeoutInLoop(int timeoutMs);
    std::int64_t nextMsInLoop();
    void readInboxInLoop();
    void beginDrainInLoop(std::chrono::milliseconds window);
    void admitInLoop();
    void admitOneInLoop(Adoption& adoption);
    void refuseInLoop(Adoption& adoption, CloseReason reason);
    void lookAtHubInLoop();
    void lookInLoop();
    void keepTimeInLoop();
    void publishInLoop(std::int64_t beganUs);

    // constant after construction
    const DeliveryOptions options_;
    const std::shared_ptr<Inbox> inbox_;  // shared with answers that are still to come
    Hub& hub_;
    const LoopIndex index_;  // from here on the hub may wake us

    // loop thread only
    std::thread::id thread_;
    LoopTime time_;
    Epoll epoll_;
    DeliveryCounts mine_;
    std::minstd_rand random_;
    KeepaliveWheel keepalive_;
    SubscriptionTable subscriptions_;
    Composer composer_;
    Herds herds_;
    SourceQueries queries_;
    Changes changes_;
    StreamLooks looks_;
    Newcomers newcomers_;
    LoopWork work_;
    Inbox::Content content_;
    std::deque<Adoption> arrivals_;
    std::optional<Drain> drain_;
    std::int64_t secondMs_;  // when the next thing is due that is done once a second
    bool stopped_ = false;

    std::atomic<std::size_t> open_{0};
    mutable std::mutex mutex_;
    mutable std::condition_variable emptied_;
    DeliveryCounts published_;  // guarded by mutex_
};

}  // namespace sluice
