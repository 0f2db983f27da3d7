#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "channel/Origins.h"
#include "input/Input.h"
#include "input/InputOptions.h"
#include "input/MappingsInForce.h"
#include "input/Plugin.h"
#include "input/PublishInput.h"

namespace sluice {

/// How an input is and what came of its messages.
struct InputStatus {
    std::string name, plugin, version;
    bool replayable = false, ready = false;
    InputHealth health;
    InputCounts counts;
    std::uint64_t lag = 0;  // messages at the source that were not read yet
    std::size_t lanes = 0;
    unsigned abandoned = 0;
};

/// What /inputs of the admin listener shows.
std::string inputsJson(const std::vector<InputStatus>& inputs);

/// What the compiler of mappings must know of these inputs; loads their plugins. Throws
/// PluginError. `http` is not among them: nothing of it is mapped.
std::vector<MappingInput> mappingInputs(const std::vector<InputOptions>& inputs,
                                        PluginLibrary& plugins);

/// Owns all inputs and what they map with; answers for them which sources feed a channel. Any
/// thread may call; start and stop once, from one thread.
class InputHost final : public Origins {
  public:
    /// Loads the plugins; borrows hub and clock, both outlive it. Throws PluginError, and
    /// std::invalid_argument for a name that is taken.
    InputHost(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
              std::shared_ptr<const MappingTable> table, PublishPolicy publish,
              const InputLimits& limits, Hub& hub, const Clock& clock);
    /// Stops what was not stopped, without time for it.
    ~InputHost() override;

    /// Starts all inputs; returns when the source of each has said what it has, or could not, at
    /// most a second later: only then it is known which inputs have positions, and which families
    /// the id of a reader may name. A reader that came sooner would be told that all may repeat.
    void start();
    /// Ends all inputs together within `deadline`; what does not end is given up and stays in
    /// memory. Afterwards nothing is published any more.
    void stop(std::chrono::milliseconds deadline) noexcept;

    /// Whether some call of a plugin never came back. Then the process must end by _Exit: its
    /// thread may wait on what exit() would destroy.
    bool gaveUp() const;

    /// Puts another table in force, between two messages, and tells the plugins what to watch.
    void setMappings(std::shared_ptr<const MappingTable> table);
    const MappingsInForce& mappings() const { return mappings_; }

    PublishInput& http() { return http_; }
    /// Whether every input has come to where its source stood at the start, or its time is over.
    bool ready() const;
    /// All configured inputs in file order, then `http` if it may publish.
    std::vector<InputStatus> status() const;

    // Origins
    std::uint64_t version() const noexcept override;
    bool mayFeed(const Family& family, const Pattern& channels) const override;
    std::vector<std::string> plainInputs(const Pattern& channels) const override;
    void query(const std::vector<std::uint32_t>& familyHashes,
               std::function<void(SourceEnds)> answer) override;

  private:
    Hub& hub_;
    MappingsInForce mappings_;
    PublishInput http_;
    // shared: kept until the process ends, because a plugin's thread may call too late
    std::vector<std::shared_ptr<Input>> inputs_;
    bool stopped_ = false;
};

}  // namespace sluice
