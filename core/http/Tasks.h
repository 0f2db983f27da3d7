#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice {

/// A few threads for work that waits for others, so that those that serve requests do not. Any
/// thread may call.
class Tasks final {
  public:
    /// `waitingMax`: that no thread has taken yet. No thread starts before `start`.
    Tasks(std::size_t threads, std::size_t waitingMax);
    ~Tasks();
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    void start();
    /// So many threads from now on; those that are too many end with what they do.
    void resize(std::size_t threads);
    /// False, and the task is untouched, where there is no room or no thread, or none of it will be
    /// run any more. A task must not throw.
    bool run(std::function<void()>& task);
    /// Waits for tasks under way; those that wait are dropped. May be called twice.
    void stop() noexcept;

  private:
    void work();

    void startThreads();
    void joinEnded();

    const std::size_t waitingMax_;

    std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    std::size_t threadsMax_, threadsNow_ = 0;
    std::deque<std::function<void()>> waiting_;
    bool isRunning_ = false;
    std::vector<std::thread::id> ended_;  // that were too many, to be joined

    std::mutex control_;  // taken before mutex_, for all of start, resize and stop
    // guarded by control_
    std::vector<std::thread> threads_;
};

}  // namespace sluice
