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

/// Events in the view up to the horizon, beyond which a turn does not look.
std::uint32_t behind(const LogView& view, std::uint64_t horizon) {
    std::uint32_t count = 0;
    for (const LogView::Part& part : view.parts) count += part.end - part.begin;
    for (auto part = view.parts.rbegin(); part != view.parts.rend(); ++part)
        for (std::uint32_t i = part->end; i > part->begin; --i, --count)
            if (part->segment->record(i - 1).seq <= horizon) return count;
    return count;
}

/// Superseded is not lost: whoever lags too far, or was overrun, gets the latest of each key.
void conflate(const ChannelLog& log, const ViewWish& wish, ChannelView& out) {
    const std::uint32_t count = behind(out.view, wish.hub.horizon);
    const bool lags = wish.isStraggler && count > out.view.policy.lagEventsMax;
    if (!lags && !wish.stream.misses(&log, out.view, wish.feed)) return;
    log.viewLatest({.afterSeq = wish.afterSeq}, out.view);
    out.isLatest = true;
    const std::uint32_t kept = behind(out.view, wish.hub.horizon);
    out.conflated = count > kept ? count - kept : 0;
}

/// Leaves the newest event up to the horizon.
void skipToNewest(const ViewWish& wish, LogView& view) {
    while (!view.parts.empty()) {
        LogView::Part& last = view.parts.back();
        while (last.end > last.begin && last.segment->record(last.end - 1).seq > wish.hub.horizon)
            --last.end;
        if (last.end > last.begin) break;
        view.parts.pop_back();
    }
    if (view.parts.empty()) return;
    view.parts.erase(view.parts.begin(), view.parts.end() - 1);
    view.parts.front().begin = view.parts.front().end - 1;
}

void skip(const ViewWish& wish, ChannelView& out) {
    if (!wish.isStraggler || !wish.stream.isLive()) return;
    const std::uint32_t count = behind(out.view, wish.hub.horizon);
    if (count <= out.view.policy.lagEventsMax) return;
    skipToNewest(wish, out.view);
    out.skipped = count - 1;
}

void sample(const ViewWish& wish, ChannelView& out) {
    if (!wish.isStraggler || !wish.stream.isLive()) return;
    out.isSampled =
        wish.isSampled || behind(out.view, wish.hub.horizon) > out.view.policy.lagEventsMax;
}

}  // namespace

bool Stream::misses(const ChannelLog* log, const LogView& view, const Feed& feed) const {
    const auto known = std::find_if(told_.begin(), told_.end(),
                                    [log](const auto& entry) { return entry.first == log; });
    const std::uint64_t told = known == told_.end() ? 0 : known->second;
    const bool isNews = view.evictedSeq > std::max(cursor_, told);
    if (isLive()) return isNews;
    if (known != told_.end() && !isNews) return false;
    const BaseCut* const base = view.base.get();
    for (std::size_t f = 0; f < feed.families.size(); ++f)
        for (std::size_t i = 0; i < feed.families[f].lanes.size(); ++i)
            if (cut_->families[f][i] < placeIn(base, feed.families[f].lanes[i])) return true;
    return feed.plain && cut_->plain < placeIn(base, kPlainLane);
}

void takeView(const ChannelLog& log, const ViewWish& wish, ChannelView& out) {
    out.isLatest = out.isSampled = false;
    log.view(wish.afterSeq, out.view);
    out.skipped = out.conflated = 0;
    if (wish.stream.snapshot()) [[unlikely]]
        takeSnapshotView(log, wish, out);
    else if (conflates(out.view))
        conflate(log, wish, out);
    else if (out.view.policy.slow == Slow::Skip)
        skip(wish, out);
    else if (out.view.policy.slow == Slow::Sample)
        sample(wish, out);
}

}  // namespace sluice
