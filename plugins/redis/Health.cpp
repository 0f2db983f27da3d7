#include "Health.h"

#include <algorithm>
#include <utility>

namespace sluice::redis {

void Health::idle(Part part) {
    set(part, {});
}

void Health::connecting(Part part) {
    set(part, {State::Connecting, {}, {}});
}

void Health::failed(Part part, Fault fault, plugin::milliseconds retry) {
    set(part, {State::Connecting, std::move(fault), retry});
}

void Health::running(Part part, Fault problem) {
    const State state = problem.code.empty() ? State::Running : State::Degraded;
    set(part, {state, std::move(problem), {}});
}

void Health::set(Part part, Of of) {
    const std::lock_guard lock(mutex_);
    parts_[static_cast<std::size_t>(part)] = std::move(of);
    // The worse of the two, and of two faults the one that explains more.
    const Of& worst = *std::ranges::max_element(parts_, {}, [](const Of& one) {
        return std::pair{one.state, one.fault.weight};
    });
    switch (worst.state) {
        case State::Idle:
            return report(SLUICE_STATE_RUNNING, "running", "no mapping asks for anything", {});
        case State::Running:
            return report(SLUICE_STATE_RUNNING, "running", "connected to " + options_.shown, {});
        case State::Degraded:
            return report(SLUICE_STATE_DEGRADED, worst.fault.code, worst.fault.text, {});
        case State::Connecting:
            if (worst.fault.code.empty())
                return report(SLUICE_STATE_CONNECTING, "connecting",
                              "connecting to " + options_.shown, {});
            return report(SLUICE_STATE_CONNECTING, worst.fault.code, worst.fault.text, worst.retry);
    }
}

void Health::report(sluice_state state, std::string_view code, std::string_view text,
                    plugin::milliseconds retry) {
    std::string report = std::to_string(state).append(code).append(text);
    if (report == reported_) return;
    reported_ = std::move(report);
    host_.health(state, code, text, retry);
}

}  // namespace sluice::redis
