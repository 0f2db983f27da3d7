#include "graphite/GraphiteExport.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/Log.h"
#include "graphite/CarbonSocket.h"

namespace sluice {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{1'000}, kLongestWait{60'000};

}  // namespace

class GraphiteExport::Worker {
  public:
    Worker(GraphiteOptions options, Make make)
        : options_{std::move(options)}, make_{std::move(make)}, socket_{options_, wakeup_} {}

    bool isOn() const { return !options_.server.empty(); }

    GraphiteCounts counts() const {
        const std::lock_guard lock{mutex_};
        return counts_;
    }

    void run() noexcept {
        auto next = Steady::now() + options_.interval;
        while (waitUntil(next)) {
            const bool isSent = turn();
            const auto now = Steady::now();
            next = isSent ? std::max(next + options_.interval, now) : now + backOff();
        }
        const std::lock_guard lock{mutex_};
        hasEnded_ = true;
        changed_.notify_all();
    }

    /// Returns when the thread has ended, or only waits for the resolver and will do nothing else.
    void stop() noexcept {
        wakeup_.wake();
        std::unique_lock lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return hasEnded_ || resolving_; });
    }

  private:
    bool waitUntil(Steady::time_point time) {
        std::unique_lock lock{mutex_};
        return !changed_.wait_until(lock, time, [this] { return stopping_; });
    }

    /// False: it could not be sent.
    bool turn() noexcept {
        try {
            if (socket_.isOpen() && socket_.isGone()) socket_.close();
            if (!socket_.isOpen() && !open()) return true;  // it is to stop
            socket_.send(make_(static_cast<std::int64_t>(std::time(nullptr))));
            tell("");
            return true;
        } catch (const std::exception& error) {
            socket_.close();
            tell(error.what());
        }
        return false;
    }

    /// False: the node ended meanwhile.
    bool open() {
        if (!setResolving(true)) return false;
        std::optional<CarbonTargets> targets;
        std::string why;
        try {
            targets.emplace(options_.server, options_.protocol);
        } catch (const CarbonError& error) {
            why = error.what();
        }
        if (!setResolving(false)) return false;
        if (!targets) throw CarbonError{why};
        socket_.open(*targets);
        return true;
    }

    /// False: it is to stop, and whoever said so may be gone already.
    bool setResolving(bool isResolving) {
        const std::lock_guard lock{mutex_};
        if (!stopping_) resolving_ = isResolving;
        return !stopping_;
    }

    /// Empty: all is well.
    void tell(const std::string& why) {
        const std::lock_guard lock{mutex_};
        if (stopping_) return;
        const bool wasFailing = std::exchange(counts_.isFailing, !why.empty());
        ++(why.empty() ? counts_.sent : counts_.failed);
        if (!why.empty() && !wasFailing) {
            failedBefore_ = counts_.failed - 1;
            log::warning("graphite", "statistics cannot be sent to " + options_.server + ": " +
                                         why + "; trying again");
        }
        if (why.empty() && wasFailing)
            log::info("graphite", "statistics are sent to " + options_.server + " again, after " +
                                      std::to_string(counts_.failed - failedBefore_) + " failures");
        if (why.empty()) wait_ = kFirstWait;
    }

    milliseconds backOff() {
        std::uniform_real_distribution<double> jitter{0.5, 1.0};
        const auto ms = static_cast<double>(wait_.count()) * jitter(random_);
        wait_ = std::min(wait_ * 2, kLongestWait);
        return milliseconds{static_cast<std::int64_t>(ms)};
    }

    // constant after construction
    const GraphiteOptions options_;
    const Make make_;
    Wakeup wakeup_;

    // its own thread only
    CarbonSocket socket_;
    milliseconds wait_{kFirstWait};
    std::uint64_t failedBefore_ = 0;
    std::minstd_rand random_{std::random_device{}()};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    GraphiteCounts counts_;
    bool stopping_ = false, resolving_ = false, hasEnded_ = true;

    friend class GraphiteExport;
};

GraphiteExport::GraphiteExport(GraphiteOptions options, Make make)
    : worker_{std::make_shared<Worker>(std::move(options), std::move(make))} {}

GraphiteExport::~GraphiteExport() {
    stop();
}

void GraphiteExport::start() {
    if (!worker_->isOn()) return;
    worker_->hasEnded_ = false;
    std::thread{[worker = worker_] { worker->run(); }}.detach();
}

void GraphiteExport::stop() noexcept {
    worker_->stop();
}

bool GraphiteExport::isOn() const {
    return worker_->isOn();
}

GraphiteCounts GraphiteExport::counts() const {
    return worker_->counts();
}

}  // namespace sluice
