#include <algorithm>

#include "delivery/Herds.h"

/// Streams whose first write with something in it is their last: GET /poll, and its older like.
namespace sluice {

/// Answers polls that waited long enough; they learn where they stand.
void Herds::endPolls() {
    visitDue(polls_, &Herds::endPollsOf);
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
