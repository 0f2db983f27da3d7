#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "channel/ReplayLog.h"
#include "input/Intake.h"
#include "sluice/plugin.h"

namespace sluice {

/// A leg of a log that one lane of an input is to fill.
struct ReplayOrder {
    std::shared_ptr<ReplayLog> log;  // shared with its readers
    std::uint32_t leg = 0;
    std::string family;
    std::uint32_t index = 0;  // of the lane in its family
    LaneIndex lane = kPlainLane;
    Words words = Words::One;
    Position to;
};

/// What an input's replays have come to since the start, and what they are now.
struct InputReplayCounts {
    std::uint64_t running = 0;  // lanes that are being read, or about to be
    std::uint64_t messages = 0;
    std::uint64_t failed = 0;    // given up by the plugin, or with the input
    std::uint64_t timedOut = 0;  // without a sign of life
};

/// The lanes that one input's plugin reads again. An order waits until an instance runs, runs there
/// under an id of its own, and waits again when the instance ends; a plugin that breaks the
/// contract, or shows no life for too long, ends it, and its readers are told. Every order ends.
///
/// `add` and the calls of the plugin: any thread. The rest: the supervising thread.
class InputReplays final {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Borrows the intake. `changed` is called, on any thread, when the supervising thread has
    /// something to do.
    InputReplays(Intake& intake, std::chrono::milliseconds patience, std::function<void()> changed);

    void add(ReplayOrder order);

    /// What the plugin is to be asked for.
    struct Request {
        std::uint64_t id = 0, group = 0;
        std::string family;
        std::uint32_t index = 0;
        Position from, to;
    };
    /// Orders that wait run from now on, and are to be handed to the plugin.
    std::vector<Request> begin(Time now);
    /// The plugin did not take it.
    void refused(std::uint64_t id);
    /// Ids that nobody wants any more, or that show no life: to be cancelled. Ends orders that
    /// waited too long for an instance.
    std::vector<std::uint64_t> cancelled(Time now);
    /// The instance ends: calls of its replays come back, and their orders wait for the next one.
    /// Returns the ids.
    std::vector<std::uint64_t> instanceEnds(Time now);
    /// No instance will run any more: nothing is read again until `reopen`.
    void giveUp();
    void reopen();
    bool isGivenUp() const;
    /// When `cancelled` has something to do at the latest.
    std::optional<Time> deadline() const;
    InputReplayCounts counts() const;

    // From the plugin; `broken` becomes how the contract was broken, which ends the replay.
    sluice_result push(std::uint64_t id, const sluice_message* messages, std::size_t count,
                       std::string& broken);
    sluice_result lost(std::uint64_t id, const sluice_lane& lane, Position to, std::uint32_t reason,
                       std::string& broken);
    sluice_result at(std::uint64_t id, const sluice_lane& lane, Position position,
                     std::string& broken);

  private:
    struct Run {
        explicit Run(ReplayOrder given) : order{std::move(given)} {}
        const ReplayOrder order;
        ReplayLog::Producer producer;
        std::atomic<std::int64_t> lifeMs{0};  // steady; the last sign of it
        std::atomic<int> inside{0};           // calls that are in the host, and may wait there
    };
    using RunPtr = std::shared_ptr<Run>;  // shared with the plugin's calls
    struct Waiting {
        ReplayOrder order;
        Time until;
    };
    class Call;

    RunPtr find(std::uint64_t id, std::string& broken) const;
    void end(std::uint64_t id, const RunPtr& run, ReplayItem::Kind why);
    sluice_result answer(std::uint64_t id, const RunPtr& run, bool isWanted,
                         const std::string& broken);
    void fail(const ReplayOrder& order);

    Intake& intake_;
    const std::chrono::milliseconds patience_;
    const std::function<void()> changed_;
    std::atomic<std::uint64_t> messages_{0}, failed_{0}, timedOut_{0};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<Waiting> waiting_;
    std::map<std::uint64_t, RunPtr> running_;
    std::uint64_t lastId_ = 0;
    bool isGivenUp_ = false;
};

}  // namespace sluice
