#include <algorithm>

#include "delivery/Herds.h"

/// Those who took only a part of a write and lag too far behind to follow their herd: each composes
/// for itself until it has caught up.
namespace sluice {
namespace {

/// A catch-up that takes nothing for so long makes room for another one.
constexpr std::int64_t kIdleCatchUpMs = 1'000;

/// Whoever took all there was for so long is sampled no longer.
constexpr std::int64_t kSampledMs = 5'000;

}  // namespace

/// Takes the subscriber out of its herd, if it has one.
Pending& Herds::becomeStraggler(Subscriber& subscriber) {
    Herd* const herd = subscriber.herd;
    if (herd) remove(subscriber);
    subscriber.pending = std::make_unique<Pending>(subscriber);
    Pending& pending = *subscriber.pending;
    pending.progressMs = time_.ms();
    stragglers_.pushBack(pending);
    ++straggling_;
    if (herd) dropIfEmpty(*herd);
    return pending;
}

/// For a write that only some of the herd got, such as a ping.
void Herds::straggleAlone(Subscriber& subscriber, const TurnOutput& out, std::size_t taken) {
    Interruption cut = interrupt(subscriber.herd->course, out, taken);
    counts_.bytes += taken;
    if (taken > 0) subscriber.lastWriteMs = time_.ms();
    goOnAt(becomeStraggler(subscriber), std::move(cut), out);
}

void Herds::goOnAt(Pending& pending, Interruption cut, const TurnOutput& out) {
    counts_.deliveries += cut.events;
    counts_.sampled += cut.sampled;
    if (cut.toldGaps) countTold(out, 1);
    if (cut.course.stream.hasEnded()) pending.closing = CloseReason::Ended;
    pending.course = std::move(cut.course);
    keepRest(pending, std::move(cut.rest));
}

void Herds::keepRest(Pending& pending, std::string rest) {
    if (pending.isStraggling()) stragglerBytes_ += rest.size() - pending.rest.size();
    pending.rest = std::move(rest);
    pending.taken = 0;
}

void Herds::writable(Subscriber& subscriber) {
    if (subscriber.pending && subscriber.pending->isStraggling())
        ready_.pushBack(*subscriber.pending);
}

void Herds::pump(Subscriber& subscriber) {
    if (!flushRest(subscriber)) return;
    Pending& pending = *subscriber.pending;
    if (pending.closing) {
        close(subscriber, *pending.closing);
    } else if (pending.farewellRetryMs) {
        farewellFrom(subscriber, *pending.course, *pending.farewellRetryMs, pending.farewellReason);
    } else if (pending.write) {
        follow(subscriber);
    } else if (composeAlone(subscriber)) {
        if (out_.isBeyond)
            waitForSlot(pending);
        else if (out_.more)
            ready_.pushBack(pending);
        else if (out_.waits)
            replayApart(subscriber);
        else
            rejoin(subscriber);
    }
}

/// False: the socket takes no more now, or the subscriber is gone.
bool Herds::flushRest(Subscriber& subscriber) {
    Pending& pending = *subscriber.pending;
    if (pending.rest.empty()) return true;
    const WriteResult result = subscriber.wire->write(pending.rest.data() + pending.taken,
                                                      pending.rest.size() - pending.taken);
    if (result.state == WriteResult::State::Closed) {
        close(subscriber, CloseReason::Client);
        return false;
    }
    counts_.bytes += result.taken;
    pending.taken += result.taken;
    if (result.taken > 0) subscriber.lastWriteMs = pending.progressMs = time_.ms();
    if (pending.taken < pending.rest.size()) return false;
    keepRest(pending, {});
    return true;
}

/// One turn of its own. False: cut again, or gone.
bool Herds::composeAlone(Subscriber& subscriber) {
    Pending& pending = *subscriber.pending;
    composeSampled(pending);
    if (out_.bytes.empty()) return true;
    if (out_.tokenAt != std::string::npos) putToken(out_.bytes, out_.tokenAt, subscriber);
    const WriteResult result = subscriber.wire->write(out_.bytes.data(), out_.bytes.size());
    if (result.state == WriteResult::State::Closed) {
        close(subscriber, CloseReason::Client);
        return false;
    }
    if (result.taken > 0) subscriber.lastWriteMs = pending.progressMs = time_.ms();
    if (result.state == WriteResult::State::Ok) {
        count(out_, 1);
        if (!pending.course->stream.hasEnded()) return true;
        close(subscriber, CloseReason::Ended);
        return false;
    }
    counts_.bytes += result.taken;
    if (pending.keepsUpSinceMs != 0) pending.keepsUpSinceMs = time_.ms();
    goOnAt(pending, interrupt(*pending.course, out_, result.taken), out_);
    return false;
}

/// The policies for slow readers count, but for whoever kept up for long enough while it was
/// sampled: it gets all of the slot that runs, and goes back to a herd.
void Herds::composeSampled(Pending& pending) {
    const bool wasSampled = pending.keepsUpSinceMs != 0;
    const bool keptUp = wasSampled && time_.ms() - pending.keepsUpSinceMs >= kSampledMs;
    // Who still catches up began behind, and has not fallen behind.
    const bool isStraggler = !pending.owner.holdsCatchUp && !keptUp;
    composer_.compose(*pending.owner.subscription, *pending.course,
                      {.isStraggler = isStraggler,
                       .isSampled = wasSampled && !keptUp,
                       .slotsEndedMs = pending.slotEndMs},
                      out_);
    if (composer_.slotEndMs() == 0)
        pending.keepsUpSinceMs = 0;
    else if (!wasSampled)
        pending.keepsUpSinceMs = time_.ms();
}

/// It has taken all there was when the running slot began, so it does not count as stalled.
void Herds::waitForSlot(Pending& pending) {
    const std::int64_t leftMs = composer_.slotEndMs() - composer_.snapshot().timeMs;
    pending.slotEndMs = composer_.slotEndMs();
    pending.heldUntilMs = time_.ms() + leftMs;
    pending.progressMs = time_.ms();
    held_.pushBack(pending);
    nextSlotMs_ = std::min(nextSlotMs_, pending.heldUntilMs);
}

void Herds::endSlots() {
    nextSlotMs_ = kNever;
    held_.forEach([this](Pending& pending) {
        if (pending.heldUntilMs > time_.ms()) {
            nextSlotMs_ = std::min(nextSlotMs_, pending.heldUntilMs);
        } else {
            static_cast<ListNode<HeldTag>&>(pending).unlink();
            ready_.pushBack(pending);
        }
    });
}

/// It has caught up: back to the herd at its position, or a herd of its own.
void Herds::rejoin(Subscriber& subscriber) {
    Course course = std::move(*subscriber.pending->course);
    subscriber.pending.reset();
    --straggling_;
    releaseCatchUp(subscriber);
    settleIn(subscriber, std::move(course));
}

void Herds::settleIn(Subscriber& subscriber, Course course) {
    SubscriptionState& subscription = *subscriber.subscription;
    Herd* herd = findEqual(subscription, course.stream, nullptr);
    if (herd) {
        herd->course.beganAt = std::max(herd->course.beganAt, course.beganAt);
        add(*herd, subscriber);
        subscription.bringForward(*herd);
        return;
    }
    Herd& own = make(subscription, std::move(course));
    own.opening = false;
    add(own, subscriber);
    settle(own);
}

void Herds::checkStalls() {
    const std::int64_t now = time_.ms();
    stragglers_.forEach([&](Pending& pending) {
        const std::int64_t idleMs = now - pending.progressMs;
        if (idleMs >= kIdleCatchUpMs) releaseCatchUp(pending.owner);
        if (idleMs >= options_.stall.count()) close(pending.owner, CloseReason::Stalled);
    });
}

}  // namespace sluice
