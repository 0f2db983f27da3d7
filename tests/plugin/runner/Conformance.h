#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {

/// What to hold against the contract.
struct Candidate {
    std::string file;                                           // the .so
    std::string topic;                                          // has messages now and later
    std::vector<std::pair<std::string, std::string>> settings;  // by JSON pointer
    bool refused = false;  // the settings name a broker that refuses: no message may come
};

/// Holds one plugin against plugin.h, through nothing but plugin.h. Every check opens an instance
/// of its own; what fails is printed to stdout. One thread.
class Conformance {
  public:
    explicit Conformance(Candidate candidate) : candidate_{std::move(candidate)} {}

    /// Whether all checks passed.
    bool run();

  private:
    /// An instance and all that its host saw.
    struct Session {
        explicit Session(const Candidate& candidate);
        bool start(const std::vector<PluginInstance::Position>& positions = {});
        RecordingHost host;
        PluginInstance plugin;
        const std::string topic;
    };

    void tableIsWhole();
    void otherAbiIsRefused();
    void checkTouchesNothing();
    void openTouchesNoNetwork();
    void lanesAreInOrder();
    void restartGoesOnAtItsPositions();
    void queryIsAnsweredBySource();
    void stopIsInTimeAndSilentAfterwards();
    void aRefusedBrokerIsAState();
    // ConformanceReplay.cpp
    void replayBringsTheSameAgain();
    void aCancelledReplayIsSilent();
    void seekIsAnswered();
    /// Prints the outcome of one check; returns it.
    bool expect(bool holds, const std::string& what);
    static void quote(const Session& session);

    const Candidate candidate_;
    bool passed_ = true;
};

}  // namespace sluice::test
