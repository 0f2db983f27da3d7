#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "channel/Origins.h"
#include "input/Input.h"
#include "input/InputOptions.h"
#include "input/MappingsInForce.h"
#include "input/Plugin.h"
#include "input/PublishInput.h"
#include "input/Replays.h"

namespace sluice {

/// How an input is and what came of its messages.
struct InputStatus {
    std::string name, plugin, version;
    bool replayable = false, ready = false;
    InputHealth health;
    InputCounts counts;
    std::vector<RejectedSample> samples;  // by reason
    std::uint64_t lag = 0;                // messages at the source that were not read yet
    std::size_t lanes = 0;
    unsigned abandoned = 0;
    InputReplayCounts replays;
};

/// What /inputs of the admin listener shows.
std::string inputsJson(const std::vector<InputStatus>& inputs);

/// What the compiler of mappings must know of these inputs and of `http`; loads their plugins.
/// Throws PluginError.
std::vector<MappingInput> mappingInputs(const std::vector<InputOptions>& inputs,
                                        PluginLibrary& plugins);

/// Owns all inputs and what they map with; answers for them which sources feed a channel. Any
/// thread may call; start and stop once.
class InputHost final : public Origins {
  public:
    /// Loads the plugins; borrows hub and clock, both outlive it. Throws PluginError, and
    /// std::invalid_argument for a name that is taken.
    InputHost(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
              std::shared_ptr<const MappingTable> table, PublishPolicy publish,
              const InputLimits& limits, Hub& hub, const Clock& clock,
              const ReplayOptions& replays = {});
    /// Stops what was not stopped, without time for it.
    ~InputHost() override;

    /// Starts all inputs; returns when the source of each has said what it has, or could not, at
    /// most a second later: only then it is known which inputs have positions, and which families
    /// the id of a reader may name. A reader that came sooner would be told that all may repeat.
    void start();
    /// What the plugins say goes to the tap and nowhere else: nothing is mapped. Borrowed until
    /// they have stopped. REQUIRES: before start.
    void setTap(Tap& tap);
    /// Ends all inputs together within `deadline`; what does not end is given up and stays in
    /// memory. Afterwards nothing is published any more.
    void stop(std::chrono::milliseconds deadline) noexcept;

    /// Whether some call of a plugin never came back. Then the process must end by _Exit: its
    /// thread may wait on what exit() would destroy.
    bool gaveUp() const;

    /// Goes on with other inputs and mappings; waits for whatever stops and starts, as stop() and
    /// start() do. Inputs with the same options are not touched, but told what to watch if that
    /// changed. Of the others first those stop that are changed or not there any more, then the
    /// mappings are swapped between two messages, then changed and new ones start, changed ones
    /// where they stood, and one that is new but for its settings, which are those of one that was
    /// removed, where that stood. What the channels keep of a removed input stays, and its lanes
    /// too: their ids stay exact, and if it comes back it goes on where it stood.
    /// Throws PluginError before anything was changed. False: the host is stopping.
    bool reload(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
                std::shared_ptr<const MappingTable> table);
    /// Whether there was an input of this name at any time since the start.
    bool hasHad(std::string_view name) const;
    const MappingsInForce& mappings() const { return mappings_; }
    LiveTap& liveTap() { return mappings_.liveTap(); }

    PublishInput& http() { return http_; }
    /// Reads lanes again for streams; as long as the host.
    Replays& replays() { return replays_; }
    const Replays& replays() const { return replays_; }
    /// Whether every input has come to where its source stood at the start, or its time is over;
    /// from then on true, whatever a reload changes.
    bool ready() const;
    /// All configured inputs in file order, then `http` if it may publish.
    std::vector<InputStatus> status() const;

    // Origins
    std::uint64_t version() const noexcept override;
    bool mayFeed(const Family& family, const Pattern& channels) const override;
    std::vector<std::string> plainInputs(const Pattern& channels) const override;
    void query(const std::vector<std::uint32_t>& familyHashes,
               std::function<void(SourceEnds)> answer) override;
    void seek(const std::vector<std::uint32_t>& familyHashes, std::int64_t timeMs,
              std::function<void(SourcePlaces)> answer) override;

  private:
    // shared: kept until the process ends, because a plugin's thread may call too late
    using InputPtr = std::shared_ptr<Input>;
    using Inputs = std::vector<InputPtr>;
    using InputsPtr = std::shared_ptr<const Inputs>;  // shared by all who look at them

    InputPtr find(std::string_view name) const;
    std::vector<std::pair<InputPtr, std::vector<SourceQueries::Ask>>> whomToAsk(
        const std::vector<std::uint32_t>& familyHashes) const;
    InputPtr make(const InputOptions& options, const Plugin& plugin);
    InputsPtr inputs() const;
    InputsPtr inputsEver() const;
    void askAllToStop(std::chrono::steady_clock::time_point until) noexcept;
    // InputHostReload.cpp
    void endAll(const Inputs& leaving) noexcept;
    void swapMappings(const Inputs& staying, std::shared_ptr<const MappingTable> table);
    struct Sorted {
        const Inputs &staying, &leaving;
    };
    InputsPtr arrange(const std::vector<InputOptions>& inputs,
                      const std::vector<const Plugin*>& plugins, const Sorted& running,
                      Inputs& starting);
    static void startAll(const Inputs& inputs);

    // constant after construction
    Hub& hub_;
    const Clock& clock_;
    const InputLimits limits_;

    MappingsInForce mappings_;
    PublishInput http_;
    Replays replays_;
    std::atomic<bool> stopped_{false};
    mutable std::atomic<bool> wasReady_{false};

    std::mutex changeMutex_;  // one of start, reload, stop at a time; taken before mutex_
    mutable std::mutex mutex_;
    // guarded by mutex_
    InputsPtr inputs_;  // in force, in file order
    InputsPtr ever_;    // with those that were removed; grows by what an operator does only
};

}  // namespace sluice
