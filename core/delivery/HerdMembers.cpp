#include <algorithm>

#include "delivery/Herds.h"

/// Who belongs to which herd: joining, merging, and how members are counted.
namespace sluice {
namespace {

/// Herds of a Subscription that are compared with a stream that looks for its equal, and those
/// among them that take an empty turn for it: the largest herd stands first.
constexpr std::size_t kHerdsCompared = 64;
constexpr std::size_t kHerdsBrought = 2;
/// Turns after which a new herd looks for an equal one before it stays what it is.
constexpr std::uint8_t kMergeTries = 8;

}  // namespace

Herd& Herds::make(SubscriptionState& subscription, Course course) {
    ++herdCount_;
    return subscription.addHerd(std::move(course));
}

void Herds::dropIfEmpty(Herd& herd) {
    if (!herd.members.empty() || herd.followers > 0 || &herd == serving_) return;
    --herdCount_;
    herd.subscription.dropHerd(herd);
}

void Herds::add(Herd& herd, Subscriber& subscriber) {
    herd.add(subscriber);
    if (!herd.countedLive) ++behindCount_;
}

void Herds::remove(Subscriber& subscriber) {
    if (!subscriber.herd->countedLive) --behindCount_;
    subscriber.herd->remove(subscriber);
}

void Herds::settle(Herd& herd) {
    if (!herd.settled) {
        herd.settled = true;
        herd.mergeTries = kMergeTries;
        for (Subscriber* const member : herd.members) releaseCatchUp(*member);
    }
    recount(herd);
}

void Herds::recount(Herd& herd) {
    const bool isLive = herd.settled && herd.course.stream.isLive();
    if (isLive == herd.countedLive) return;
    herd.countedLive = isLive;
    if (isLive) {
        behindCount_ -= herd.members.size();
        herd.mergeTries = kMergeTries;
    } else {
        behindCount_ += herd.members.size();
    }
}

void Herds::releaseCatchUp(Subscriber& subscriber) {
    if (!subscriber.holdsCatchUp) return;
    subscriber.holdsCatchUp = false;
    --catchUps_;
}

/// Lets the herd look at what the loop last collected; what it has to write is queued.
void Herds::bringCurrent(Herd& herd) {
    if (herd.isWriting() || herd.course.stream.cursor() == composer_.snapshot().horizon) return;
    const bool writes = composeFor(herd);
    recount(herd);
    const bool more = !writes && out_.more;
    if (writes && !herd.last) keepWrite(herd);
    if ((writes || more) && !herd.isQueued()) enqueue(herd);
}

Herd* Herds::findEqual(SubscriptionState& subscription, const Stream& stream, const Herd* except) {
    // Bringing one current may make those go alone that followed another, which then is no more.
    for (std::size_t i = 0; i < std::min(subscription.herds.size(), kHerdsCompared); ++i) {
        Herd& herd = *subscription.herds[i];
        if (&herd == except || !herd.settled || herd.members.empty()) continue;
        if (i < kHerdsBrought) bringCurrent(herd);
        if (herd.course.stream.cursor() == stream.cursor() && herd.course.stream == stream)
            return &herd;
    }
    return nullptr;
}

void Herds::tryMerge(Herd& herd) {
    SubscriptionState& subscription = herd.subscription;
    if (subscription.herds.size() < 2) return;
    // A herd whose write is under way stands where it stood when that began: no fair try.
    if (!subscription.herds.front()->isWriting()) --herd.mergeTries;
    Herd* const equal = findEqual(subscription, herd.course.stream, &herd);
    if (!equal) return;
    const bool isLarger = equal->members.size() >= herd.members.size();
    Herd& into = isLarger || equal->isWriting() || equal->followers > 0 ? *equal : herd;
    Herd& from = &into == equal ? herd : *equal;
    if (from.followers > 0) return;  // they follow it to where it stands
    // A channel that joined later is new to all of them only if it is new to those who came last.
    into.course.beganAt = std::max(into.course.beganAt, from.course.beganAt);
    while (!from.members.empty()) {
        Subscriber& member = *from.members.back();
        remove(member);
        add(into, member);
    }
    dropIfEmpty(from);
    subscription.bringForward(into);
}

}  // namespace sluice
