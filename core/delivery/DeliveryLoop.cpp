#include "delivery/DeliveryLoop.h"

#include <algorithm>

#include "base/Assert.h"
#include "delivery/Shed.h"
#include "delivery/SocketEnd.h"

namespace sluice {
namespace {

constexpr std::uint64_t kWakeTag = 0;
constexpr std::int64_t kSecondMs = 1'000;

}  // namespace

DeliveryLoop::DeliveryLoop(const DeliveryOptions& options, const LoopShare& share, Hub& hub,
                           Origins& origins, const Clock& clock)
    : options_{options},
      inbox_{std::make_shared<Inbox>(options.inboxMax)},
      hub_{hub},
      index_{hub.addLoop(*this)},
      time_{clock},
      random_{std::random_device{}()},
      keepalive_{options.keepalive, time_.ms(), static_cast<std::uint32_t>(random_())},
      subscriptions_{hub, index_},
      composer_{options_, hub.epoch(), origins},
      herds_{{options_, time_, epoll_, composer_, subscriptions_, keepalive_, mine_, index_},
             withWake(share)},
      queries_{origins, inbox_},
      changes_{time_, subscriptions_, herds_},
      looks_{time_, herds_},
      newcomers_{time_, composer_, herds_, queries_},
      secondMs_{time_.ms() + kSecondMs} {
    // Edge-triggered: every wake is one event, and nobody has to read the descriptor.
    if (share.tokens) composer_.showTokens();
    if (share.replays) composer_.allowReplays();
    epoll_.add(inbox_->wakeFd(), Epoll::kRead | Epoll::kEdge, kWakeTag);
}

DeliveryLoop::~DeliveryLoop() = default;

LoopShare DeliveryLoop::withWake(LoopShare share) const {
    share.wake = [inbox = std::weak_ptr{inbox_}] {
        if (const std::shared_ptr<Inbox> box = inbox.lock()) box->wake();
    };
    return share;
}

void DeliveryLoop::assertInLoop() {
    if (thread_ == std::thread::id{}) thread_ = std::this_thread::get_id();
    SLUICE_ASSERT(thread_ == std::this_thread::get_id());
}

bool DeliveryLoop::turn(int timeoutMs) {
    assertInLoop();
    waitInLoop(timeoutMs);
    time_.refresh();
    const std::int64_t beganUs = time_.us();
    readInboxInLoop();
    if (stopped_) return false;
    admitInLoop();
    // Whatever was subscribed to above is in this snapshot.
    lookAtHubInLoop();
    herds_.serveLive();
    inbox_->changed(changes_.apply());
    Slice slice{time_};
    newcomers_.start(slice);
    queries_.flush(time_.ms());
    herds_.lookAtReplays();
    herds_.serveBehind();
    lookInLoop();
    keepTimeInLoop();
    subscriptions_.sweep();
    publishInLoop(beganUs);
    return true;
}

void DeliveryLoop::waitInLoop(int timeoutMs) {
    const int boundedMs = timeoutInLoop(timeoutMs);
    const int waitMs = inbox_->isAwaited() ? 0 : boundedMs;
    const std::span<const Epoll::Ready> ready = epoll_.wait(waitMs);
    inbox_->awake();
    for (const Epoll::Ready& event : ready) {
        if (event.data.u64 == kWakeTag) continue;
        // Closing one subscriber never closes another: the tags of this round stay valid.
        auto& subscriber =
            *reinterpret_cast<Subscriber*>(static_cast<std::uintptr_t>(event.data.u64));
        if (event.events & (Epoll::kPeerClosed | Epoll::kFailed))
            // The kernel may notice a stuck reader before our own check does.
            herds_.close(subscriber, wasGivenUp(subscriber.wire->fd()) ? CloseReason::Stalled
                                                                       : CloseReason::Client);
        else if (event.events & Epoll::kWrite)
            herds_.writable(subscriber);
    }
}

int DeliveryLoop::timeoutInLoop(int timeoutMs) {
    if (timeoutMs == 0) return 0;
    const std::int64_t nextMs = nextMsInLoop();
    if (nextMs == kNever) return timeoutMs;
    time_.refresh();
    const std::int64_t leftMs = std::clamp<std::int64_t>(nextMs - time_.ms(), 0, 60'000);
    if (timeoutMs < 0) return static_cast<int>(leftMs);
    return static_cast<int>(std::min<std::int64_t>(leftMs, timeoutMs));
}

/// When there is something to do although nothing comes; 0: now.
std::int64_t DeliveryLoop::nextMsInLoop() {
    if (!arrivals_.empty() || herds_.hasWork() || newcomers_.hasWork() || !looks_.empty()) return 0;
    std::int64_t nextMs = newcomers_.nextMs();
    if (!herds_.all().empty())
        nextMs = std::min({nextMs, keepalive_.nextMs(), herds_.nextPollMs(), herds_.nextSlotMs()});
    if (const std::int64_t inMs = herds_.endsInMs(); inMs != Endings::kNever)
        nextMs = std::min(nextMs, time_.ms() + inMs);
    if (herds_.needsSeconds() || queries_.hasNext() || !changes_.empty())
        nextMs = std::min(nextMs, secondMs_);
    if (drain_ && !herds_.all().empty()) nextMs = std::min(nextMs, drain_->nextMs(time_.ms()));
    return nextMs;
}

void DeliveryLoop::readInboxInLoop() {
    inbox_->take(content_);
    for (Adoption& adoption : content_.adoptions) arrivals_.push_back(std::move(adoption));
    for (SourceAnswer& answer : content_.answers) {
        if (!queries_.accept(answer)) continue;
        const auto ends = std::make_shared<const SourceEnds>(std::move(answer.ends));
        newcomers_.answered(answer.query, ends, std::move(answer.places));
        herds_.answered(answer.query, ends);
    }
    for (const Dismissal& dismissal : content_.dismissals) herds_.dismiss(dismissal);
    for (StreamChange& change : content_.changes) changes_.add(std::move(change));
    for (StreamLook& look : content_.looks) looks_.add(std::move(look));
    if (content_.drain) beginDrainInLoop(*content_.drain);
    stopped_ = content_.stop;
}

void DeliveryLoop::beginDrainInLoop(std::chrono::milliseconds window) {
    drain_.emplace(window, options_.retry, herds_.all().size() + arrivals_.size(), time_.ms());
}

void DeliveryLoop::admitInLoop() {
    Slice slice{time_};
    while (!arrivals_.empty() && !slice.isSpent()) {
        admitOneInLoop(arrivals_.front());
        arrivals_.pop_front();
        open_.store(herds_.all().size());
        inbox_->admitted(1);
    }
}

void DeliveryLoop::admitOneInLoop(Adoption& adoption) {
    StreamRequest& request = adoption.request;
    if (drain_) return refuseInLoop(adoption, CloseReason::Drained);
    if (request.admission && herds_.isDismissed(*request.admission))
        return refuseInLoop(adoption, CloseReason::Revoked);
    SubscriptionState* const subscription = subscriptions_.obtain(request.spec);
    if (!subscription) return refuseInLoop(adoption, CloseReason::Refused);
    Subscriber* const subscriber = herds_.open(request, *subscription);
    subscriptions_.retire(*subscription);
    if (!subscriber) return refuseInLoop(adoption, CloseReason::Refused);
    newcomers_.add(*subscriber, std::move(request.resume));
}

void DeliveryLoop::refuseInLoop(Adoption& adoption, CloseReason reason) {
    std::uniform_int_distribution<std::uint32_t> jitter{kShedRetryMs * 8 / 10,
                                                        kShedRetryMs * 12 / 10};
    shed(adoption, jitter(random_));
    ++mine_.closed[static_cast<std::size_t>(reason)];
}

void DeliveryLoop::lookAtHubInLoop() {
    hub_.collect(index_, work_, composer_.snapshot());
    for (ChannelLog* const log : work_.born)
        subscriptions_.join(*log, composer_.snapshot().horizon);
    if (work_.everything) {
        subscriptions_.forEach([this](SubscriptionState& state) { herds_.changed(state, true); });
        return;
    }
    for (const ChannelLog* const log : work_.dirty)
        for (const SubscriptionTable::Reader& reader : subscriptions_.readersOf(*log))
            herds_.changed(*reader.state);
}

void DeliveryLoop::lookInLoop() {
    if (looks_.empty()) return;
    Slice slice{time_};
    inbox_->looked(looks_.work(slice));
}

void DeliveryLoop::keepTimeInLoop() {
    time_.refresh();
    if (keepalive_.nextMs() <= time_.ms()) herds_.ping();
    if (herds_.nextPollMs() <= time_.ms()) herds_.endPolls();
    if (herds_.nextSlotMs() <= time_.ms()) herds_.endSlots();
    if (herds_.endsInMs() == 0) herds_.endByTheClock();
    if (drain_) drain_->step(herds_, time_.ms());
    if (time_.ms() < secondMs_) return;
    secondMs_ = time_.ms() + kSecondMs;
    herds_.checkStalls();
    herds_.lookAhead(queries_);
    queries_.flush(time_.ms());
}

void DeliveryLoop::publishInLoop(std::int64_t beganUs) {
    time_.refresh();
    mine_.turn.observe(time_.us() - beganUs);
    const std::size_t open = herds_.all().size();
    mine_.resolving = newcomers_.resolving();
    mine_.catchingUp = herds_.catchingUp() + newcomers_.size() - newcomers_.resolving();
    mine_.straggling = herds_.straggling();
    mine_.live = open - mine_.resolving - mine_.catchingUp - mine_.straggling;
    mine_.subscriptions = subscriptions_.size();
    mine_.herds = herds_.size();
    mine_.stragglerBytes = herds_.stragglerBytes();
    open_.store(open);
    const std::lock_guard lock{mutex_};
    published_ = mine_;
    if (open == 0) emptied_.notify_all();
}

DeliveryCounts DeliveryLoop::counts() const {
    const std::lock_guard lock{mutex_};
    return published_;
}

bool DeliveryLoop::waitUntilEmpty(std::chrono::milliseconds timeout) const {
    std::unique_lock lock{mutex_};
    return emptied_.wait_for(lock, timeout, [this] { return subscribers() == 0; });
}

}  // namespace sluice
