#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include <sluice/plugin.hpp>

#include "Fault.h"

namespace sluice::kafka {

/// Turns faults and the outcome of the watcher's rounds into the input's state; reports changes
/// only. Any thread may call. The host is called outside the lock but one at a time: only the
/// watcher's thread reports.
class Health {
  public:
    using Clock = std::chrono::steady_clock;

    Health(const plugin::Host& host, const Options& options);

    /// An error callback spoke: remembered as the reason, should the next round fail.
    void note(rd_kafka_resp_err_t error, std::string_view reason);
    /// Whether a reason is known since the last good round.
    bool hasReason() const;

    // watcher's thread only
    void connecting();
    /// The cluster answered. problem.code is empty: all that was asked for is there.
    void answered(const Fault& problem);
    /// It did not.
    void unanswered();
    /// An answer after faults: what was read before may have been replaced meanwhile.
    bool takeRecovered();

    /// Without an answer and without a reason for so long: no-answer.
    static constexpr std::chrono::milliseconds kSilence{5'000};
    static constexpr std::chrono::milliseconds kRetry{1'000};

  private:
    void report(sluice_state state, const std::string& code, const std::string& text);

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    Fault reason_;
    Clock::time_point reasonAt_{};
    bool hadFault_ = false;

    // watcher's thread only
    Clock::time_point lastAnswer_ = Clock::now();
    std::string reported_;
};

}  // namespace sluice::kafka
