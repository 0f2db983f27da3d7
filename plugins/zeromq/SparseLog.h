#pragma once

#include <chrono>
#include <string_view>

#include <sluice/plugin.hpp>

namespace sluice::zeromq {

/// A warning at once, and then at most one a minute: for what may happen with every message. One
/// thread.
class SparseLog {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit SparseLog(const plugin::Host& host) : host_(host) {}

    bool isDue(Time now) const { return now >= nextAt_; }
    /// REQUIRES: isDue(now).
    void warn(std::string_view text, Time now);

    static constexpr std::chrono::seconds kInterval{60};

  private:
    const plugin::Host& host_;
    Time nextAt_{};
};

}  // namespace sluice::zeromq
