#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "delivery/StreamLook.h"

namespace sluice {

/// The answers of all loops to one wish. Shared by who waits and by the loops, which may answer
/// when nobody waits any more.
class StreamGathering final {
  public:
    explicit StreamGathering(std::size_t loops) : parts_(loops), missing_{loops} {}

    /// What one loop is asked; without an answer where it has nothing to say, as the page begins
    /// behind it.
    static StreamLook lookAt(const std::shared_ptr<StreamGathering>& gathering,
                             const StreamWish& wish, std::size_t loop);
    /// All of it in one order, cut at `wish.max`; nothing where it takes longer.
    std::optional<StreamsSeen> wait(const StreamWish& wish, std::chrono::milliseconds atMost);

  private:
    void put(std::size_t loop, StreamsSeen seen);
    StreamsSeen merged(const StreamWish& wish);

    std::mutex mutex_;
    std::condition_variable whole_;
    // guarded by mutex_
    std::vector<StreamsSeen> parts_;  // by loop
    std::size_t missing_;
};

}  // namespace sluice
