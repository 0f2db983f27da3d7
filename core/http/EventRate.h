#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>

#include "base/Clock.h"

namespace sluice {

/// A bound on events per second, with room for those of one second at once. Any thread may call.
class EventRate final {
  public:
    /// Borrows the clock. REQUIRES: perSecond > 0.
    EventRate(std::uint32_t perSecond, const Clock& clock)
        : perSecond_{static_cast<double>(perSecond)},
          clock_{clock},
          left_{perSecond_},
          atUs_{clock.steadyUs()} {}

    /// Takes that many; where they are too many, nothing, and returns in how many seconds they
    /// would not be. More than one second's worth needs the whole of one and leaves a debt.
    std::uint32_t take(std::size_t events) {
        const std::lock_guard lock{mutex_};
        const std::int64_t nowUs = clock_.steadyUs();
        left_ = std::min(perSecond_, left_ + perSecond_ * static_cast<double>(nowUs - atUs_) / 1e6);
        atUs_ = nowUs;
        const double wanted = static_cast<double>(events);
        const double lacking = std::min(wanted, perSecond_) - left_;
        if (lacking > 1e-9) return static_cast<std::uint32_t>(std::ceil(lacking / perSecond_));
        left_ -= wanted;
        return 0;
    }

  private:
    const double perSecond_;
    const Clock& clock_;
    std::mutex mutex_;
    // guarded by mutex_
    double left_;
    std::int64_t atUs_;
};

}  // namespace sluice
