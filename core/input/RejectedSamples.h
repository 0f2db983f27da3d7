#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "mapping/MapOutcome.h"

namespace sluice {

/// The last sample of each reason for which messages of an input were rejected. Any thread may
/// call.
class RejectedSamples {
  public:
    void take(std::vector<RejectedSample>& samples) {
        if (samples.empty()) return;
        const std::lock_guard lock{mutex_};
        for (RejectedSample& sample : samples) byReason_[sample.reason] = std::move(sample);
    }

    std::vector<RejectedSample> all() const {
        const std::lock_guard lock{mutex_};
        std::vector<RejectedSample> all;
        for (const auto& [reason, sample] : byReason_) all.push_back(sample);
        return all;
    }

  private:
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::map<Rejection, RejectedSample> byReason_;
};

}  // namespace sluice
