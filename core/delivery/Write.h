#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "delivery/Subscriber.h"

namespace sluice {

/// What a herd wrote in one turn, kept for those who could not take all of it at once. They read
/// on from one write to the next at their own speed, so that composing stays once per herd also
/// when many readers fall behind together. Loop thread only; shared by its readers and its herd.
class Write final {
  public:
    /// `bytesKept` is the loop's sum; it must outlive the write.
    Write(TurnOutput output, const Course& course, std::uint64_t number, std::uint64_t& bytesKept);
    ~Write();
    Write(const Write&) = delete;
    Write& operator=(const Write&) = delete;

    const TurnOutput out;
    const Course after;          // the herd's course behind it
    const std::uint64_t number;  // grows by one from write to write
    std::shared_ptr<Write> next;

    /// Events in the blocks that end at or before this many bytes.
    std::uint32_t eventsBy(std::size_t bytes) const;

  private:
    const std::uint64_t size_;  // in memory
    std::uint64_t& bytesKept_;
};

}  // namespace sluice
