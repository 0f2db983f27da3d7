#include "delivery/Herds.h"

#include <algorithm>
#include <random>

#include "base/Assert.h"
#include "delivery/Newcomers.h"
#include "delivery/SocketEnd.h"

namespace sluice {
namespace {

/// A wheel's first turn comes after 0.8 to 1.2 of its time: at most `wait`, and at least two thirds
/// of it, so that those who came together ask again apart.
std::chrono::milliseconds pollKeepalive(std::chrono::milliseconds wait) {
    return wait * 5 / 6;
}

}  // namespace

Herds::Herds(const Parts& parts, const LoopShare& share)
    : options_{parts.options},
      time_{parts.time},
      epoll_{parts.epoll},
      composer_{parts.composer},
      subscriptions_{parts.subscriptions},
      keepalive_{parts.keepalive},
      counts_{parts.counts},
      share_{share},
      polls_{pollKeepalive(options_.poll), time_.ms(), std::random_device{}()},
      numbers_{parts.loop} {}

Herds::~Herds() {
    subscriptions_.forEach([](SubscriptionState& state) { state.herds.clear(); });
}

Subscriber* Herds::open(StreamRequest& request, SubscriptionState& subscription) {
    auto opened = std::make_unique<Subscriber>();
    Subscriber& subscriber = *opened;
    const auto tag = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&subscriber));
    constexpr std::uint32_t kEvents = Epoll::kEdge | Epoll::kWrite | Epoll::kPeerClosed;
    if (!epoll_.tryAdd(request.wire->fd(), kEvents, tag)) return nullptr;
    subscriber.wire = std::move(request.wire);
    subscriber.subscription = &subscription;
    subscriber.pending = std::make_unique<Pending>(subscriber);
    subscriber.pending->rest = std::move(request.responseHead);
    subscriber.admission = std::move(request.admission);
    if (subscriber.admission) endings_.enter(subscriber);
    subscriber.lastWriteMs = time_.ms();
    subscriber.tableIndex = static_cast<std::uint32_t>(subscribers_.size());
    ++subscription.subscribers;
    ++counts_.adopted;
    (subscription.spec.format == Format::Stream ? keepalive_ : polls_).enter(subscriber);
    numbers_.enter(subscriber, request.address, time_.ms());
    subscribers_.push_back(std::move(opened));
    return &subscriber;
}

void Herds::begin(SubscriptionState& subscription, Course course,
                  std::span<Subscriber* const> members, bool catchesUp) {
    Herd& herd = make(subscription, std::move(course));
    for (Subscriber* const member : members) {
        member->holdsCatchUp = catchesUp;
        add(herd, *member);
    }
    if (catchesUp) catchUps_ += members.size();
    enqueue(herd);
}

void Herds::close(Subscriber& subscriber, CloseReason reason) {
    ++counts_.closed[static_cast<std::size_t>(reason)];
    releaseCatchUp(subscriber);
    if (Pending* const pending = subscriber.pending.get()) {
        if (pending->newcomers) pending->newcomers->owner.leave(subscriber);
        if (pending->isStraggling()) --straggling_;
        keepRest(*pending, {});
        unfollow(*pending);
    }
    SubscriptionState& subscription = *subscriber.subscription;
    if (Herd* const herd = subscriber.herd) {
        remove(subscriber);
        dropIfEmpty(*herd);
    }
    --subscription.subscribers;
    subscriptions_.retire(subscription);
    // Closing the descriptor would do, unless somebody holds a copy of it.
    epoll_.remove(subscriber.wire->fd());
    if (reason == CloseReason::Stalled)
        forgetUnsent(subscriber.wire->fd());
    else if (reason != CloseReason::Client)
        discardInput(subscriber.wire->fd());

    numbers_.leave(subscriber);
    endings_.leave(subscriber);
    std::unique_ptr<Subscriber>& place = subscribers_[subscriber.tableIndex];
    subscribers_.back()->tableIndex = subscriber.tableIndex;
    std::swap(place, subscribers_.back());
    subscribers_.pop_back();
}

void Herds::enqueue(Herd& herd) {
    (herd.settled ? live_ : behind_).pushBack(herd);
}

void Herds::changed(SubscriptionState& subscription, bool concernsAll) {
    for (const std::unique_ptr<Herd>& herd : subscription.herds) {
        if (herd->members.empty()) continue;        // it looks when a follower comes back
        if (herd->waits && !concernsAll) continue;  // it reads no log yet
        if (herd->isWriting())
            herd->again = true;
        else if (!herd->isQueued())
            enqueue(*herd);
    }
}

void Herds::serveLive() {
    Slice slice{time_};
    while (!live_.empty() && !slice.isSpent()) serve(live_.popFront(), slice);
}

/// Between two herds' turns each straggler has one: a herd that ran ahead of those who follow it
/// would leave them to compose for themselves.
void Herds::serveBehind() {
    Slice slice{time_};
    while ((!behind_.empty() || !ready_.empty()) && !slice.isSpent()) {
        if (pumpsLeft_ > 0 && !ready_.empty()) {
            --pumpsLeft_;
            pump(ready_.popFront().owner);
            continue;
        }
        pumpsLeft_ = std::max<std::uint64_t>(straggling_, 1);
        if (!behind_.empty()) serve(behind_.popFront(), slice);
    }
}

