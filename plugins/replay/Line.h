#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sluice/plugin.h>

namespace sluice::replay {

/// A recording that cannot be played: what is wrong, and on which line.
class RecordingError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Position {
    std::uint64_t first = 0, second = 0;
    auto operator<=>(const Position&) const = default;

    static Position of(const sluice_position& position) {
        return {position.first, position.second};
    }
    sluice_position raw() const { return {first, second}; }
};

/// One line of a recording; README.md says what it means. Owns its texts.
struct Line {
    enum class Kind : std::uint8_t { Header, Input, Message, Lanes, Lost, At, Health };
    using Pairs = std::vector<std::pair<std::string, std::optional<std::string>>>;
    struct Ends {
        std::optional<Position> low, end, start;
    };

    Kind kind = Kind::Header;
    std::uint64_t version = 0;  // Header
    std::string input;          // all but Header
    std::int64_t receivedMs = 0;
    bool isPlain = false;                  // Input
    std::vector<std::string> positionsOf;  // Input: patterns of topics; all else is plain

    std::string family;                 // topic of a Message; empty: Lost of the plain lane
    std::optional<std::uint32_t> lane;  // absent: a plain Message
    Position position;                  // Message, At; of Lost the `to`
    bool isReset = false;               // Lost

    std::optional<std::string> key, payload;  // Message; no payload: a tombstone
    std::optional<std::int64_t> timeMs;
    Pairs headers, variables;

    std::uint32_t words = 1;  // Lanes
    std::string cluster, incarnation;
    std::vector<Ends> lanes;  // none: the family is gone

    std::string state, code, text;  // Health
};

/// Reads one line. Throws RecordingError, without the line's number.
Line parseLine(std::string_view text);

}  // namespace sluice::replay
