#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "Line.h"
#include "Options.h"

namespace sluice::replay {

/// What must be known of a recording before it is played, learnt by reading it once. Memory follows
/// the number of its lanes, not of its messages. Constant once read.
struct Recording {
    using LaneKey = std::pair<std::string, std::uint32_t>;  // family, index
    struct LaneFacts {
        Position begin;                // the lowest place that is spoken of
        Position end;                  // behind the highest one
        std::optional<Position> live;  // of its first message that a live start plays
        std::uint32_t words = 1;

        /// What the positions of the next round of a loop are shifted by.
        std::uint64_t span() const { return end.first - begin.first + (words == 2 ? 1 : 0); }
    };

    std::string input;  // whose messages are played
    std::map<LaneKey, LaneFacts> lanes;
    std::uint64_t messages = 0;
    std::int64_t firstMs = 0, lastMs = 0;  // when its messages were received
    bool wasCut = false;

    /// Reads and checks the whole file. Throws RecordingError. Nothing if `stop` became true.
    static std::optional<Recording> read(const Options& options, const std::atomic<bool>& stop);
    /// Fills LaneFacts::live: messages from `sinceMs` on are played.
    void findLive(const Options& options, std::int64_t sinceMs, const std::atomic<bool>& stop);

    const LaneFacts* find(const std::string& family, std::uint32_t lane) const;

  private:
    void learn(const Line& line);
    void learnPlace(const std::string& family, std::uint32_t lane, Position from, Position to);
};

/// What stands at the head of a recording about the input that is to be played.
struct Head {
    bool isPlain = false;                  // none of its messages has a position
    std::vector<std::string> positionsOf;  // only those of topics that these patterns take have
};
/// Throws RecordingError.
Head readHead(const Options& options);

}  // namespace sluice::replay
