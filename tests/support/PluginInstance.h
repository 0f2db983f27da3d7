#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sluice/plugin.h>

#include "support/RecordingHost.h"

namespace sluice::test {

/// A real plugin from its .so, loaded as the host loads it, and one instance of it. The calling
/// thread is the control thread. Stops and closes at its end.
class PluginInstance {
  public:
    /// Throws std::runtime_error if the file cannot be loaded.
    PluginInstance(const std::string& path, RecordingHost& host);
    ~PluginInstance();
    PluginInstance(const PluginInstance&) = delete;
    PluginInstance& operator=(const PluginInstance&) = delete;

    /// What its table lacks is null; `size` is as the plugin says.
    const sluice_plugin_table& table() const { return table_; }
    /// The functions of plugin.h; false: the plugin said no.
    bool check();
    bool open();
    /// Patterns as `from` has them, such as "orders.{region}".
    bool watch(const std::vector<std::string>& patterns, std::uint32_t needs = ~0u);
    struct Position {
        std::string family;
        std::uint32_t lane = 0;
        std::uint64_t first = 0;
        std::uint64_t second = 0;  // of families of two words
    };
    bool start(const std::vector<Position>& positions = {},
               std::chrono::milliseconds rewind = std::chrono::milliseconds{0});
    /// How long it took.
    std::chrono::milliseconds stop();
    bool query(const std::vector<std::string>& families);
    /// Messages of a lane again, from `from` up to `to`; false: the plugin said no, or cannot.
    bool replay(std::uint64_t id, const Position& from, sluice_position to,
                std::uint64_t group = 1);
    void cancel(std::uint64_t replayId);
    bool seek(std::uint64_t question, std::int64_t timeMs,
              const std::vector<std::string>& families);

    static constexpr std::chrono::milliseconds kStopDeadline{5'000};

  private:
    RecordingHost& host_;
    sluice_plugin_table table_{};
    void* instance_ = nullptr;
    bool isStarted_ = false;
};

}  // namespace sluice::test
