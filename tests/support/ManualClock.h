#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/Clock.h"

namespace sluice {

/// A clock that stands still until a test moves it. Any thread may call.
class ManualClock final : public Clock {
  public:
    /// Starts at `wallMs` since the Unix epoch; the monotonic clock starts at one second.
    explicit ManualClock(std::int64_t wallMs = 1'700'000'000'000) : wallMs_{wallMs} {}

    void advance(std::chrono::milliseconds by) noexcept {
        wallMs_ += by.count();
        steadyUs_ += by.count() * 1'000;
    }
    /// The wall clock alone steps, as when an operator sets it.
    void stepWall(std::chrono::milliseconds by) noexcept { wallMs_ += by.count(); }

    std::int64_t wallMs() const noexcept override { return wallMs_; }
    std::int64_t steadyUs() const noexcept override { return steadyUs_; }

  private:
    std::atomic<std::int64_t> wallMs_;
    std::atomic<std::int64_t> steadyUs_{1'000'000};
};

}  // namespace sluice
