#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sluice/plugin.hpp>

#include "Signal.h"

namespace sluice::plugin {

/// A lane to be read again, as plugin.h has it, with texts of its own.
struct Replay {
    std::uint64_t id = 0;
    std::string family;
    std::uint32_t lane = 0;
    sluice_position from{}, to{};
    bool needsHeaders = false;
};

inline bool isBelow(sluice_position a, sluice_position b) {
    return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/// The replays of one reader, which one thread reads over one connection. The thread speaks to the
/// host through here: a replay that was cancelled, or that the host has closed, is open no more,
/// and nothing is sent for it.
class ReplayGroup {
  public:
    explicit ReplayGroup(const Host& host) : host_(host) {}
    ReplayGroup(const ReplayGroup&) = delete;
    ReplayGroup& operator=(const ReplayGroup&) = delete;

    // any thread
    /// False: the group has ended.
    bool add(Replay replay);
    void cancel(std::uint64_t id);
    /// Everything ends.
    void stop() noexcept;

    // the thread that reads
    /// Raised when the group is to end.
    const Signal& stopSignal() const { return stop_; }
    /// Raised when replays have come or were cancelled.
    Signal& wakeSignal() { return wake_; }
    bool isStopping() const { return isStopping_.load(); }
    bool isOpen(std::uint64_t id) const;
    /// What was asked for since the last call, and is open.
    std::vector<Replay> takeNew();
    /// Ends the group, if nothing has come that was not taken yet.
    bool end();

    /// Pushes and clears the batch, which may wait for the reader. These answer whether the replay
    /// is still open.
    bool push(const Replay& replay, Batch& batch);
    /// The source has nothing between these any more; up to the end of the replay ends it.
    bool lost(const Replay& replay, sluice_position from, sluice_position to);
    /// Everything up to its end was sent.
    void done(const Replay& replay);
    /// The source ends at `from`.
    void reset(const Replay& replay, sluice_position from);
    void fail(const Replay& replay, sluice_position from);
    /// All that are open, for a reason that people are told.
    void failAll(std::string_view why) noexcept;

  private:
    bool keepIf(sluice_result result, std::uint64_t id);
    void close(std::uint64_t id);

    // constant after construction
    const Host& host_;

    Signal stop_, wake_;
    std::atomic<bool> isStopping_{false};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<Replay> new_;
    std::map<std::uint64_t, std::pair<std::string, std::uint32_t>> open_;  // by id: family, lane
    bool hasEnded_ = false;
};

/// Runs one thread for each group of replays that has something to read, at most kGroupsMax: no
/// group waits for another. Control thread only.
class ReplayGroups {
  public:
    /// Reads for the group until it could end() it, or the group is stopping. On a thread of the
    /// group's. An exception fails what is open.
    using Work = std::function<void(ReplayGroup&)>;

    /// Borrows the host.
    ReplayGroups(const Host& host, std::string_view threads, Work work);
    /// Ends all.
    ~ReplayGroups();
    ReplayGroups(const ReplayGroups&) = delete;
    ReplayGroups& operator=(const ReplayGroups&) = delete;

    /// False: there are too many.
    bool add(const sluice_replay_request& request);
    void cancel(std::uint64_t id);
    /// All groups are to end; the destructor waits for them.
    void stop() noexcept;

    /// More than a host asks for; each has a connection of its own.
    static constexpr std::size_t kGroupsMax = 64;

  private:
    struct Running {
        explicit Running(const Host& host) : group(host) {}
        ReplayGroup group;
        std::atomic<bool> hasReturned{false};
        std::thread thread;
    };
    void reap();
    Running& begin(std::uint64_t group);
    void run(Running& running) const noexcept;

    const Host& host_;
    const std::string threads_;
    const Work work_;
    std::map<std::uint64_t, Running*> current_;  // by the host's number of the group
    std::list<Running> running_;                 // with those that are just ending
};

}  // namespace sluice::plugin
