#include "delivery/Drain.h"

#include <algorithm>

namespace sluice {
namespace {

/// Streams come back by their retry, so few of them need no spreading of their ends.
constexpr std::int64_t kMsPerStream = 10;
/// How often a drain looks.
constexpr std::int64_t kStepMs = 10;

}  // namespace

Drain::Drain(std::chrono::milliseconds window, std::chrono::milliseconds retry, std::size_t streams,
             std::int64_t nowMs)
    : beginMs_{nowMs},
      windowMs_{std::max<std::int64_t>(window.count(), 0)},
      // The last quarter is left to those who take their last bytes slowly.
      spreadMs_{std::min(windowMs_ * 3 / 4, static_cast<std::int64_t>(streams) * kMsPerStream)},
      retryMs_{retry.count()},
      streams_{streams} {}

std::size_t Drain::dueBy(std::int64_t nowMs) const {
    const std::int64_t sinceMs = nowMs - beginMs_;
    if (sinceMs >= spreadMs_) return streams_;
    const auto share = static_cast<double>(sinceMs) / static_cast<double>(spreadMs_);
    return static_cast<std::size_t>(share * static_cast<double>(streams_)) + 1;
}

/// From the usual retry on, evenly over the window: no two streams are told the same while there
/// are fewer streams than milliseconds.
std::uint32_t Drain::nextRetryMs() {
    const auto streams = static_cast<std::int64_t>(std::max<std::size_t>(streams_, 1));
    const std::int64_t offsetMs = windowMs_ * static_cast<std::int64_t>(told_) / streams;
    return static_cast<std::uint32_t>(retryMs_ + offsetMs);
}

void Drain::step(Herds& herds, std::int64_t nowMs) {
    const bool isOver = nowMs - beginMs_ >= windowMs_;
    const std::size_t due = isOver ? herds.all().size() + told_ : dueBy(nowMs);
    // Closing moves the last one into the hole, so walk from the end.
    for (std::size_t i = herds.all().size(); i > 0 && told_ < due; --i) {
        Subscriber& subscriber = *herds.all()[i - 1];
        if (Herds::isLeaving(subscriber)) continue;
        if (herds.farewell(subscriber, nextRetryMs())) ++told_;
    }
    if (!isOver) return;
    for (std::size_t i = herds.all().size(); i > 0; --i)
        herds.close(*herds.all()[i - 1], CloseReason::Drained);
}

std::int64_t Drain::nextMs(std::int64_t nowMs) const {
    return std::min(nowMs + kStepMs, std::max(beginMs_ + windowMs_, nowMs));
}

}  // namespace sluice
