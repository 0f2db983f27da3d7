#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/Clock.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/ReplaySource.h"
#include "delivery/DeliveryCounts.h"
#include "delivery/DeliveryOptions.h"
#include "delivery/StreamChange.h"
#include "delivery/StreamLook.h"
#include "delivery/StreamRequest.h"

namespace sluice {

class DeliveryLoop;

/// The delivery loops: threads that own subscribers and their sockets.
///
/// `adopt`, `counts`, `subscribers`: any thread. `drain`: one thread at a time. Must be destroyed
/// before the hub, when nobody publishes any more.
class DeliveryPool final {
  public:
    /// Starts the threads. Reads the open-file limit where `subscribersMax` follows it.
    /// `replays` may be null: then nothing is read again.
    DeliveryPool(const DeliveryOptions& options, Hub& hub, Origins& origins, const Clock& clock,
                 ReplaySource* replays = nullptr);
    ~DeliveryPool();
    DeliveryPool(const DeliveryPool&) = delete;
    DeliveryPool& operator=(const DeliveryPool&) = delete;

    /// Takes a stream over. At a bound the stream is shed (design.md section 5). Never throws,
    /// never waits. `acceptsEventStream`: the request's Accept has text/event-stream, which decides
    /// how a stream is shed.
    void adopt(StreamRequest request, bool acceptsEventStream) noexcept;

    /// Changes the channels of a living stream; its answer is called when that is done. False, and
    /// the change is untouched, where the node has no room for it or drains. Never waits.
    bool change(StreamChange& change);
    /// Ends the streams that it concerns, also those that were let in and are not open yet. Never
    /// waits.
    void dismiss(const Dismissal& dismissal);
    /// Looks at the streams of all loops, and waits for that: at most kLookMax, then nothing, as
    /// where too many look already or the node ends. Not for threads that may not wait.
    std::optional<StreamsSeen> look(const StreamWish& wish);
    static constexpr std::chrono::milliseconds kLookMax{2'000};
    /// For what clients send back.
    const StreamTokens& tokens() const { return tokens_; }

    /// Open streams, of all loops together, with those in the inboxes.
    std::size_t subscribers() const noexcept;
    std::size_t subscribersMax() const noexcept { return subscribersMax_; }
    DeliveryCounts counts() const;

    /// Ends all streams, spread over `window`, each with a last full position block and a retry of
    /// its own; returns when the last one has closed, or after the window and a second.
    void drain(std::chrono::milliseconds window) noexcept;

  private:
    void run(DeliveryLoop& loop) noexcept;
    DeliveryLoop& homeOf(const SubscriptionSpec& spec) noexcept;

    // constant after construction
    const DeliveryOptions options_;
    const StreamTokens tokens_;
    std::size_t subscribersMax_;
    std::vector<std::unique_ptr<DeliveryLoop>> loops_;
    std::vector<std::thread> threads_;

    std::atomic<std::uint64_t> shed_{0};
};

}  // namespace sluice
