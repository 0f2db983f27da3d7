#include "channel/ViewChoice.h"

#include <algorithm>

namespace sluice {
namespace {

/// Of a stream that has not got its snapshot yet.
void takeSnapshotView(const ChannelLog& log, const ViewWish& wish, ChannelView& out) {
    const SnapshotPhase& phase = *wish.stream.snapshot();
    const bool wantsLog = phase.syncAt != 0 && out.view.evictedSeq <= wish.stream.cursor();
    if (out.view.hasLatest && !wantsLog) {
        log.viewLatest({wish.stream.cursor(), phase.beganAt, wish.quantumBytes}, out.view);
        out.isLatest = true;
    } else if (!out.view.hasLatest && wish.afterSeq < phase.beganAt) {
        // A channel without a snapshot is read from where the stream began.
        log.view(phase.beganAt, out.view);
    }
}

}  // namespace

void takeView(const ChannelLog& log, const ViewWish& wish, ChannelView& out) {
    out.isLatest = false;
    log.view(wish.afterSeq, out.view);
    if (wish.stream.snapshot()) [[unlikely]]
        takeSnapshotView(log, wish, out);
}

}  // namespace sluice
