#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sluice {

/// The one thread on which a plugin's functions are called, one at a time, each with a deadline.
/// A call that does not come back in time keeps its thread: the thread is let go (it lives until
/// the call returns) and every later call fails. One thread at a time may call; `hurry` from any.
class ControlThread {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Result { Done, Threw, TimedOut };

    ControlThread();
    /// Waits for the thread, unless it was let go.
    ~ControlThread();
    ControlThread(const ControlThread&) = delete;
    ControlThread& operator=(const ControlThread&) = delete;

    /// Runs `task` on the thread. TimedOut: it may still run, with all that it captured; so
    /// captures must own what they use.
    Result call(std::function<void()> task, Time until);
    /// What the task of the last call threw, as text.
    const std::string& thrown() const { return thrown_; }
    /// No call waits longer than this from now on.
    void hurry(Time until);
    bool isLetGo() const { return letGo_; }

  private:
    /// Shared with the thread, which may outlive this object.
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        // guarded by mutex
        std::function<void()> task;
        bool busy = false, quit = false, threw = false;
        std::string what;
        std::optional<Time> hurryUntil;
    };
    static void run(const std::shared_ptr<Shared>& shared);

    const std::shared_ptr<Shared> shared_;  // shared: a thread that was let go outlives us
    std::thread thread_;
    bool letGo_ = false;
    std::string thrown_;
};

}  // namespace sluice
