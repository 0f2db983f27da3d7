#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "event/Position.h"

namespace sluice {

/// What a broker gave. All views are the plugin's memory, valid during one push only.
struct Message {
    struct Header {
        std::string_view name;
        std::optional<std::string_view> value;  // absent: null
    };
    struct Variable {
        std::string_view name, value;
    };
    std::string_view topic;
    LaneIndex lane = kPlainLane;
    Words words = Words::One;        // of the lane
    std::uint32_t laneOfFamily = 0;  // such as the partition
    Position position;
    std::optional<std::string_view> key;
    std::optional<std::string_view> payload;  // absent: a tombstone
    std::optional<std::int64_t> timeMs;       // of the source, since the Unix epoch
    std::span<const Header> headers;
    std::span<const Variable> variables;  // further ones, such as qos
};

}  // namespace sluice
