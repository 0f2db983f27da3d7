#pragma once

#include <compare>
#include <cstdint>

namespace sluice {

/// Where a message stands in its lane: one word (a Kafka offset), or two (a Redis stream's
/// milliseconds and number). Strictly growing within a lane; holes are allowed.
struct Position {
    std::uint64_t first = 0;
    std::uint64_t second = 0;  // always 0 in a lane of one word
    auto operator<=>(const Position&) const = default;
};

/// How many words the positions of a family have.
enum class Words : std::uint8_t { One = 1, Two = 2 };

/// Where an event stands in its lane: the message's position and the event's index among those
/// that the message yields (resume.md section 1). The default is the beginning of every lane.
struct Place {
    Position position;
    std::uint32_t ordinal = 0;
    auto operator<=>(const Place&) const = default;
};

/// Node-local, dense number of a lane, given by the hub and never used again for another.
using LaneIndex = std::uint32_t;
/// The lane of all inputs without positions; its places are (seq, 0).
inline constexpr LaneIndex kPlainLane = 0;
/// Node-local number of a family; the plain lane has none.
using FamilyIndex = std::uint32_t;
inline constexpr FamilyIndex kNoFamily = ~FamilyIndex{0};

/// The next position of a lane: +1; of two words (ms, n + 1), at the end of n (ms + 1, 0).
constexpr Position next(Position position, Words words) {
    if (words == Words::One) return {position.first + 1, 0};
    if (position.second + 1 != 0) return {position.first, position.second + 1};
    return {position.first + 1, 0};
}

/// The place after event `place` of a message that yields `of` events.
constexpr Place placeAfter(Place place, std::uint32_t of, Words words) {
    if (place.ordinal + 1 < of) return {place.position, place.ordinal + 1};
    return {next(place.position, words), 0};
}

}  // namespace sluice
