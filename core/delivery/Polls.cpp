#include <algorithm>

#include "delivery/Herds.h"

/// Streams whose first write with something in it is their last: GET /poll.
namespace sluice {

/// Answers polls that waited long enough; they learn where they stand.
void Herds::endPolls() {
    due_.clear();
    polls_.takeDue(time_.ms(), kPingsPerTurn, due_);
    std::sort(due_.begin(), due_.end(),
              [](const Subscriber* a, const Subscriber* b) { return a->herd < b->herd; });
    for (std::size_t begin = 0, end = 0; begin < due_.size(); begin = end) {
        Herd* const herd = due_[begin]->herd;
        while (end < due_.size() && due_[end]->herd == herd) ++end;
        const std::span<Subscriber* const> members{due_.data() + begin, end - begin};
        const bool isIdle = herd && herd->rests() && !herd->isQueued();
        if (!isIdle || !endPollsOf(*herd, members))
            for (Subscriber* const member : members) polls_.postpone(*member);
    }
}

/// False: there is something to say, which all members get in the herd's next turn.
bool Herds::endPollsOf(Herd& herd, std::span<Subscriber* const> due) {
    // Of a copy: those who are not due wait on.
    Course course = herd.course;
    composer_.compose(herd.subscription, course, {.pingDue = true}, out_);
    const bool hasGaps = std::any_of(std::begin(out_.gaps), std::end(out_.gaps),
                                     [](std::uint32_t told) { return told > 0; });
    if (out_.events > 0 || hasGaps) {
        enqueue(herd);
        return false;
    }
    const std::string answer = out_.bytes;
    for (Subscriber* const member : due) sendLast(*member, answer, CloseReason::Ended);
    return true;
}

}  // namespace sluice
