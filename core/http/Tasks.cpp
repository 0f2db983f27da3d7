#include "http/Tasks.h"

#include <algorithm>
#include <utility>

namespace sluice {

Tasks::Tasks(std::size_t threads, std::size_t waitingMax)
    : waitingMax_{waitingMax}, threadsMax_{threads} {}

Tasks::~Tasks() {
    stop();
}

void Tasks::start() {
    const std::lock_guard control{control_};
    {
        const std::lock_guard lock{mutex_};
        isRunning_ = true;
    }
    startThreads();
}

void Tasks::resize(std::size_t threads) {
    const std::lock_guard control{control_};
    {
        const std::lock_guard lock{mutex_};
        threadsMax_ = threads;
    }
    changed_.notify_all();
    joinEnded();
    startThreads();
}

void Tasks::startThreads() {
    const std::lock_guard lock{mutex_};
    if (!isRunning_) return;
    for (; threadsNow_ < threadsMax_; ++threadsNow_) threads_.emplace_back([this] { work(); });
}

void Tasks::joinEnded() {
    std::vector<std::thread::id> ended;
    {
        const std::lock_guard lock{mutex_};
        ended.swap(ended_);
    }
    for (const std::thread::id id : ended) {
        const auto thread = std::find_if(threads_.begin(), threads_.end(),
                                         [id](const auto& one) { return one.get_id() == id; });
        thread->join();
        threads_.erase(thread);
    }
}

bool Tasks::run(std::function<void()>& task) {
    {
        const std::lock_guard lock{mutex_};
        if (!isRunning_ || threadsNow_ == 0 || waiting_.size() >= waitingMax_) return false;
        waiting_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void Tasks::stop() noexcept {
    const std::lock_guard control{control_};
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock{mutex_};
        isRunning_ = false;
        dropped.swap(waiting_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    const std::lock_guard lock{mutex_};
    threadsNow_ = 0;
    ended_.clear();
}

void Tasks::work() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(
            lock, [this] { return !isRunning_ || !waiting_.empty() || threadsNow_ > threadsMax_; });
        if (!isRunning_) return;
        // The last one sees to what waits still: nobody else would.
        const bool isTooMany = threadsNow_ > threadsMax_;
        if (isTooMany && (threadsNow_ > 1 || waiting_.empty())) {
            --threadsNow_;
            ended_.push_back(std::this_thread::get_id());
            changed_.notify_one();  // the word may have been for a task
            return;
        }
        std::function<void()> task = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        task();
        task = nullptr;  // what it holds is let go of outside the lock
        lock.lock();
    }
}

}  // namespace sluice
