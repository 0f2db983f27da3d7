#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "base/Signals.h"
#include "channel/Hub.h"
#include "cli/CommandLine.h"
#include "cli/Configuration.h"
#include "cli/RecordingWriter.h"
#include "input/InputHost.h"

namespace sluice::cli {

/// Reads the inputs of a configuration for a tool that only looks: they join no group, acknowledge
/// nothing, and what they receive goes to a tap.
class Observation final {
  public:
    struct Limits {
        std::chrono::milliseconds time{0};  // 0: none
        std::uint64_t messagesMax = 0;      // 0: none
    };
    /// What an option of a command that observes says. Throws UsageError.
    static std::chrono::milliseconds durationOf(const Arguments& arguments, const char* option);
    /// What --for and --count say. Throws UsageError.
    static Limits limitsOf(const Arguments& arguments);

    struct Progress {
        std::string text;     // for the status line
        bool isDone = false;  // nothing more is wanted
    };

    /// Of the inputs only those named, where any are. Throws UsageError for a name that is none.
    Observation(const Configuration& configuration, const std::vector<std::string>& inputs);

    const Clock& clock() const { return clock_; }
    const std::vector<InputOptions>& inputs() const { return inputs_; }
    std::map<std::string, RecordingWriter::Source, std::less<>> sources() const;

    /// Reads until a signal comes, the time is over or `progress` says so; asks that several times
    /// a second and shows it where stderr is a terminal. Then stops the inputs, and says on stderr
    /// in what state those are of which nothing came. Call once.
    void run(Tap& tap, const Signals& signals, std::chrono::milliseconds time,
             const std::function<Progress()>& progress);
    /// Where a plugin never came back, the process must not end in the usual way.
    void endProcessIfStuck(int status) const;

  private:
    std::shared_ptr<const MappingTable> patternsOnly(const Configuration& configuration) const;
    void tellOfTrouble() const;

    SystemClock clock_;
    std::vector<InputOptions> inputs_;
    PluginLibrary& plugins_;
    Hub hub_;
    std::unique_ptr<InputHost> host_;
};

}  // namespace sluice::cli
