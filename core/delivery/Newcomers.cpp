#include "delivery/Newcomers.h"

#include <limits>
#include <string_view>
#include <utility>

namespace sluice {
namespace {

std::size_t hashOf(const SubscriptionState& subscription, const ResumeRequest& request) {
    std::size_t hash = std::hash<const SubscriptionState*>{}(&subscription);
    const auto add = [&hash](std::size_t part) { hash = hash * 1'099'511'628'211u ^ part; };
    if (request.idText) add(std::hash<std::string_view>{}(*request.idText));
    add(static_cast<std::size_t>(request.start.kind));
    add(request.start.count);
    add(static_cast<std::size_t>(request.start.sinceMs));
    add(request.limit.value_or(0));
    return hash;
}

bool areEqual(const ResumeRequest& a, const ResumeRequest& b) {
    return a.idText == b.idText && a.limit == b.limit && a.start.kind == b.start.kind &&
           a.start.count == b.start.count && a.start.sinceMs == b.start.sinceMs;
}

}  // namespace

Newcomers::Newcomers(LoopTime& time, Composer& composer, Herds& herds, SourceQueries& queries)
    : time_{time}, composer_{composer}, herds_{herds}, queries_{queries} {}

Newcomers::~Newcomers() = default;

void Newcomers::add(Subscriber& subscriber, ResumeRequest request) {
    SubscriptionState& subscription = *subscriber.subscription;
    const std::size_t hash = hashOf(subscription, request);
    NewcomerGroup* group = findEqual(subscription, request, hash);
    if (!group) {
        auto made = std::make_unique<NewcomerGroup>(*this);
        made->subscription = &subscription;
        made->request = std::move(request);
        made->hash = hash;
        group = groups_.emplace(hash, std::move(made))->second.get();
        fresh_.pushBack(*group);
    }
    group->members.push_back(&subscriber);
    subscriber.pending->newcomers = group;
    ++count_;
}

void Newcomers::leave(Subscriber& subscriber) {
    NewcomerGroup& group = *std::exchange(subscriber.pending->newcomers, nullptr);
    std::erase(group.members, &subscriber);
    --count_;
    if (group.isResolving) --resolvingCount_;
    if (group.members.empty()) drop(group);
}

NewcomerGroup* Newcomers::findEqual(const SubscriptionState& subscription,
                                    const ResumeRequest& request, std::size_t hash) {
    const auto [begin, end] = groups_.equal_range(hash);
    for (auto known = begin; known != end; ++known) {
        NewcomerGroup& group = *known->second;
        // An answer of the source has to be younger than the request that acts upon it.
        if (group.query == 0 && group.subscription == &subscription &&
            areEqual(group.request, request))
            return &group;
    }
    return nullptr;
}

void Newcomers::answered(std::uint64_t query, const std::shared_ptr<const SourceEnds>& ends,
                         SourcePlaces places) {
    resolving_.forEach([&](NewcomerGroup& group) {
        if (group.query != query) return;
        group.ends = ends;
        group.places = places;
        resolved(group);
    });
}

void Newcomers::resolved(NewcomerGroup& group) {
    group.isResolving = false;
    resolvingCount_ -= group.members.size();
    listFor(group).pushBack(group);
}

void Newcomers::look(NewcomerGroup& group) {
    const std::vector<std::uint32_t> families =
        composer_.familiesToAsk(*group.subscription, group.request);
    const std::vector<std::uint32_t> sought =
        composer_.familiesToSeek(*group.subscription, group.request);
    if (!families.empty())
        group.query = queries_.ask(families);
    else if (!sought.empty())
        group.query = queries_.seek(sought, group.request.start.sinceMs);
    if (group.query == 0) {
        listFor(group).pushBack(group);
        return;
    }
    group.deadlineMs = time_.ms() + kAnswerTimeoutMs;
    group.isResolving = true;
    resolvingCount_ += group.members.size();
    resolving_.pushBack(group);
}

void Newcomers::giveUpWaiting() {
    while (!resolving_.empty() && resolving_.front().deadlineMs <= time_.ms())
        resolved(resolving_.popFront());
}

void Newcomers::start(Slice& slice) {
    giveUpWaiting();
    while (!fresh_.empty() && !slice.isSpent()) look(fresh_.popFront());
    while (!live_.empty() && !slice.isSpent()) begin(live_.popFront());
    while (!behind_.empty() && herds_.hasRoomToCatchUp() && !slice.isSpent())
        begin(behind_.popFront());
}

void Newcomers::begin(NewcomerGroup& group) {
    Course course =
        composer_.begin(*group.subscription, group.request, group.ends.get(), &group.places);
    for (Subscriber* const member : group.members) member->pending->newcomers = nullptr;
    count_ -= group.members.size();
    herds_.begin(*group.subscription, std::move(course), group.members, group.catchesUp());
    drop(group);
}

void Newcomers::drop(NewcomerGroup& group) {
    const auto [begin, end] = groups_.equal_range(group.hash);
    for (auto known = begin; known != end; ++known) {
        if (known->second.get() != &group) continue;
        groups_.erase(known);
        return;
    }
}

bool Newcomers::hasWork() const {
    return !fresh_.empty() || !live_.empty() || (!behind_.empty() && herds_.hasRoomToCatchUp());
}

std::int64_t Newcomers::nextMs() {
    return resolving_.empty() ? std::numeric_limits<std::int64_t>::max()
                              : resolving_.front().deadlineMs;
}

}  // namespace sluice
