#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/Position.h"

namespace sluice {

/// What an input knows of one of its lanes. Written by the one thread that pushes the lane; any
/// thread may read (a torn read of a two-word position shows in numbers for people only).
struct LaneState {
    LaneState(LaneIndex index, Position next) : lane{index} { setNext(next); }

    Position next() const {
        return {first_.load(std::memory_order_relaxed), second_.load(std::memory_order_relaxed)};
    }
    void setNext(Position position) {
        first_.store(position.first, std::memory_order_relaxed);
        second_.store(position.second, std::memory_order_relaxed);
    }
    /// The source's word on where the lane ends; only its first word is kept (for lag).
    void setEnd(Position end);
    /// How many positions lie between here and the end that was seen last.
    std::uint64_t lag() const;
    /// Whether reading has come to the end that was seen first.
    bool reachedStartEnd() const;

    const LaneIndex lane;

  private:
    static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};
    std::atomic<std::uint64_t> first_{0}, second_{0};
    std::atomic<std::uint64_t> end_{kUnknown};
    std::atomic<std::uint64_t> startEnd_{kUnknown};
};

/// One family of an input: immutable but for what its lanes say.
struct FamilyLanes {
    std::string name;
    std::uint32_t hash = 0;
    FamilyIndex index = kNoFamily;
    Words words = Words::One;
    std::vector<std::shared_ptr<LaneState>> lanes;  // by index within the family
};

/// All families of an input that are at its source; immutable, copied on change.
using LaneBook = std::map<std::string, std::shared_ptr<const FamilyLanes>, std::less<>>;

}  // namespace sluice
