#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "channel/ReplaySource.h"
#include "delivery/Composer.h"
#include "delivery/DeliveryOptions.h"
#include "delivery/Endings.h"
#include "delivery/Interruption.h"
#include "delivery/KeepaliveWheel.h"
#include "delivery/StreamNumbers.h"
#include "delivery/StreamRequest.h"
#include "delivery/SubscriptionTable.h"
#include "delivery/Time.h"
#include "net/Epoll.h"

namespace sluice {

class SourceQueries;

/// One loop's share of what all loops may have together.
struct LoopShare {
    /// Subscribers that catch up at once, but for those who begin together; others wait.
    std::size_t catchUpsMax = 1'000;
    /// Memory of writes that are kept for those who have fallen behind; at the bound those who lag
    /// most go on alone, from the log.
    std::uint64_t writesKeptBytesMax = 2u << 20;
    /// Shared by all loops; null: streams cannot be changed. Must outlive the loop.
    const StreamTokens* tokens = nullptr;
    /// Shared by all loops; null: nothing is read again. Must outlive the loop.
    ReplaySource* replays = nullptr;
    /// Makes the loop look at its replays; any thread may call, also when the loop is gone.
    std::function<void()> wake;
};

/// The subscribers of one loop and what is to be written to whom: herds, stragglers and whoever
/// still waits to begin. Owns the subscribers and their sockets. Loop thread only.
///
/// A subscriber is opened, begins in a herd, leaves it as a straggler when it takes only a part of
/// a write, joins a herd at its position when it has caught up, and is closed: in any state, by
/// `close` only. Live herds have a slice of every turn, and stragglers and herds that catch up have
/// another one.
class Herds final {
  public:
    struct Parts {
        const DeliveryOptions& options;
        LoopTime& time;
        Epoll& epoll;
        Composer& composer;
        SubscriptionTable& subscriptions;
        KeepaliveWheel& keepalive;
        DeliveryCounts& counts;
        std::uint32_t loop = 0;  // its index
    };
    Herds(const Parts& parts, const LoopShare& share);
    ~Herds();

    // -- coming and going

    /// Takes over the socket; the stream waits until `begin`. Null, with the wire untouched, where
    /// the kernel refuses.
    Subscriber* open(StreamRequest& request, SubscriptionState& subscription);
    /// Makes a herd of subscribers that wait.
    void begin(SubscriptionState& subscription, Course course, std::span<Subscriber* const> members,
               bool catchesUp);
    bool hasRoomToCatchUp() const { return catchUps_ < share_.catchUpsMax; }
    void close(Subscriber& subscriber, CloseReason reason);
    /// Ends the stream with a last block. False: a write is under way, ask again.
    bool farewell(Subscriber& subscriber, std::uint32_t retryMs,
                  CloseReason reason = CloseReason::Drained);
    static bool isLeaving(const Subscriber& subscriber);

    /// Gives a living stream other channels; see Moves.cpp.
    bool move(Subscriber& subscriber, SubscriptionState& to);
    const StreamNumbers& numbers() const { return numbers_; }

    /// Puts another admission in the place of a stream's.
    void renew(Subscriber& subscriber, std::unique_ptr<AdmissionState> admission);
    /// Ends the streams that it concerns, and those that are still on their way here.
    void dismiss(const Dismissal& dismissal);
    bool isDismissed(const Admission& admission) {
        return endings_.isDismissed(admission, time_.wallMs());
    }

    // -- what happened

    /// What its streams read has changed; `concernsAll`: not only in the logs.
    void changed(SubscriptionState& subscription, bool concernsAll = false);
    void writable(Subscriber& subscriber);
    void answered(std::uint64_t query, const std::shared_ptr<const SourceEnds>& ends);

    // -- what is to be done

    bool hasWork() const { return !live_.empty() || !behind_.empty() || !ready_.empty(); }
    void serveLive();
    void serveBehind();
    /// Queues herds whose sources have sent something again.
    void lookAtReplays();
    /// Pings whoever was silent for long enough, at most kPingsPerTurn.
    void ping();
    /// Answers whoever polls and waited for long enough, at most kPingsPerTurn.
    void endPolls();
    /// When `endPolls` has something to do.
    std::int64_t nextPollMs() const { return polls_.nextMs(); }
    /// Tells streams that their admission ends soon, and ends those whose time has come: at most
    /// kEndingsPerTurn.
    void endByTheClock();
    /// In so many ms there is something to end; Endings::kNever: there is not.
    std::int64_t endsInMs() const;
    /// Once a second: closes stragglers that took no byte for the stall time.
    void checkStalls();
    /// Lets those go on who are sampled and waited for the end of a slot of time.
    void endSlots();
    /// When `endSlots` has something to do.
    std::int64_t nextSlotMs() const { return nextSlotMs_; }
    /// Once a second: streams ahead of the node look again, and ask their sources.
    void lookAhead(SourceQueries& queries);
    bool needsSeconds() const { return straggling_ > 0 || behindCount_ > 0; }

    // -- what there is

    std::span<const std::unique_ptr<Subscriber>> all() const { return subscribers_; }
    std::uint64_t straggling() const { return straggling_; }
    /// Members of herds that have not reached the node's cut.
    std::uint64_t catchingUp() const { return behindCount_; }
    /// Memory for those who have fallen behind.
    std::uint64_t stragglerBytes() const { return stragglerBytes_ + writesKeptBytes_; }
    std::uint64_t size() const { return herdCount_; }

