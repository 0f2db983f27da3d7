#pragma once

#include <mutex>
#include <stdexcept>

#include <sluice/plugin.hpp>

#include "Fault.h"

namespace sluice::redis {

/// Throws where the host does not want to be called any more.
inline void expectOk(sluice_result result) {
    if (result == SLUICE_CLOSING) throw Stopping();
    if (result == SLUICE_INVALID) throw std::logic_error("the host refused a call");
}

/// The lane of messages without positions. Any thread may call: it sees to it that they reach the
/// host one at a time, as plugin.h wants of every lane.
class PlainLane {
  public:
    explicit PlainLane(const plugin::Host& host) : host_(host) {}

    void push(plugin::Batch& batch) {
        const std::lock_guard lock(mutex_);
        expectOk(host_.push(batch));
    }
    /// Messages are gone, nobody knows how many.
    void lost() {
        const std::lock_guard lock(mutex_);
        expectOk(host_.lost({}, 0, {}, {}, SLUICE_LOST));
    }

  private:
    const plugin::Host& host_;
    std::mutex mutex_;  // held while the host is called: that is what it is for
};

}  // namespace sluice::redis
