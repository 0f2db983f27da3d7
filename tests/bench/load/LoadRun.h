#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "LatencyHistogram.h"
#include "LoadOptions.h"
#include "ProcessFigures.h"
#include "Subscriber.h"
#include "Tally.h"

namespace sluice::bench {

// What a run found. Times in the names' units; the server's figures are 0 without --pid.
struct LoadResult {
    std::uint64_t missing = 0, doubled = 0, reordered = 0;
    std::uint64_t silent = 0;       // readers that got no event at all
    std::uint64_t behind = 0;       // readers that the grace did not bring past the measured time
    std::uint64_t closed = 0;       // readers whose stream ended, outside of a storm
    std::uint64_t stuckClosed = 0;  // stuck ones that the server gave up
    std::uint64_t retries = 0;      // connections that had to be made again
    double seconds = 0;             // measured time
    double serverCpuSeconds = 0;    // in the measured time
    double testerCpuSeconds = 0;
    double otherCpuSeconds = 0;        // of all other processes: a busy machine spoils latencies
    Memory memoryBefore, memoryAfter;  // before the first connect; at the end
    KernelMemory kernelBefore, kernelAfter;  // both ends of each connection
    std::uint64_t caughtUp = 0;              // storm: readers that were caught up in time
    double caughtUpSeconds = 0;              // storm: from the cut until the last one was
    double stormCpuSeconds = 0;              // storm: the server's, in that time
};

// One run of the load tester: connects, measures, audits. Everything on the calling thread, on raw
// epoll; with the buffers made at the start it allocates only per connection.
class LoadRun final {
  public:
    explicit LoadRun(const LoadOptions& options);
    LoadRun(const LoadRun&) = delete;
    LoadRun& operator=(const LoadRun&) = delete;
    ~LoadRun();

    // Takes warm + measured + grace time, and in a storm at most kStormSecondsMax more. Throws
    // std::runtime_error when the subscribers cannot all connect within kConnectSecondsMax.
    LoadResult run();

    const Tally& tally() const { return tally_; }

    static constexpr double kConnectSecondsMax = 60;
    static constexpr double kStormSecondsMax = 60;

  private:
    struct Retry {
        std::int64_t atUs;
        std::size_t index;
    };

    void makeSubscribers();
    void connectAll();
    void measure();
    void idle();
    void storm();
    void cutAll();
    void drain();
    LoadResult judge();

    // Turns the loop until done() or the time is over; returns done().
    template <typename Done>
    bool turnUntil(std::int64_t deadlineUs, Done done);
    void turn();
    void startConnects();
    void startConnect(std::size_t index);
    void onReady(std::size_t index, std::uint32_t events);
    void onConnected(std::size_t index);
    void onReadable(std::size_t index);
    void onClosed(std::size_t index);
    bool isStuck(std::size_t index) const { return index < options_.stuck; }
    std::uint64_t countStuckClosed() const;

    // constant after construction
    const LoadOptions options_;
    int epoll_ = -1;

    Tally tally_;
    LoadResult result_;
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::deque<std::size_t> toConnect_;
    std::deque<Retry> retries_;
    std::size_t connecting_ = 0, connectingMax_ = 0;
    std::size_t open_ = 0;  // streaming, or stuck with the request sent
    bool mayRetry_ = true;
    std::vector<bool> caughtUp_;  // storm only, else empty
};

}  // namespace sluice::bench
