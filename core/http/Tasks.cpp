#include "http/Tasks.h"

#include <utility>

namespace sluice {

Tasks::Tasks(std::size_t threads, std::size_t waitingMax)
    : threadsMax_{threads}, waitingMax_{waitingMax} {}

Tasks::~Tasks() {
    stop();
}

void Tasks::start() {
    isRunning_ = true;
    for (std::size_t i = 0; i < threadsMax_; ++i) threads_.emplace_back([this] { work(); });
}

bool Tasks::run(std::function<void()>& task) {
    {
        const std::lock_guard lock{mutex_};
        if (!isRunning_ || waiting_.size() >= waitingMax_) return false;
        waiting_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void Tasks::stop() noexcept {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock{mutex_};
        isRunning_ = false;
        dropped.swap(waiting_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Tasks::work() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return !isRunning_ || !waiting_.empty(); });
        if (!isRunning_) return;
        std::function<void()> task = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        task();
        task = nullptr;  // what it holds is let go of outside the lock
        lock.lock();
    }
}

}  // namespace sluice
