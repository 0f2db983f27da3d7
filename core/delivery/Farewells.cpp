#include "delivery/Herds.h"
#include "delivery/Newcomers.h"
#include "delivery/Shed.h"

/// How a stream ends that is drained, or whose time is over.
namespace sluice {

bool Herds::isLeaving(const Subscriber& subscriber) {
    return subscriber.pending &&
           (subscriber.pending->closing || subscriber.pending->farewellRetryMs);
}

bool Herds::farewell(Subscriber& subscriber, std::uint32_t retryMs, CloseReason reason) {
    if (Pending* const pending = subscriber.pending.get()) {
        if (!pending->isStraggling()) {
            // Nothing was sent yet, so no id may be said either: the client keeps its own.
            const SubscriptionSpec& spec = subscriber.subscription->spec;
            sendLast(subscriber,
                     spec.format == Format::Poll ? shedAnswer(pending->rest, retryMs)
                                                 : shedStream(pending->rest, spec.framing, retryMs),
                     reason);
            return true;
        }
        if (pending->write) goAlone(*pending);
        pending->farewellRetryMs = retryMs;
        pending->farewellReason = reason;
        if (pending->rest.empty()) ready_.pushBack(*pending);
        return true;
    }
    const Herd& herd = *subscriber.herd;
    if (herd.isWriting() && subscriber.herdIndex < herd.unwritten) return false;
    farewellFrom(subscriber, herd.course, retryMs, reason);
    return true;
}

void Herds::farewellFrom(Subscriber& subscriber, Course course, std::uint32_t retryMs,
                         CloseReason reason) {
    TurnOutput out;
    composer_.farewell(*subscriber.subscription, course, retryMs, out);
    counts_.deliveries += out.events;
    countTold(out, 1);
    sendLast(subscriber, std::move(out.bytes), reason);
}

void Herds::sendLast(Subscriber& subscriber, std::string bytes, CloseReason reason) {
    const WriteResult result = subscriber.wire->write(bytes.data(), bytes.size());
    counts_.bytes += result.taken;
    if (result.state != WriteResult::State::Again) {
        const bool isGone = result.state == WriteResult::State::Closed;
        close(subscriber, isGone ? CloseReason::Client : reason);
        return;
    }
    if (!subscriber.pending || !subscriber.pending->isStraggling()) {
        if (subscriber.pending && subscriber.pending->newcomers)
            subscriber.pending->newcomers->owner.leave(subscriber);
        becomeStraggler(subscriber).course.emplace();  // nothing follows these bytes
    }
    subscriber.pending->closing = reason;
    keepRest(*subscriber.pending, bytes.substr(result.taken));
}

}  // namespace sluice
