#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "input/ControlThread.h"
#include "input/InputOptions.h"
#include "input/InputReplays.h"
#include "input/InputState.h"
#include "input/Intake.h"
#include "input/Plugin.h"
#include "input/PluginRun.h"
#include "input/RateLimit.h"
#include "input/SourceQueries.h"
#include "input/SourceSeeks.h"

namespace sluice {

/// How long an input waits before attempt `failures` + 1: doubled after every failure, at most
/// backOffMax, times 0.5 to 1 by `random` in 0..1.
std::chrono::milliseconds backOff(const InputLimits& limits, unsigned failures, double random);

/// Where reading of a lane goes on.
struct StartPlace {
    std::string family;
    std::uint32_t lane = 0;  // of the family
    Position next;
};
using StartPlaces = std::vector<StartPlace>;

/// One configured instance of a plugin: opens, watches, starts, stops and closes it, starts it
/// again with back-off when it fails, and contains what it does wrong.
///
/// Owns a supervising thread and, through it, the plugin's control thread. Any thread may call.
/// Must outlive every thread of its plugin, also one that breaks its contract: InputHost keeps it
/// until the process ends.
class Input final : private PluginRunListener {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Borrows everything but the options; `plugin` lives until the process ends.
    Input(InputOptions options, const Plugin& plugin, Hub& hub, MappingsInForce& mappings,
          const Clock& clock, const InputLimits& limits);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// REQUIRES: not started yet, or joined.
    void start();
    /// Asks to end by `until` and returns at once.
    void askToStop(Time until) noexcept;
    /// Waits until the instance was closed, or given up because a call of it did not come back by
    /// the time given to askToStop. Afterwards nothing of it reaches the hub. REQUIRES: askToStop.
    void join() noexcept;

    /// Goes on with other options, perhaps of another plugin, at its next start. What the source
    /// had is kept as long as the plugin is the same. REQUIRES: not started yet, or joined.
    void reconfigure(InputOptions options, const Plugin& plugin);
    /// It is the other one under another name: begins where that stood, so that nothing comes twice
    /// or is missing, and what a source without positions sent since is told as lost. REQUIRES: not
    /// started yet; `other` joined.
    void goOnFrom(const Input& other);
    /// REQUIRES: nobody reconfigures it meanwhile.
    const InputOptions& options() const { return options_; }

    /// What its plugin says goes to the tap, with everything that messages can carry; nothing is
    /// mapped. Borrowed. REQUIRES: not started yet.
    void setTap(Tap& tap);

    /// The mappings have changed: tells the plugin which topics are wanted now.
    void patternsChanged();
    /// Mappings that look at more than before are about to come into force: waits until the plugin
    /// knows what they need (SLUICE_NEEDS_...), at most until `until`. False: it does not know.
    bool need(std::uint32_t needs, Time until);
    /// Asks the source; answers exactly once, with nothing at all if it cannot be asked.
    void query(std::vector<SourceQueries::Ask> asks, SourceQueries::Answer answer);

    /// Asks the source where lanes stood at a time; answers exactly once, within kQueryDeadline.
    void seek(std::vector<SourceSeeks::Ask> asks, std::int64_t timeMs, SourceSeeks::Answer answer);
    /// Whether what its source sent can be read again, perhaps by the next instance.
    bool canReplay() const;
    /// Has the lane of a leg read again; in any case the leg ends some time.
    void replay(ReplayOrder order) { replays_.add(std::move(order)); }
    /// It is not in force any more: who waits for a replay is told. REQUIRES: joined.
    void giveUpReplays() { replays_.giveUp(); }
    InputReplayCounts replays() const { return replays_.counts(); }

    const std::string& name() const { return name_; }
    const Plugin& plugin() const { return *plugin_.load(); }
    InputHealth health() const;
    const Intake& intake() const { return intake_; }
    /// Whether its messages have no positions.
    bool isPlain() const { return !plugin().replayable || plain_.load(); }
    /// Whether messages without positions, now or with earlier options, may yield events on such a
    /// channel.
    bool mayFeedPlain(const Pattern& channels) const;
    /// Waits until the source has said what lanes it has, or cannot be reached; one without
    /// positions is only waited for until it was opened. False: not by `until`.
    bool waitAnswered(Time until);
    /// Whether it has come to where its source stood at the start, or the time for that is over.
    bool isReady();
    /// How many instances were given up in a call that did not come back.
    unsigned abandoned() const { return abandoned_.load(); }