    static constexpr std::size_t kPingsPerTurn = 200;
    static constexpr std::size_t kEndingsPerTurn = 200;

  private:
    // Herds.cpp
    void enqueue(Herd& herd);
    void serve(Herd& herd, Slice& slice);
    bool composeFor(Herd& herd);
    void keepWrite(Herd& herd);
    const TurnOutput& currentWrite(const Herd& herd) const {
        return herd.last ? herd.last->out : out_;
    }
    bool writeSome(Herd& herd, Slice& slice);
    WriteResult write(Subscriber& member, const TurnOutput& out);
    void finishTurn(Herd& herd, bool more);
    void closeMembers(Herd& herd, CloseReason reason);
    void count(const TurnOutput& out, std::uint64_t subscribers);
    void countTold(const TurnOutput& out, std::uint64_t subscribers);
    void observeDelay(const Herd& herd, std::uint64_t subscribers);

    // HerdMembers.cpp
    Herd& make(SubscriptionState& subscription, Course course);
    void add(Herd& herd, Subscriber& subscriber);
    void remove(Subscriber& subscriber);
    void dropIfEmpty(Herd& herd);
    void settle(Herd& herd);
    void recount(Herd& herd);
    void releaseCatchUp(Subscriber& subscriber);
    Herd* findEqual(SubscriptionState& subscription, const Stream& stream, const Herd* except);
    void bringCurrent(Herd& herd);
    void tryMerge(Herd& herd);

    // Followers.cpp
    void straggle(Subscriber& subscriber, std::size_t taken);
    void follow(Subscriber& subscriber);
    static bool lagsTooFar(const Pending& pending);
    bool gather(const Pending& pending);
    void advance(Pending& pending, std::size_t taken);
    void catchUpWithHerd(Subscriber& subscriber);
    void unfollow(Pending& pending);
    void goAlone(Pending& pending);
    void boundWritesKept();

    // Stragglers.cpp
    Pending& becomeStraggler(Subscriber& subscriber);
    void straggleAlone(Subscriber& subscriber, const TurnOutput& out, std::size_t taken);
    void goOnAt(Pending& pending, Interruption cut, const TurnOutput& out);
    void keepRest(Pending& pending, std::string rest);
    void pump(Subscriber& subscriber);
    bool flushRest(Subscriber& subscriber);
    bool composeAlone(Subscriber& subscriber);
    void composeSampled(Pending& pending);
    void waitForSlot(Pending& pending);
    void rejoin(Subscriber& subscriber);
    void settleIn(Subscriber& subscriber, Course course);
    void putToken(std::string& bytes, std::size_t at, const Subscriber& subscriber) const;

    // Farewells.cpp
    void sendLast(Subscriber& subscriber, std::string bytes, CloseReason reason);
    void farewellFrom(Subscriber& subscriber, Course course, std::uint32_t retryMs,
                      CloseReason reason);

    // Endings.cpp
    std::uint32_t retryMs() const { return static_cast<std::uint32_t>(options_.retry.count()); }
    static bool canBeTold(const Subscriber& subscriber);
    void tellItsEnd(Subscriber& subscriber, std::int64_t nowMs);

    // Replays.cpp
    const ReplayView* viewReplay(Herd& herd);
    void goOnReplaying(Herd& herd);
    void askForReplay(Herd& herd);
    void replayApart(Subscriber& subscriber);

    // Pings.cpp
    using Visit = bool (Herds::*)(Herd& herd, std::span<Subscriber* const> due);
    void visitDue(KeepaliveWheel& wheel, Visit visit);
    bool pingHerd(Herd& herd, std::span<Subscriber* const> due);

    // Polls.cpp
    bool endPollsOf(Herd& herd, std::span<Subscriber* const> due);

    // constant after construction
    const DeliveryOptions& options_;
    LoopTime& time_;
    Epoll& epoll_;
    Composer& composer_;
    SubscriptionTable& subscriptions_;
    KeepaliveWheel& keepalive_;
    DeliveryCounts& counts_;
    const LoopShare share_;

    // loop thread only
    std::uint64_t writesKeptBytes_ = 0;  // of all herds together; outlives the writes
    KeepaliveWheel polls_;               // of those who poll, in the place of keepalive_
    StreamNumbers numbers_;
    Endings endings_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    IntrusiveList<Herd, struct HerdQueueTag> live_;
    IntrusiveList<Herd, struct HerdQueueTag>
        behind_;  // have not sent all there was when they began
    IntrusiveList<Herd, struct ReplayingTag> replaying_;  // have a replay
    IntrusiveList<Pending, struct StragglerTag> stragglers_;
    IntrusiveList<Pending, struct ReadyTag> ready_;  // stragglers that can go on
    IntrusiveList<Pending, struct HeldTag> held_;    // stragglers that wait for a slot's end
    std::int64_t nextSlotMs_ = kNever;
    std::uint64_t pumpsLeft_ = 0;    // of these, before the next herd's turn
    const Herd* serving_ = nullptr;  // not to be dropped while its members are walked
    TurnOutput out_;                 // memory that is used again
    std::string gathered_;           // a head and a write in one, or several writes
    std::vector<Subscriber*> due_;
    std::uint64_t straggling_ = 0, behindCount_ = 0, stragglerBytes_ = 0, herdCount_ = 0;
    std::size_t catchUps_ = 0;
};

}  // namespace sluice
