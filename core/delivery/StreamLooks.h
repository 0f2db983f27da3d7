#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "delivery/Herds.h"
#include "delivery/StreamLook.h"

namespace sluice {

/// What operators want to see of the streams of one loop: answered a slice of time per turn, stream
/// by stream in the order of their places, so that ten thousand of them hold nobody up. Streams
/// that come and go meanwhile are seen once or not at all. Loop thread only; the number of looks is
/// bounded by the inbox.
class StreamLooks final {
  public:
    StreamLooks(const LoopTime& time, const Herds& herds) : time_{time}, herds_{herds} {}

    void add(StreamLook look) { waiting_.push_back({std::move(look), {}, 0}); }
    /// Goes on as long as the slice lasts. How many were answered.
    std::size_t work(Slice& slice);
    bool empty() const { return waiting_.empty(); }

    /// Channels of one stream in whose logs its lag is counted; of a stream with more it is told as
    /// "at least".
    static constexpr std::size_t kLogsCountedMax = 256;

  private:
    struct Waiting {
        StreamLook look;
        StreamsSeen seen;
        std::uint32_t place = 0;  // that is looked at next
    };

    bool isDone(const Waiting& waiting) const;
    void visit(Waiting& waiting, const Subscriber& subscriber);
    static void countChannels(const Subscriber& subscriber, StreamsSeen& seen);
    static bool isWanted(const StreamWish& wish, const Subscriber& subscriber);
    void keepFurthest(const StreamWish& wish, const Subscriber& subscriber, StreamsSeen& seen);
    StreamStatus statusOf(const Subscriber& subscriber, const std::optional<StreamLag>& lag) const;
    static StreamState stateOf(const Subscriber& subscriber);
    std::optional<StreamLag> lagOf(const Subscriber& subscriber);
    StreamLag lagBehind(const SubscriptionState& subscription, std::uint64_t cursor);

    const LoopTime& time_;
    const Herds& herds_;
    std::deque<Waiting> waiting_;
    LogView view_;  // memory that is used again; empty of references
};

}  // namespace sluice
