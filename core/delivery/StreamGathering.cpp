#include "delivery/StreamGathering.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice {

StreamLook StreamGathering::lookAt(const std::shared_ptr<StreamGathering>& gathering,
                                   const StreamWish& wish, std::size_t loop) {
    StreamLook look{wish, nullptr};
    const bool isPage = wish.after && !wish.isByLag && !wish.countsChannels;
    if (isPage && wish.after->loop > loop) {
        gathering->put(loop, {});
        return look;
    }
    if (!isPage || wish.after->loop != loop) look.wish.after.reset();
    look.answer = [gathering, loop](StreamsSeen seen) { gathering->put(loop, std::move(seen)); };
    return look;
}

void StreamGathering::put(std::size_t loop, StreamsSeen seen) {
    const std::lock_guard lock{mutex_};
    parts_[loop] = std::move(seen);
    if (--missing_ == 0) whole_.notify_all();
}

std::optional<StreamsSeen> StreamGathering::wait(const StreamWish& wish,
                                                 std::chrono::milliseconds atMost) {
    std::unique_lock lock{mutex_};
    if (!whole_.wait_for(lock, atMost, [this] { return missing_ == 0; })) return std::nullopt;
    return merged(wish);
}

StreamsSeen StreamGathering::merged(const StreamWish& wish) {
    StreamsSeen all;
    for (StreamsSeen& part : parts_) {
        std::move(part.streams.begin(), part.streams.end(), std::back_inserter(all.streams));
        all.hasMore = all.hasMore || part.hasMore;
        all.matching += part.matching;
        all.notCounted += part.notCounted;
        for (const auto& [channel, streams] : part.channels)
            if (all.channels.size() < kChannelsCountedMax || all.channels.contains(channel))
                all.channels[channel] += streams;
            else
                all.notCounted += streams;
    }
    if (wish.isByLag)
        std::stable_sort(all.streams.begin(), all.streams.end(),
                         [](const StreamStatus& a, const StreamStatus& b) {
                             return a.lag.value_or(StreamLag{}) > b.lag.value_or(StreamLag{});
                         });
    if (all.streams.size() > wish.max) {
        all.streams.resize(wish.max);
        all.hasMore = true;
    }
    return all;
}

}  // namespace sluice
