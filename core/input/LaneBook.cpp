#include "input/LaneBook.h"

namespace sluice {

void LaneState::setEnd(Position end) {
    end_.store(end.first, std::memory_order_relaxed);
    std::uint64_t unknown = kUnknown;
    startEnd_.compare_exchange_strong(unknown, end.first, std::memory_order_relaxed);
}

std::uint64_t LaneState::lag() const {
    const std::uint64_t end = end_.load(std::memory_order_relaxed);
    const std::uint64_t first = first_.load(std::memory_order_relaxed);
    return end == kUnknown || end <= first ? 0 : end - first;
}

bool LaneState::reachedStartEnd() const {
    const std::uint64_t end = startEnd_.load(std::memory_order_relaxed);
    return end == kUnknown || end <= first_.load(std::memory_order_relaxed);
}

}  // namespace sluice
