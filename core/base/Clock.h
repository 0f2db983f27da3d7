#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

/// Where time comes from, so that tests own it. Any thread may call.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Milliseconds since the Unix epoch (UTC); may step. For ids and what users see.
    virtual std::int64_t wallMs() const noexcept = 0;
    /// Microseconds of a monotonic clock; never steps back. For deadlines and durations.
    virtual std::int64_t steadyUs() const noexcept = 0;
};

/// The clocks of the machine. Stateless.
class SystemClock final : public Clock {
  public:
    std::int64_t wallMs() const noexcept override;
    std::int64_t steadyUs() const noexcept override;
};

}  // namespace sluice
