#include "delivery/Herds.h"

/// A living stream that gets other channels: resume.md section 8.
namespace sluice {

/// From the Subscription that it has to another one, at the horizon: what was added starts there
/// and what was removed stops there. False, and nothing happens, while it is not live and there.
bool Herds::move(Subscriber& subscriber, SubscriptionState& to) {
    Herd* const herd = subscriber.herd;
    if (!herd || subscriber.pending) return false;
    bringCurrent(*herd);
    const Stream& stream = herd->course.stream;
    const std::uint64_t horizon = composer_.snapshot().horizon;
    if (herd->isWriting() || herd->isQueued() || !herd->settled) return false;
    if (!stream.isLive() || stream.snapshot() || stream.hasEnded() || stream.cursor() != horizon)
        return false;

    // A live stream is its cursor: nothing of it is about channels.
    Course course{stream, composer_.feedOf(to), horizon};
    SubscriptionState& from = *subscriber.subscription;
    remove(subscriber);
    dropIfEmpty(*herd);
    --from.subscribers;
    subscriptions_.retire(from);
    subscriber.subscription = &to;
    ++to.subscribers;
    settleIn(subscriber, std::move(course));
    // An id that knows the new channels, so that the client can come back to all of them.
    Herd& own = *subscriber.herd;
    Subscriber* const due[] = {&subscriber};
    if (!own.isWriting() && !own.isQueued() && !pingHerd(own, due)) keepalive_.postpone(subscriber);
    return true;
}

}  // namespace sluice
