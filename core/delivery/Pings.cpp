#include <algorithm>

#include "delivery/Herds.h"
#include "delivery/SourceQueries.h"

/// What is done by the clock: signs of life, and streams that wait for the node to catch up.
namespace sluice {
namespace {

/// A turn that had nothing to say but where the stream stands.
bool isOnlyPing(const TurnOutput& out) {
    return out.blocks.size() <= 1 && out.events == 0 && !out.more &&
           std::all_of(std::begin(out.gaps), std::end(out.gaps),
                       [](std::uint32_t told) { return told == 0; });
}

}  // namespace

void Herds::ping() {
    visitDue(keepalive_, &Herds::pingHerd);
}

/// Herd by herd those who are due. Whoever is about to be written to, or cannot be, waits for
/// another time, and so does whom the visit was not for.
void Herds::visitDue(KeepaliveWheel& wheel, Visit visit) {
    due_.clear();
    wheel.takeDue(time_.ms(), kPingsPerTurn, due_);
    std::sort(due_.begin(), due_.end(),
              [](const Subscriber* a, const Subscriber* b) { return a->herd < b->herd; });
    for (std::size_t begin = 0, end = 0; begin < due_.size(); begin = end) {
        Herd* const herd = due_[begin]->herd;
        while (end < due_.size() && due_[end]->herd == herd) ++end;
        const std::span<Subscriber* const> members{due_.data() + begin, end - begin};
        const bool isIdle = herd && herd->rests() && !herd->isQueued();
        if (!isIdle || !(this->*visit)(*herd, members))
            for (Subscriber* const member : members) wheel.postpone(*member);
    }
}

/// False: the herd moved on, and all members have to get what it says, not only those who are due.
bool Herds::pingHerd(Herd& herd, std::span<Subscriber* const> due) {
    composer_.compose(herd.subscription, herd.course, {.pingDue = true}, out_);
    if (!isOnlyPing(out_)) {
        herd.oldestMs = 0;
        herd.unwritten = herd.members.size();
        keepWrite(herd);
        enqueue(herd);
        return false;
    }
    serving_ = &herd;
    std::uint64_t pinged = 0;
    for (Subscriber* const member : due) {
        const WriteResult result = out_.bytes.empty()
                                       ? WriteResult{}
                                       : member->wire->write(out_.bytes.data(), out_.bytes.size());
        if (result.state == WriteResult::State::Closed) {
            close(*member, CloseReason::Client);
            continue;
        }
        if (result.state == WriteResult::State::Ok) {
            member->lastWriteMs = time_.ms();
            ++pinged;
        } else {
            straggleAlone(*member, out_, result.taken);
        }
        keepalive_.pinged(*member);
    }
    serving_ = nullptr;
    count(out_, pinged);
    recount(herd);
    dropIfEmpty(herd);
    return true;
}

void Herds::lookAhead(SourceQueries& queries) {
    if (behindCount_ == 0) return;
    subscriptions_.forEach([&](SubscriptionState& subscription) {
        for (const std::unique_ptr<Herd>& herd : subscription.herds) {
            if (!herd->settled || herd->countedLive || herd->isWriting()) continue;
            if (herd->members.empty()) continue;
            const std::vector<std::uint32_t> families =
                composer_.familiesToAsk(subscription, herd->course);
            if (!families.empty()) herd->query = queries.ask(families);
            if (!herd->isQueued()) enqueue(*herd);
        }
    });
}

void Herds::answered(std::uint64_t query, const std::shared_ptr<const SourceEnds>& ends) {
    if (behindCount_ == 0) return;
    subscriptions_.forEach([&](SubscriptionState& subscription) {
        for (const std::unique_ptr<Herd>& herd : subscription.herds) {
            if (herd->query != query) continue;
            herd->query = 0;
            herd->ends = ends;
            if (!herd->isWriting() && !herd->isQueued()) enqueue(*herd);
        }
    });
}

}  // namespace sluice
