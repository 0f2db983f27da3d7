#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace sluice::mqtt {

/// How long to wait before the next attempt: doubled every time, times 0.5 to 1 by chance, so that
/// clients that lost the same broker do not come back together.
class BackOff {
  public:
    using Milliseconds = std::chrono::milliseconds;

    BackOff(Milliseconds first, Milliseconds most) : first_(first), most_(most), next_(first) {}

    Milliseconds next() {
        const Milliseconds whole = next_;
        next_ = std::min(next_ * 2, most_);
        return jittered(whole);
    }
    void reset() { next_ = first_; }
    Milliseconds jittered(Milliseconds whole) {
        const double factor = std::uniform_real_distribution<>{0.5, 1}(random_);
        return std::chrono::duration_cast<Milliseconds>(whole * factor);
    }

  private:
    const Milliseconds first_, most_;
    Milliseconds next_;
    std::mt19937 random_{std::random_device{}()};
};

}  // namespace sluice::mqtt
