#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "delivery/Subscriber.h"

namespace sluice {

/// What a reader is owed that took only a part of a write: the rest of the block that was cut, of
/// that block only, and the stream that goes on behind it.
struct Interruption {
    std::string rest;
    Course course;
    std::uint32_t events = 0;   // of the write, with the one that `rest` belongs to
    std::uint32_t sampled = 0;  // left out by sampling, up to there
    bool toldGaps = false;      // the block that tells things is among what was taken
};

/// `after` is the course as it stands behind the whole write. REQUIRES: taken < out.bytes.size().
/// Pure.
Interruption interrupt(const Course& after, const TurnOutput& out, std::size_t taken);

}  // namespace sluice
