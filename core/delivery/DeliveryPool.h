#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/Resume.h"
#include "delivery/DeliveryOptions.h"
#include "net/Wire.h"

namespace sluice {

class DeliveryLoop;

/// A stream that was parsed and authorised and now becomes delivery's.
struct StreamRequest {
    std::unique_ptr<Wire> wire;  // non-blocking, tuned for streaming
    std::string responseHead;    // sent before the first block; ends in an empty line
    SubscriptionSpec spec;
    ResumeRequest resume;
};

enum class CloseReason : std::uint8_t { Client, Stalled, Ended, Drained, Shed, Refused };
inline constexpr std::size_t kCloseReasons = 6;
std::string_view nameOf(CloseReason reason);

/// Upper bounds in microseconds of the buckets of the histograms; the last bucket is unbounded.
inline constexpr std::array<std::int64_t, 14> kDelayBucketsUs{
    100,    250,    500,     1'000,   2'500,   5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 10'000'000};
struct DelayHistogram {
    std::array<std::uint64_t, kDelayBucketsUs.size() + 1> buckets{};
    std::uint64_t sumUs = 0;
    void observe(std::int64_t us, std::uint64_t times = 1) noexcept;
    void add(const DelayHistogram& other) noexcept;
};

/// Totals since the start and states of now, for metrics and books.
struct DeliveryCounts {
    std::uint64_t deliveries = 0;  // events written to streams, one per event and stream
    std::uint64_t bytes = 0;
    std::array<std::uint64_t, kGapReasons> gaps{};
    std::array<std::uint64_t, kCloseReasons> closed{};
    std::uint64_t adopted = 0;
    std::uint64_t resolving = 0, live = 0, catchingUp = 0, straggling = 0;  // subscribers now
    std::uint64_t subscriptions = 0, herds = 0, stragglerBytes = 0;
    DelayHistogram delay;  // append to write
    DelayHistogram turn;   // one turn of a loop
};

/// The delivery loops: threads that own subscribers and their sockets.
///
/// `adopt`, `counts`, `subscribers`: any thread. Must be destroyed before the hub.
class DeliveryPool final {
  public:
    /// Starts the threads.
    DeliveryPool(const DeliveryOptions& options, Hub& hub, Origins& origins, const Clock& clock);
    ~DeliveryPool();
    DeliveryPool(const DeliveryPool&) = delete;
    DeliveryPool& operator=(const DeliveryPool&) = delete;

    /// Takes a stream over. At a bound the stream is shed (design.md section 5). Never throws,
    /// never waits. `acceptsEventStream`: the request's Accept has text/event-stream, which decides
    /// how a stream is shed.
    void adopt(StreamRequest request, bool acceptsEventStream) noexcept;

    /// Open streams, of all loops together, with those in the inboxes.
    std::size_t subscribers() const noexcept;
    std::size_t subscribersMax() const noexcept;
    DeliveryCounts counts() const;

    /// Ends all streams, spread over `window`, each with a last full position block and a retry of
    /// its own; returns when the last one has closed, or after the window and a second.
    void drain(std::chrono::milliseconds window) noexcept;

  private:
    // constant after construction
    const DeliveryOptions options_;
    std::size_t subscribersMax_;
    std::vector<std::unique_ptr<DeliveryLoop>> loops_;
};

}  // namespace sluice
