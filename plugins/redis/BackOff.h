#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace sluice::redis {

/// How long to wait before the next attempt to connect: doubled each time, with jitter, so that
/// many nodes do not come back to a server all at once. One thread.
class BackOff {
  public:
    using Clock = std::chrono::steady_clock;
    using Pause = std::chrono::milliseconds;

    static constexpr Pause kFirst{100};
    static constexpr Pause kMost{5'000};

    /// An attempt begins.
    void attempt() { began_ = Clock::now(); }
    /// It failed. What lived for longer than the longest pause counts as a success.
    Pause next() {
        if (Clock::now() - began_ >= kMost) full_ = kFirst;
        const double share = std::uniform_real_distribution<>{0.5, 1.0}(random_);
        const Pause pause{static_cast<Pause::rep>(static_cast<double>(full_.count()) * share)};
        full_ = std::min(full_ * 2, kMost);
        return pause;
    }

  private:
    Clock::time_point began_ = Clock::now();
    Pause full_ = kFirst;
    std::mt19937 random_{std::random_device{}()};
};

}  // namespace sluice::redis
