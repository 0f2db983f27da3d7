#include "delivery/Endings.h"

#include <algorithm>

#include "delivery/Herds.h"

/// Streams that end because of who has them: by the clock, or because they were dismissed.
namespace sluice {
namespace {

/// How often a stream is looked at again that could not be told.
constexpr std::int64_t kAgainMs = 100;

/// `event: sluice.auth`: it says nothing of the stream's place, so it has no id.
std::string tellingOf(const Admission& admission, const SubscriptionSpec& spec,
                      std::int64_t nowMs) {
    const std::string json = R"({"endsMs":)" + std::to_string(admission.endsMs) + R"(,"inMs":)" +
                             std::to_string(std::max<std::int64_t>(admission.endsMs - nowMs, 0)) +
                             '}';
    const bool isComment = spec.control == Control::Comments;
    std::string bytes;
    BlockWriter{bytes, spec.framing, spec.control}.piece(
        isComment ? ": sluice.auth " + json + "\n\n"
                  : "event: sluice.auth\ndata: " + json + "\n\n");
    return bytes;
}

}  // namespace

void Endings::enter(Subscriber& subscriber) {
    leave(subscriber);
    const Admission& admission = *subscriber.admission;
    if (admission.endsMs == 0) return;
    again(subscriber, std::max<std::int64_t>(admission.endsMs - admission.warnMs, 1));
}

void Endings::again(Subscriber& subscriber, std::int64_t atMs) {
    due_.emplace(atMs, &subscriber);
    subscriber.admission->dueMs = atMs;
}

void Endings::leave(Subscriber& subscriber) noexcept {
    if (!subscriber.admission || subscriber.admission->dueMs == 0) return;
    due_.erase({subscriber.admission->dueMs, &subscriber});
    subscriber.admission->dueMs = 0;
}

Subscriber* Endings::takeDue(std::int64_t nowMs) {
    if (nextMs() > nowMs) return nullptr;
    Subscriber* const subscriber = due_.begin()->second;
    leave(*subscriber);
    return subscriber;
}

void Endings::dismiss(const Dismissal& dismissal) {
    if (dismissals_.size() == kDismissalsKeptMax) dismissals_.pop_front();
    dismissals_.push_back(dismissal);
}

bool Endings::isDismissed(const Admission& admission, std::int64_t nowMs) {
    while (!dismissals_.empty() && dismissals_.front().atMs + kDismissalsKeptMs < nowMs)
        dismissals_.pop_front();
    return std::any_of(dismissals_.begin(), dismissals_.end(),
                       [&](const Dismissal& one) { return one.concerns(admission); });
}

void Herds::renew(Subscriber& subscriber, std::unique_ptr<AdmissionState> admission) {
    endings_.leave(subscriber);
    subscriber.admission = std::move(admission);
    endings_.enter(subscriber);
}

std::int64_t Herds::endsInMs() const {
    const std::int64_t nextMs = endings_.nextMs();
    if (nextMs == Endings::kNever) return nextMs;
    return std::max<std::int64_t>(nextMs - time_.wallMs(), 0);
}

void Herds::endByTheClock() {
    const std::int64_t nowMs = time_.wallMs();
    for (std::size_t left = kEndingsPerTurn; left > 0; --left) {
        Subscriber* const subscriber = endings_.takeDue(nowMs);
        if (!subscriber) return;
        AdmissionState& admission = *subscriber->admission;
        if (nowMs >= admission.endsMs) {
            if (!farewell(*subscriber, retryMs(), CloseReason::Expired))
                endings_.again(*subscriber, nowMs + kAgainMs);
            continue;
        }
        // Polls end by themselves, and old clients know no control blocks.
        const SubscriptionSpec& spec = subscriber->subscription->spec;
        const bool isTold =
            admission.isTold || spec.format != Format::Stream || spec.control == Control::Pings;
        if (!isTold && !canBeTold(*subscriber)) {
            endings_.again(*subscriber, std::min(nowMs + kAgainMs, admission.endsMs));
            continue;
        }
        endings_.again(*subscriber, admission.endsMs);
        admission.isTold = true;
        if (!isTold) tellItsEnd(*subscriber, nowMs);
    }
}

/// Between two blocks, and with nothing of its own to be sent first.
bool Herds::canBeTold(const Subscriber& subscriber) {
    const Herd* const herd = subscriber.herd;
    return herd && !subscriber.pending &&
           !(herd->isWriting() && subscriber.herdIndex < herd->unwritten);
}

void Herds::tellItsEnd(Subscriber& subscriber, std::int64_t nowMs) {
    const std::string bytes =
        tellingOf(*subscriber.admission, subscriber.subscription->spec, nowMs);
    const WriteResult result = subscriber.wire->write(bytes.data(), bytes.size());
    counts_.bytes += result.taken;
    if (result.state == WriteResult::State::Closed) return close(subscriber, CloseReason::Client);
    if (result.state == WriteResult::State::Ok) return;
    // The block says nothing of the stream's place, which is where its herd stands.
    Course course = subscriber.herd->course;
    Pending& pending = becomeStraggler(subscriber);
    pending.course = std::move(course);
    keepRest(pending, bytes.substr(result.taken));
}

void Herds::dismiss(const Dismissal& dismissal) {
    endings_.dismiss(dismissal);
    // Closing moves the last one into the hole, so walk from the end.
    for (std::size_t i = subscribers_.size(); i > 0; --i) {
        Subscriber& subscriber = *subscribers_[i - 1];
        if (!subscriber.admission || !dismissal.concerns(*subscriber.admission)) continue;
        const bool straggles = subscriber.pending && subscriber.pending->isStraggling();
        if (straggles || !farewell(subscriber, retryMs(), CloseReason::Revoked))
            close(subscriber, CloseReason::Revoked);
    }
}

}  // namespace sluice