void Herds::serve(Herd& herd, Slice& slice) {
    serving_ = &herd;
    if (!herd.isWriting() && !herd.members.empty() && !composeFor(herd)) {
        serving_ = nullptr;
        finishTurn(herd, out_.more);
        return;
    }
    const bool isWritten = writeSome(herd, slice);
    serving_ = nullptr;
    if (isWritten) {
        finishTurn(herd, currentWrite(herd).more);
        return;
    }
    if (!herd.last) keepWrite(herd);
    enqueue(herd);
}

/// One turn of the herd; false where it writes nothing.
bool Herds::composeFor(Herd& herd) {
    const std::shared_ptr<const SourceEnds> ends = std::exchange(herd.ends, nullptr);
    composer_.compose(herd.subscription, herd.course,
                      {.ends = ends.get(),
                       .replay = viewReplay(herd),
                       .isStraggler = herd.lags && !herd.subscription.samples},
                      out_);
    goOnReplaying(herd);
    herd.lags = herd.lags && out_.more;
    herd.oldestMs = herd.settled && out_.events > 0 ? composer_.oldestMs() : 0;
    if (out_.bytes.empty() && !herd.opening) return false;
    herd.unwritten = herd.members.size();
    if (herd.followers > 0)
        keepWrite(herd);
    else
        herd.last.reset();
    return true;
}

/// Moves what was just composed to where others can read it, too.
void Herds::keepWrite(Herd& herd) {
    auto write =
        std::make_shared<Write>(std::move(out_), herd.course, ++herd.writes, writesKeptBytes_);
    if (herd.last && herd.followers > 0) herd.last->next = write;
    herd.last = std::move(write);
    if (writesKeptBytes_ > share_.writesKeptBytesMax) boundWritesKept();
}

bool Herds::writeSome(Herd& herd, Slice& slice) {
    std::uint64_t served = 0;
    while (herd.unwritten > 0 && !slice.isOver()) {
        Subscriber& member = *herd.members[--herd.unwritten];
        const WriteResult result = write(member, currentWrite(herd));
        if (result.state == WriteResult::State::Ok) [[likely]] {
            member.lastWriteMs = time_.ms();
            ++served;
        } else if (result.state == WriteResult::State::Closed) {
            close(member, CloseReason::Client);
        } else {
            straggle(member, result.taken);
        }
    }
    count(currentWrite(herd), served);
    observeDelay(herd, served);
    return herd.unwritten == 0;
}

WriteResult Herds::write(Subscriber& member, const TurnOutput& out) {
    if (!member.pending) [[likely]]
        return member.wire->write(out.bytes.data(), out.bytes.size());
    gathered_.assign(member.pending->rest).append(out.bytes);
    if (out.tokenAt != std::string::npos)
        putToken(gathered_, member.pending->rest.size() + out.tokenAt, member);
    const WriteResult result = member.wire->write(gathered_.data(), gathered_.size());
    if (result.state == WriteResult::State::Ok) {
        counts_.bytes += member.pending->rest.size();
        member.pending.reset();
    }
    return result;
}

/// The herd's first block has room for what is each member's own.
void Herds::putToken(std::string& bytes, std::size_t at, const Subscriber& subscriber) const {
    bytes.replace(at, StreamTokens::kLength, share_.tokens->tokenOf(numbers_.numberOf(subscriber)));
}

void Herds::finishTurn(Herd& herd, bool more) {
    herd.opening = false;
    if (herd.followers == 0) herd.last.reset();
    if (herd.members.empty()) {
        dropIfEmpty(herd);
        return;
    }
    if (herd.course.stream.hasEnded()) {
        closeMembers(herd, CloseReason::Ended);
        return;
    }
    if (more || herd.again) {
        herd.again = false;
        enqueue(herd);
        return;
    }
    if (herd.waits) {
        if (herd.replay && herd.replay->hasNews()) enqueue(herd);
        return;
    }
    settle(herd);
    if (herd.mergeTries > 0) tryMerge(herd);
}

void Herds::closeMembers(Herd& herd, CloseReason reason) {
    for (std::size_t left = herd.members.size(); left > 0; --left)
        close(*herd.members[left - 1], reason);
}

void Herds::count(const TurnOutput& out, std::uint64_t subscribers) {
    counts_.deliveries += subscribers * out.events;
    counts_.sampled += subscribers * out.sampled;
    counts_.bytes += subscribers * out.bytes.size();
    countTold(out, subscribers);
}

void Herds::countTold(const TurnOutput& out, std::uint64_t subscribers) {
    for (std::size_t i = 0; i < kGapReasons; ++i) counts_.gaps[i] += subscribers * out.gaps[i];
    counts_.skipped += subscribers * out.skipped;
    counts_.conflated += subscribers * out.conflated;
}

void Herds::observeDelay(const Herd& herd, std::uint64_t subscribers) {
    if (herd.oldestMs == 0 || subscribers == 0) return;
    counts_.delay.observe((time_.wallMs() - herd.oldestMs) * 1'000, subscribers);
}

}  // namespace sluice
