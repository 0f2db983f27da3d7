#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "channel/Origins.h"
#include "delivery/StreamChange.h"
#include "delivery/StreamLook.h"
#include "delivery/StreamRequest.h"
#include "net/Epoll.h"

namespace sluice {

/// A stream on its way into a loop.
struct Adoption {
    StreamRequest request;
    bool acceptsEventStream = true;
};

/// What the sources said to a question of the loop.
struct SourceAnswer {
    std::uint64_t query = 0;
    SourceEnds ends;
    SourcePlaces places;  // instead of ends, where the question was about a time
};

/// The only way into a loop from other threads: a bounded box and an eventfd.
///
/// `adopt`, `change`, `look`, `answer`, `dismiss`, `drain`, `stop`, `wake`: any thread. The rest:
/// the loop's. Shared by the loop and by answers that are still to come, which may come when the
/// loop is gone.
class Inbox final {
  public:
    /// At most `adoptionsMax` adoptions wait.
    explicit Inbox(std::size_t adoptionsMax) : adoptionsMax_{adoptionsMax} {}

    /// False, and the adoption is untouched, where it is full, or closed since drain or stop.
    bool adopt(Adoption& adoption);
    /// False, and the change is untouched, where too many wait, or closed since drain or stop.
    bool change(StreamChange& change);
    /// The same of a look.
    bool look(StreamLook& look);
    void answer(SourceAnswer answer);
    void dismiss(Dismissal dismissal);
    void drain(std::chrono::milliseconds window);
    void stop();
    /// Makes the loop look. Costs a system call only when it sleeps.
    void wake() noexcept;

    struct Content {
        std::vector<Adoption> adoptions;
        std::vector<SourceAnswer> answers;
        std::vector<StreamChange> changes;
        std::vector<StreamLook> looks;
        std::vector<Dismissal> dismissals;
        std::optional<std::chrono::milliseconds> drain;
        bool stop = false;
    };
    /// Takes all that is there, and whatever comes later wakes the loop again. The vectors of `out`
    /// give their memory to the box.
    void take(Content& out);
    /// So many of the adoptions that were taken are open now, or refused.
    void admitted(std::size_t adoptions) noexcept { waiting_.fetch_sub(adoptions); }
    /// So many changes were answered.
    void changed(std::size_t changes) noexcept { changing_.fetch_sub(changes); }
    static constexpr std::size_t kChangesMax = 1'000;  // that wait in one loop
    /// So many looks were answered.
    void looked(std::size_t looks) noexcept { looking_.fetch_sub(looks); }
    static constexpr std::size_t kLooksMax = 16;  // that wait in one loop
    /// Adoptions that lie here or were taken and are not open yet.
    std::size_t waiting() const noexcept { return waiting_.load(); }

    int wakeFd() const noexcept { return wakeup_.fd(); }
    /// Call right before waiting: true where there is no time to wait.
    bool isAwaited() noexcept;
    void awake() noexcept { asleep_.store(false); }

  private:
    const std::size_t adoptionsMax_;
    Wakeup wakeup_;
    // Whoever sets woken_ looks at asleep_ next, whoever sets asleep_ looks at woken_ next: so one
    // of the two always sees the other.
    std::atomic<bool> woken_{false};
    std::atomic<bool> asleep_{false};
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::size_t> changing_{0};
    std::atomic<std::size_t> looking_{0};

    std::mutex mutex_;
    // guarded by mutex_
    Content content_;
    bool closed_ = false;
};

}  // namespace sluice
