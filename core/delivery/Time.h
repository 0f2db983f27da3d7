#pragma once

#include <cstdint>
#include <limits>

#include "base/Clock.h"

namespace sluice {

/// A time that does not come.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
/// How long work may go on before the loop looks at other work.
inline constexpr std::int64_t kSliceUs = 1'000;
/// The clock is read once in so many sends, not for each.
inline constexpr std::uint32_t kSendsPerClockRead = 32;

/// The time as one loop last read it. Loop thread only.
class LoopTime {
  public:
    explicit LoopTime(const Clock& clock) : clock_{clock}, us_{clock.steadyUs()} {}
    void refresh() { us_ = clock_.steadyUs(); }
    /// Of the monotonic clock.
    std::int64_t us() const { return us_; }
    std::int64_t ms() const { return us_ / 1'000; }
    std::int64_t wallMs() const { return clock_.wallMs(); }

  private:
    const Clock& clock_;
    std::int64_t us_;
};

/// A share of the loop's time.
class Slice {
  public:
    explicit Slice(LoopTime& time) : time_{time}, endUs_{begin(time) + kSliceUs} {}
    /// Ask before every send. The first few of a slice always pass.
    bool isOver() {
        if (++asked_ % kSendsPerClockRead == 0) time_.refresh();
        return time_.us() >= endUs_;
    }
    /// Ask before every piece of other work, which may take long.
    bool isSpent() {
        time_.refresh();
        return time_.us() >= endUs_;
    }

  private:
    static std::int64_t begin(LoopTime& time) {
        time.refresh();
        return time.us();
    }

    LoopTime& time_;
    const std::int64_t endUs_;
    std::uint32_t asked_ = 0;
};

}  // namespace sluice
