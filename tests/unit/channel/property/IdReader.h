#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "event/Position.h"

namespace sluice::property {

/// An id as the test reads it, from the grammar of resume.md section 3 alone.
struct ReadId {
    struct Lane {
        std::uint32_t hash = 0;
        std::uint32_t index = 0;
        Place place;
    };
    std::string_view epoch;  // into the text
    std::uint64_t seq = 0;
    std::uint64_t timeMs = 0;
    bool isFull = false;
    std::uint16_t generation = 0;
    std::vector<Lane> lanes;
};

/// Whether `text` is an id; `id` is reused memory.
bool readId(std::string_view text, ReadId& id);

}  // namespace sluice::property
