#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace sluice {

/// Lets so many through at once and so many a second afterwards; counts the rest. Any thread may
/// call.
class RateLimit {
  public:
    using Time = std::chrono::steady_clock::time_point;

    RateLimit(double burst, double perSecond)
        : burst_{burst}, perSecond_{perSecond}, tokens_{burst} {}

    /// Whether one may go now; then `heldBack` is how many did not since the last one that did.
    bool allow(Time now, std::uint64_t& heldBack) {
        const std::lock_guard lock{mutex_};
        if (last_ != Time{})
            tokens_ += std::chrono::duration<double>(now - last_).count() * perSecond_;
        last_ = now;
        if (tokens_ > burst_) tokens_ = burst_;
        if (tokens_ < 1) {
            ++heldBack_;
            return false;
        }
        tokens_ -= 1;
        heldBack = heldBack_;
        heldBack_ = 0;
        return true;
    }

  private:
    const double burst_, perSecond_;

    std::mutex mutex_;
    // guarded by mutex_
    double tokens_;
    Time last_{};
    std::uint64_t heldBack_ = 0;
};

}  // namespace sluice
