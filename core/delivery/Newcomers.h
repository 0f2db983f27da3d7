#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "delivery/Herds.h"
#include "delivery/SourceQueries.h"

namespace sluice {

/// Streams that asked for the same thing at the same time: they share their resume and become one
/// herd.
struct NewcomerGroup : ListNode<struct NewcomerTag> {
    explicit NewcomerGroup(class Newcomers& queue) : owner{queue} {}

    class Newcomers& owner;
    SubscriptionState* subscription = nullptr;
    ResumeRequest request;
    std::vector<Subscriber*> members;
    std::shared_ptr<const SourceEnds> ends;  // shared by all who asked
    SourcePlaces places;                     // where it is to begin, as its sources say
    std::uint64_t query = 0;                 // 0: no question was asked
    std::int64_t deadlineMs = 0;
    std::size_t hash = 0;      // of the request
    bool isResolving = false;  // waits for the answer to `query`

    /// Whether there may be more to send than what comes from now on.
    bool catchesUp() const { return request.idText || request.start.kind != Start::Kind::Live; }
};

/// The streams of a loop between adoption and their resume: some wait for what their source says,
/// some for room among the catch-ups, first come, first served. Loop thread only.
class Newcomers final {
  public:
    Newcomers(LoopTime& time, Composer& composer, Herds& herds, SourceQueries& queries);
    ~Newcomers();

    void add(Subscriber& subscriber, ResumeRequest request);
    void answered(std::uint64_t query, const std::shared_ptr<const SourceEnds>& ends,
                  SourcePlaces places);
    /// Starts those that have nothing to wait for, as long as the slice lasts.
    void start(Slice& slice);

    /// One of them is about to close. REQUIRES: it waits here.
    void leave(Subscriber& subscriber);

    /// Whether `start` has something to do now.
    bool hasWork() const;
    /// When `start` has something to do although nothing came; a far future where never.
    std::int64_t nextMs();
    /// Subscribers that wait for what a source says.
    std::uint64_t resolving() const { return resolvingCount_; }
    /// All subscribers here.
    std::uint64_t size() const { return count_; }

  private:
    using List = IntrusiveList<NewcomerGroup, struct NewcomerTag>;

    NewcomerGroup* findEqual(const SubscriptionState& subscription, const ResumeRequest& request,
                             std::size_t hash);
    void look(NewcomerGroup& group);
    void giveUpWaiting();
    void resolved(NewcomerGroup& group);
    void begin(NewcomerGroup& group);
    void drop(NewcomerGroup& group);
    List& listFor(const NewcomerGroup& group) { return group.catchesUp() ? behind_ : live_; }

    LoopTime& time_;
    Composer& composer_;
    Herds& herds_;
    SourceQueries& queries_;
    std::unordered_multimap<std::size_t, std::unique_ptr<NewcomerGroup>> groups_;
    List fresh_;      // not looked at
    List resolving_;  // wait for the source, in order of their deadlines
    List live_;       // start where they are
    List behind_;     // start when there is room among the catch-ups
    std::uint64_t resolvingCount_ = 0, count_ = 0;
};

}  // namespace sluice
