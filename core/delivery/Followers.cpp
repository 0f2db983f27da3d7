#include <algorithm>

#include "delivery/Herds.h"

/// Those who took only a part of a write and read on in the writes of their herd.
namespace sluice {

void Herds::straggle(Subscriber& subscriber, std::size_t taken) {
    Herd& herd = *subscriber.herd;
    std::string own = subscriber.pending ? std::move(subscriber.pending->rest) : "";
    const std::size_t headSize = own.size();
    if (!herd.last) keepWrite(herd);
    // Its token stands in the first block, so that block is its own as the head is.
    const TurnOutput& out = herd.last->out;
    const bool hasToken = headSize > 0 && out.tokenAt != std::string::npos;
    if (hasToken) {
        own.append(out.bytes, 0, out.blocks.front().offset);
        putToken(own, headSize + out.tokenAt, subscriber);
    }
    counts_.bytes += taken;
    if (taken > 0) subscriber.lastWriteMs = time_.ms();
    ++herd.followers;
    Pending& pending = becomeStraggler(subscriber);
    pending.leader = &herd;
    pending.write = herd.last;
    if (taken < own.size()) {
        keepRest(pending, own.substr(taken));
        if (hasToken) advance(pending, out.blocks.front().offset);
    } else {
        advance(pending, taken - headSize);
    }
}

/// Sends what the herd wrote since; several writes in one.
void Herds::follow(Subscriber& subscriber) {
    Pending& pending = *subscriber.pending;
    if (lagsTooFar(pending)) return goAlone(pending);
    const bool hasMore = gather(pending);
    if (!gathered_.empty()) {
        const WriteResult result = subscriber.wire->write(gathered_.data(), gathered_.size());
        if (result.state == WriteResult::State::Closed) {
            close(subscriber, CloseReason::Client);
            return;
        }
        counts_.bytes += result.taken;
        if (result.taken > 0) subscriber.lastWriteMs = pending.progressMs = time_.ms();
        advance(pending, result.taken);
        if (result.state == WriteResult::State::Again) return;
    }
    if (hasMore)
        ready_.pushBack(pending);
    else
        catchUpWithHerd(subscriber);
}

/// Whether a policy for slow readers is to act, which it does when it composes for itself.
bool Herds::lagsTooFar(const Pending& pending) {
    const std::uint32_t most = pending.owner.subscription->lagEventsMax;
    if (most == SubscriptionState::kNoLagMax || pending.owner.holdsCatchUp) return false;
    std::uint64_t events = 0;
    for (const Write* write = pending.write.get(); write && events <= most;
         write = write->next.get())
        events += write->out.events;
    return events > most;
}

/// False: that is all its herd wrote.
bool Herds::gather(const Pending& pending) {
    const Write* write = pending.write.get();
    gathered_.assign(write->out.bytes, pending.writeTaken, kTurnBytes);
    bool isWhole = pending.writeTaken + gathered_.size() == write->out.bytes.size();
    while (isWhole && write->next && gathered_.size() < kTurnBytes) {
        write = write->next.get();
        const std::size_t before = gathered_.size();
        gathered_.append(write->out.bytes, 0, kTurnBytes - before);
        isWhole = gathered_.size() - before == write->out.bytes.size();
    }
    return !isWhole || write->next;
}

void Herds::advance(Pending& pending, std::size_t taken) {
    for (;;) {
        const Write& write = *pending.write;
        const std::size_t size = write.out.bytes.size();
        const std::size_t step = std::min(taken, size - pending.writeTaken);
        counts_.deliveries +=
            write.eventsBy(pending.writeTaken + step) - write.eventsBy(pending.writeTaken);
        pending.writeTaken += step;
        taken -= step;
        if (pending.writeTaken < size) return;
        if (step > 0) countTold(write.out, 1);
        if (!write.next) return;
        pending.write = write.next;
        pending.writeTaken = 0;
    }
}

/// It has all that its herd wrote, so it stands where the herd stands.
void Herds::catchUpWithHerd(Subscriber& subscriber) {
    Pending& pending = *subscriber.pending;
    if (pending.write->after.stream.hasEnded()) {
        close(subscriber, CloseReason::Ended);
        return;
    }
    Herd& herd = *pending.leader;
    // Without members it did not look at what happened, and a herd does not wait for slots of time.
    const bool isSampled = herd.subscription.samples && !subscriber.holdsCatchUp;
    if (isSampled && herd.members.empty()) return goAlone(pending);
    add(herd, subscriber);
    unfollow(pending);
    subscriber.pending.reset();
    --straggling_;
    if (herd.settled) releaseCatchUp(subscriber);
    // Without members it did not look at what happened.
    if (herd.members.size() == 1 && !herd.isQueued()) {
        herd.lags = herd.settled;
        enqueue(herd);
    }
    herd.subscription.bringForward(herd);
}

void Herds::unfollow(Pending& pending) {
    if (!pending.write) return;
    Herd& herd = *std::exchange(pending.leader, nullptr);
    pending.write.reset();
    --herd.followers;
    if (herd.followers == 0 && !herd.isWriting()) herd.last.reset();
    dropIfEmpty(herd);
}

/// From here on it composes for itself.
void Herds::goAlone(Pending& pending) {
    const std::shared_ptr<Write> write = pending.write;
    const std::size_t taken = pending.writeTaken;
    const std::size_t size = write->out.bytes.size();
    if (taken == size) {
        pending.course = write->after;
        if (write->after.stream.hasEnded()) pending.closing = CloseReason::Ended;
    } else {
        Interruption cut = interrupt(write->after, write->out, taken);
        cut.events -= write->eventsBy(taken);
        // The rest of a head comes before all blocks.
        if (!pending.rest.empty()) cut.rest = pending.rest.substr(pending.taken);
        goOnAt(pending, std::move(cut), write->out);
    }
    unfollow(pending);
    ready_.pushBack(pending);
}

/// Those who lag most let go of what they read: at least half of the longest way back.
void Herds::boundWritesKept() {
    const auto lag = [](const Pending& pending) {
        return pending.leader->writes - pending.write->number;
    };
    std::uint64_t longest = 0;
    stragglers_.forEach([&](Pending& pending) {
        if (pending.write) longest = std::max(longest, lag(pending));
    });
    stragglers_.forEach([&](Pending& pending) {
        if (pending.write && lag(pending) >= longest / 2) goAlone(pending);
    });
}

}  // namespace sluice