    /// A call to the plugin but stop must come back within this.
    static constexpr std::chrono::seconds kCallDeadline{10};
    static constexpr std::chrono::seconds kQueryDeadline{5};
    static constexpr std::chrono::seconds kLagInterval{10};
    /// Beyond the deadline that stop was given.
    static constexpr std::chrono::milliseconds kStopGrace{200};
    /// Instances given up after which the input is not started again: each costs a thread.
    static constexpr unsigned kAbandonedMax = 3;
    /// Closed instances whose border is kept, for calls that come too late.
    static constexpr std::size_t kRunsKept = 1'000;

  private:
    using RunPtr = std::shared_ptr<PluginRun>;  // shared: a call that never returns keeps it
    using ControlPtr = std::shared_ptr<ControlThread>;  // shared with askToStop

    // PluginRunListener, on the plugin's threads
    void health(InputState state, std::string_view code, std::string_view text,
                std::uint32_t retryMs) noexcept override;
    void plain() noexcept override;
    void plainExcept(const std::vector<std::string>& patterns) noexcept override;
    void pluginLog(std::uint32_t level, std::string_view text) noexcept override;
    bool sought(std::uint64_t question, std::string_view family,
                std::vector<Position> positions) override;
    void breach(std::string_view how) noexcept override;

    // supervising thread
    void supervise() noexcept;
    void runOnce();
    bool openRun(ControlThread& control, const RunPtr& run);
    bool watchRun(ControlThread& control, const RunPtr& run);
    bool startRun(ControlThread& control, const RunPtr& run);
    StartPlaces startPlaces() const;
    void serve(ControlThread& control, const RunPtr& run);
    bool askSource(ControlThread& control, const RunPtr& run);
    bool seekInSource(ControlThread& control, const RunPtr& run);
    bool serveReplays(ControlThread& control, const RunPtr& run);
    bool beginReplay(ControlThread& control, const RunPtr& run,
                     const InputReplays::Request& request);
    bool cancelReplays(ControlThread& control, const RunPtr& run,
                       const std::vector<std::uint64_t>& ids);
    Time due(Time lagDue) const;
    void finish(ControlThread& control, const RunPtr& run);
    bool call(ControlThread& control, const char* function, std::function<int()> body, Time until);
    void askForLag();
    void waitBackOff(unsigned failures);
    void giveUp();
    std::chrono::milliseconds stopDeadline() const;
    std::string settingErrorText(const PluginRun& run) const;

    void addPlain(std::vector<Pattern> except);
    void fail(std::string_view code, std::string_view text);
    void setHealth(InputState state, std::string_view code, std::string_view text,
                   std::uint32_t retryMs);
    bool stopWanted() const;
    std::string area() const { return "input " + name_; }

    // constant after construction
    const std::string name_;
    Hub& hub_;
    MappingsInForce& mappings_;
    const Clock& clock_;
    const InputLimits limits_;

    Intake intake_;
    SourceQueries queries_;
    InputReplays replays_;
    SourceSeeks seeks_;
    RateLimit healthLines_{20, 1};
    RateLimit logLines_{50, 10};
    std::atomic<unsigned> abandoned_{0};
    std::atomic<bool> isReady_{false};
    std::atomic<bool> wasConnected_{false};  // some instance since the node's start
    std::atomic<bool> plain_{false};
    std::atomic<const Plugin*> plugin_;

    Tap* tap_ = nullptr;  // constant after start
    /// Of the present instance: the patterns of plainExcept(). Written inside open.
    std::vector<std::string> positionsOf_;
    InputOptions options_;   // constant while the supervising thread runs
    StartPlaces inherited_;  // likewise: where the input stood of which it is another name

    // supervising thread only
    std::deque<RunPtr> runs_;
    std::uint32_t needs_ = 0;  // SLUICE_NEEDS_... of all mappings that were in force
    bool started_ = false;     // start of the present instance was called
    std::mt19937 random_{std::random_device{}()};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    InputHealth health_;
    bool stopWanted_ = false, failed_ = false, patternsChanged_ = false, queryWanted_ = false;
    bool openTried_ = false;
    bool replaysWanted_ = false;  // something is to be done about them
    bool canAsk_ = false;         // an instance runs that can be asked
    bool watches_ = false;        // an instance was told of patterns, or soon will be
    std::uint32_t needsSoon_ = 0, needsWatched_ = 0;  // SLUICE_NEEDS_...: wanted, told
    Time stopUntil_{};
    Time startedAt_{};
    ControlPtr control_;
    /// Topics that messages without positions are of, or were once: all but those that an item's
    /// patterns take. Grows by what an operator does only.
    std::vector<std::vector<Pattern>> plainButFor_;

    std::thread thread_;
};

}  // namespace sluice
