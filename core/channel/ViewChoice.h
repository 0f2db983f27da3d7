#pragma once

#include <cstddef>
#include <cstdint>

#include "channel/Stream.h"

namespace sluice {

/// The turn that a view is taken for. Borrows all it refers to.
struct ViewWish {
    const Stream& stream;
    const Feed& feed;
    const HubSnapshot& hub;
    std::uint64_t afterSeq = 0;  // the stream's neededFrom(...)
    std::size_t quantumBytes = 64u << 10;
    bool isStraggler = false;  // the reader takes less than comes
    bool isSampled = false;    // it did so a moment ago, where that is sampled
};

/// Whether a reader that does not keep up goes on with the latest events of keys.
inline bool conflates(const LogView& view) {
    return view.policy.slow == Slow::Conflate && view.hasLatest;
}

/// Fills `out.view` with what the stream's next turn has to read of a channel: its log, or the
/// latest events of its keys, as the channel's ReaderPolicy and the stream want it. The policy acts
/// here: to the turn, a view is a view, but for one that is sampled, since only the turn knows
/// which events the stream takes. Loop thread only.
void takeView(const ChannelLog& log, const ViewWish& wish, ChannelView& out);

}  // namespace sluice
