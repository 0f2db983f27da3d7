#include "input/ControlThread.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace sluice {

ControlThread::ControlThread()
    : shared_{std::make_shared<Shared>()}, thread_{[shared = shared_] { run(shared); }} {}

ControlThread::~ControlThread() {
    if (letGo_) return;
    {
        const std::lock_guard lock{shared_->mutex};
        shared_->quit = true;
    }
    shared_->changed.notify_all();
    thread_.join();
}

ControlThread::Result ControlThread::call(std::function<void()> task, Time until) {
    if (letGo_) return Result::TimedOut;
    std::unique_lock lock{shared_->mutex};
    shared_->task = std::move(task);
    shared_->busy = true;
    shared_->threw = false;
    shared_->changed.notify_all();
    while (shared_->busy) {
        const Time limit = shared_->hurryUntil ? std::min(until, *shared_->hurryUntil) : until;
        if (std::chrono::steady_clock::now() >= limit) {
            shared_->quit = true;
            letGo_ = true;
            thread_.detach();
            return Result::TimedOut;
        }
        shared_->changed.wait_until(lock, limit);
    }
    if (!shared_->threw) return Result::Done;
    thrown_ = shared_->what;
    return Result::Threw;
}

void ControlThread::hurry(Time until) {
    {
        const std::lock_guard lock{shared_->mutex};
        shared_->hurryUntil = until;
    }
    shared_->changed.notify_all();
}

void ControlThread::run(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock{shared->mutex};
    for (;;) {
        shared->changed.wait(lock, [&] { return shared->task || shared->quit; });
        if (!shared->task) return;
        std::function<void()> task = std::exchange(shared->task, nullptr);
        lock.unlock();
        std::string what;
        bool threw = true;
        try {
            task();
            threw = false;
        } catch (const std::exception& error) {
            what = error.what();
        } catch (...) {
            what = "an exception that is no std::exception";
        }
        task = nullptr;  // what it owns goes before the caller learns that it is done
        lock.lock();
        shared->busy = false;
        shared->threw = threw;
        shared->what = std::move(what);
        shared->changed.notify_all();
    }
}

}  // namespace sluice
