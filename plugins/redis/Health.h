#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <string>

#include <sluice/plugin.hpp>

#include "Fault.h"

namespace sluice::redis {

/// Makes the state of the input out of those of its two connections, and reports changes. Any
/// thread may call.
class Health {
  public:
    enum class Part { PubSub, Streams };

    /// Borrows both. Without streams that part stays idle.
    Health(const plugin::Host& host, const Options& options) : host_(host), options_(options) {
        for (Of& part : parts_) part.state = State::Connecting;
        if (options.streams.empty()) parts_[static_cast<std::size_t>(Part::Streams)] = {};
    }

    /// Nothing is asked of the part.
    void idle(Part part);
    /// It is about to connect for the first time.
    void connecting(Part part);
    /// It could not connect, or lost its connection, and tries again after `retry`.
    void failed(Part part, Fault fault, plugin::milliseconds retry);
    /// It runs; a problem with a code: in part.
    void running(Part part, Fault problem = {});

  private:
    enum class State { Idle, Running, Degraded, Connecting };
    struct Of {
        State state = State::Idle;
        Fault fault;
        plugin::milliseconds retry{0};
    };
    void set(Part part, Of of);
    void report(sluice_state state, std::string_view code, std::string_view text,
                plugin::milliseconds retry);

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;

    // Held while the host is called, too: else an older state could be told last.
    std::mutex mutex_;
    // guarded by mutex_
    std::array<Of, 2> parts_;
    std::string reported_;
};

}  // namespace sluice::redis
