#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "delivery/Write.h"

namespace sluice {

/// Subscribers of one Subscription at one position: composed for once, sent to each. Loop thread
/// only; owned by its SubscriptionState.
///
/// While a write is under way the stream is already past it, and the herd takes no other turn. The
/// write lies in the loop's scratch memory, or in `last` as soon as somebody else needs that or
/// follows.
struct Herd : ListNode<struct HerdQueueTag>, ListNode<struct ReplayingTag> {
    Herd(SubscriptionState& of, Course from) : subscription{of}, course{std::move(from)} {}

    /// During a write, who comes has it already.
    void add(Subscriber& member);
    /// Keeps apart who has the write in progress and who has not.
    void remove(Subscriber& member);
    bool isWriting() const { return unwritten > 0; }
    /// Nothing is to be written before something comes.
    bool rests() const { return (settled || waits) && !isWriting(); }
    bool isQueued() const { return static_cast<const ListNode<HerdQueueTag>&>(*this).isLinked(); }

    SubscriptionState& subscription;
    Course course;
    std::vector<Subscriber*> members;
    std::size_t unwritten = 0;    // members [0, unwritten) still wait for the write
    std::shared_ptr<Write> last;  // the latest write; kept while somebody follows
    std::uint64_t writes = 0;     // how many were kept so far
    std::uint32_t followers = 0;  // stragglers that read its writes; it stays for them
    std::int64_t oldestMs = 0;    // when the oldest event of the write was appended; 0: none
    std::shared_ptr<const SourceEnds> ends;  // for the next turn; shared by all who asked
    std::uint64_t query = 0;                 // the question whose answer it waits for
    std::unique_ptr<ReplayReader> replay;    // what its sources send again; null: nothing
    std::uint8_t mergeTries = 0;             // turns after which it still looks for an equal herd
    bool settled = false;                    // has sent all there was since its resume
    bool waits = false;                      // for what its sources send again
    bool lags = false;                       // all its members straggled when it looked last
    bool opening = true;                     // members have heads to send
    bool again = false;                      // something changed while it was writing
    bool countedLive = false;                // how its members are counted
};

}  // namespace sluice
