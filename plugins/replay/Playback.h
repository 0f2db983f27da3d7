#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <sluice/plugin.hpp>

#include "Line.h"
#include "Options.h"
#include "Recording.h"

namespace sluice::replay {

/// Plays a recording to the host: says again what was said, at its pace. Lives from start to stop.
/// `play` runs on a thread of its own; `query` on the control thread; `stop` from any.
class Playback {
  public:
    using Starts = std::map<Recording::LaneKey, Position>;

    /// Borrows host and options. `starts`: where lanes go on; `rewind` counts with start: live.
    Playback(const plugin::Host& host, const Options& options, Starts starts,
             plugin::milliseconds rewind);

    /// Until the end of the recording or stop(). Throws RecordingError.
    void play();
    void stop();
    /// Answers with what the recording has of the families.
    void query(std::span<const sluice_text> families);

  private:
    /// How a family was declared last.
    struct Declared {
        std::size_t lanes = 0;
        std::uint32_t words = 1;
        std::string cluster, incarnation;
        bool operator==(const Declared&) const = default;
    };
    using Steady = std::chrono::steady_clock;

    bool prepare();
    void playRound();
    void take(Line&& line);
    void takeMessage(Line&& line);
    void takeLanes(Line&& line);
    void endResuming();
    void declare(const Line& line);
    std::vector<sluice_lane_ends> ends(const std::string& family, std::size_t lanes) const;
    void takeLost(const Line& line);
    void takeAt(const Line& line);
    void takeHealth(const Line& line);
    void begin(std::int64_t receivedMs);
    bool waitUntilDue(std::int64_t receivedMs);
    void push();
    void becomeRunning();

    bool isPassedOver(const Line& line) const;
    Position shifted(const std::string& family, std::uint32_t lane, Position position) const;
    std::uint64_t firstRound() const;
    Position startOf(const std::string& family, std::uint32_t lane, Position recorded) const;

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    const Starts starts_;
    const plugin::milliseconds rewind_;

    // playing thread only
    bool isResuming_ = false;           // what was played before an earlier stop is passed over
    std::map<std::string, Line> held_;  // declarations among it, the last of each family
    bool isRunning_ = false;
    std::int64_t liveSinceMs_ = 0;
    Steady::time_point began_;  // when the message of `beganMs_` was played
    std::int64_t beganMs_ = 0;
    bool hasBegun_ = false;
    std::vector<Line> waiting_;  // messages that go together
    std::size_t waitingBytes_ = 0;
    plugin::Batch batch_;

    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    // guarded by mutex_
    Recording recording_;  // written before anything is declared
    std::uint64_t round_ = 0;
    std::map<std::string, Declared> declared_;
};

}  // namespace sluice::replay
