#include "delivery/Herds.h"

/// Herds whose sources send again what the logs have no more: resume.md section 6.
namespace sluice {

/// What the herd's next turn reads of it; null where it has asked for nothing.
const ReplayView* Herds::viewReplay(Herd& herd) {
    // Its log went on without it: it asks anew, from where it stands.
    if (herd.replay && herd.replay->isBehind()) herd.replay.reset();
    return herd.replay ? &herd.replay->view() : nullptr;
}

/// Does what the turn in `out_` said about it.
void Herds::goOnReplaying(Herd& herd) {
    herd.waits = out_.waits;
    if (herd.replay) herd.replay->release(out_.replayed);
    if (out_.dropsReplay || herd.course.stream.isLive()) herd.replay.reset();
    if (!out_.wants.empty()) askForReplay(herd);
    if (herd.replay)
        replaying_.pushBack(herd);
    else
        static_cast<ListNode<ReplayingTag>&>(herd).unlink();
}

void Herds::askForReplay(Herd& herd) {
    const ReplaySource::Refused refused = share_.replays->replay(
        {herd.subscription.spec.channels, out_.wants, share_.wake}, herd.replay);
    for (const auto& [lane, reason] : refused) herd.course.stream.refuseReplay(lane, reason);
    if (refused.empty()) return;
    // It goes on without them.
    herd.waits = false;
    out_.more = true;
}

/// Whoever stragglers alone cannot share a replay with its herd: it is a herd of its own.
void Herds::replayApart(Subscriber& subscriber) {
    Course course = std::move(*subscriber.pending->course);
    subscriber.pending.reset();
    --straggling_;
    Herd& own = make(*subscriber.subscription, std::move(course));
    own.opening = false;
    add(own, subscriber);
    enqueue(own);
}

void Herds::lookAtReplays() {
    replaying_.forEach([this](Herd& herd) {
        // It looks when it has written, or when a follower comes back.
        if (herd.isWriting() || herd.members.empty()) return;
        if (!herd.isQueued() && herd.replay->hasNews()) enqueue(herd);
    });
}

}  // namespace sluice
