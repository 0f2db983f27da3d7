#pragma once

#include <chrono>
#include <cstdint>

#include "delivery/Herds.h"

namespace sluice {

/// Says good-bye to all streams of a loop, spread over a window: a last full position block, each
/// with a retry of its own. Few streams take less than the window. Loop thread only.
class Drain final {
  public:
    Drain(std::chrono::milliseconds window, std::chrono::milliseconds retry, std::size_t streams,
          std::int64_t nowMs);

    /// Says good-bye to those whose time has come; after the window whoever is left is closed.
    void step(Herds& herds, std::int64_t nowMs);
    /// When `step` has more to do.
    std::int64_t nextMs(std::int64_t nowMs) const;

  private:
    std::size_t dueBy(std::int64_t nowMs) const;
    std::uint32_t nextRetryMs();

    // constant after construction
    const std::int64_t beginMs_;
    const std::int64_t windowMs_;
    const std::int64_t spreadMs_;  // in which all are told
    const std::int64_t retryMs_;
    const std::size_t streams_;

    std::size_t told_ = 0;
};

}  // namespace sluice
