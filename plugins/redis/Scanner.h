#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "Connection.h"
#include "TopicPlan.h"

namespace sluice::redis {

/// Looks through the keys of the database for streams that the plan wants, a slice at a time, so
/// that reading goes on meanwhile. One thread.
class Scanner {
  public:
    /// Borrows both.
    Scanner(Connection& connection, const Options& options)
        : connection_(connection), options_(options) {}

    /// A sweep begins, over every scan of the plan. REQUIRES: the plan outlives the sweep.
    void begin(const TopicPlan& plan);
    bool isSweeping() const { return plan_ != nullptr; }
    /// The connection is another one, or the plan is: the sweep under way is of no use.
    void abandon() { plan_ = nullptr; }
    /// Goes on for kSlice; what was found since the last call is added to `found`. True: the sweep
    /// has come to its end.
    bool step(std::set<std::string>& found);

    static constexpr std::chrono::milliseconds kSlice{50};
    static constexpr const char* kCount = "1000";  // keys that one SCAN looks at

  private:
    Connection& connection_;
    const Options& options_;
    const TopicPlan* plan_ = nullptr;
    std::size_t scan_ = 0;  // index of the one under way
    std::string cursor_;
};

}  // namespace sluice::redis
