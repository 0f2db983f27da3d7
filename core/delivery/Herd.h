#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "delivery/Subscriber.h"

namespace sluice {

/// Subscribers of one Subscription at one position: composed for once, sent to each. Loop thread
/// only; owned by its SubscriptionState.
///
/// A write that a slice cut short stands in `writing` until all members have it; the stream is
/// already past it, and the herd takes no other turn before.
struct Herd : ListNode<struct HerdQueueTag> {
    Herd(SubscriptionState& of, Course from) : subscription{of}, course{std::move(from)} {}

    /// During a write, who comes has it already.
    void add(Subscriber& member);
    /// Keeps apart who has the write in progress and who has not.
    void remove(Subscriber& member);
    bool isWriting() const { return writing != nullptr; }

    SubscriptionState& subscription;
    Course course;
    std::vector<Subscriber*> members;
    std::size_t unwritten = 0;            // members [0, unwritten) still wait for `writing`
    std::unique_ptr<TurnOutput> writing;  // an interrupted write
    std::int64_t oldestMs = 0;  // when the oldest event of the write was appended; 0: none
    std::shared_ptr<const SourceEnds> ends;  // for the next turn; shared by all who asked
    std::uint64_t query = 0;                 // the question whose answer it waits for
    std::uint8_t mergeTries = 0;             // turns after which it still looks for an equal herd
    bool settled = false;                    // has sent all there was since its resume
    bool opening = true;                     // members have heads to send
    bool again = false;                      // something changed while it was writing
    bool countedLive = false;                // how its members are counted
};

}  // namespace sluice
