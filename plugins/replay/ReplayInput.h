#pragma once

#include <memory>
#include <span>
#include <thread>

#include <sluice/plugin.hpp>

#include "Options.h"
#include "OptionsSchema.h"
#include "Playback.h"

namespace sluice::replay {

/// The plugin: reads a file that `sluice record` wrote in the place of a broker.
class ReplayInput {
  public:
    static constexpr plugin::Description kPlugin{"replay", "1.0.0", kOptionsSchema, true, '.'};

    explicit ReplayInput(plugin::Host& host);
    ~ReplayInput();
    ReplayInput(const ReplayInput&) = delete;
    ReplayInput& operator=(const ReplayInput&) = delete;

    /// All of the recording is played: the host counts what no mapping takes.
    void watch(std::span<const plugin::Pattern>) {}
    void start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind);
    void stop(plugin::milliseconds deadline);
    static void check(plugin::Host& host) { readOptions(host); }
    void query(std::span<const sluice_text> families);

  private:
    plugin::Host& host_;
    const Options options_;
    std::unique_ptr<Playback> playback_;  // between start and stop
    std::thread thread_;
};

}  // namespace sluice::replay
