#pragma once

#include <cstdint>
#include <string>

#include "support/ChildProcess.h"

namespace sluice::test {

/// A real Mosquitto of the test's own at 127.0.0.1, with an unbounded queue per session. Over stop
/// and start it keeps its port, and its sessions where `persistence true` is configured.
class MosquittoProcess {
  public:
    /// What a listener allows and knows, as lines of mosquitto.conf.
    struct Options {
        std::string listener = "allow_anonymous true\n";
        std::string global{};  // e.g. "persistence true\n"
    };
    /// Starts it. Throws std::runtime_error.
    MosquittoProcess() : MosquittoProcess(Options{}) {}
    explicit MosquittoProcess(const Options& options);

    std::uint16_t port() const { return port_; }
    /// HOST:PORT.
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string uri() const { return "mqtt://" + address(); }
    /// Starts it again and waits until it listens.
    void start();
    void stop() { process_.stop(); }
    void kill() { process_.kill(); }
    void freeze() { process_.freeze(); }
    void thaw() { process_.thaw(); }
    std::string log() const { return process_.log(); }

  private:
    std::uint16_t port_;
    ChildProcess process_;
};

}  // namespace sluice::test
