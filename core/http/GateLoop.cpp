#include "http/GateLoop.h"

#include <algorithm>

#include "base/Log.h"

namespace sluice {
namespace {

constexpr std::uint64_t kWakeupTag = 0;
constexpr std::uint64_t kListenerTag = 1;  // of the first one
constexpr std::uint64_t kFirstConnectionTag = kListenerTag + GateLoop::kListenersMax;
constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr int kAcceptsPerTurn = 256;
constexpr int kEvictionCandidates = 16;
constexpr std::int64_t kEvictionAgeUs = 1'000'000;  // younger ones may still be honest
constexpr std::int64_t kPauseMinUs = 20'000;
constexpr std::int64_t kPauseMaxUs = 1'000'000;

const HttpResponse& tooSlow() {
    static const HttpResponse response =
        errorResponse(408, {"request-timeout", "", "the request did not come in time", ""});
    return response;
}

}  // namespace

GateLoop::GateLoop(const GateOptions& options, std::vector<GateListener>& listeners,
                   GateExchange& exchange, GateCounts& counts, ClientLimits& limits,
                   const Clock& clock)
    : options_{options},
      listeners_{listeners},
      exchange_{exchange},
      counts_{counts},
      limits_{limits},
      clock_{clock},
      nowUs_{clock.steadyUs()},
      nextId_{kFirstConnectionTag},
      pauseUs_{kPauseMinUs},
      scratch_(kScratchBytes) {
    exchange_.epoll().add(exchange_.wakeup().fd(), Epoll::kRead, kWakeupTag);
    resumeAccepting();
}

GateLoop::~GateLoop() = default;

void GateLoop::turn() {
    const auto ready = exchange_.epoll().wait(waitMs());
    nowUs_ = clock_.steadyUs();
    std::vector<GateListener*> knocked;
    for (const Epoll::Ready& event : ready) {
        if (event.data.u64 == kWakeupTag)
            exchange_.wakeup().clear();
        else if (event.data.u64 < kFirstConnectionTag)
            knocked.push_back(&listeners_[event.data.u64 - kListenerTag]);
        else
            onReady(event.data.u64);
    }
    for (auto& connection : exchange_.takeReturned()) takeBack(std::move(connection));
    expire();
    // New ones last: those that are here already make room first.
    for (GateListener* const listener : knocked)
        if (isAccepting_) accept(*listener);
}

int GateLoop::waitMs() const {
    std::int64_t untilUs = deadlines_.empty() ? 0 : deadlines_.begin()->first;
    if (acceptAgainUs_ != 0)
        untilUs = untilUs == 0 ? acceptAgainUs_ : std::min(untilUs, acceptAgainUs_);
    if (untilUs == 0) return -1;
    const std::int64_t leftUs = untilUs - clock_.steadyUs();
    return static_cast<int>(std::clamp<std::int64_t>((leftUs + 999) / 1'000, 0, 60'000));
}

void GateLoop::onReady(std::uint64_t id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;  // being served: it reads again when it comes back
    Connection& connection = *found->second;
    switch (connection.phase) {
        case Connection::Phase::ProxyHeader:
            return readProxyHeader(connection);
        case Connection::Phase::Handshake:
            return shakeHands(connection);
        case Connection::Phase::Head:
        case Connection::Phase::Body:
            return pump(connection);
        case Connection::Phase::Holding:
            return;  // its time comes
        case Connection::Phase::Writing:
            return flush(connection);
        case Connection::Phase::Lingering:
            return drainLingering(connection);
    }
}

void GateLoop::takeBack(std::unique_ptr<Connection> connection) {
    bodiesBytes_ -= std::exchange(connection->bodyBytesCounted, 0);
    if (!connection->wire) {
        unaccount(*connection);
    } else {
        Connection& back = *connection;
        connections_.emplace(back.id, std::move(connection));
        if (isClosing_) back.keepAlive = false;
        if (back.hold.count() > 0) {
            back.phase = Connection::Phase::Holding;
            setDeadline(back, std::exchange(back.hold, std::chrono::milliseconds{0}));
        } else {
            back.phase = Connection::Phase::Writing;
            flush(back);
        }
    }
    if (acceptAgainUs_ != 0 && open_ < options_.connectionsMax && pauseUs_ == kPauseMinUs)
        resumeAccepting();
}

void GateLoop::expire() {
    while (!deadlines_.empty() && deadlines_.begin()->first <= nowUs_) {
        const auto found = connections_.find(deadlines_.begin()->second);
        onDeadline(*found->second);
    }
    if (acceptAgainUs_ != 0 && acceptAgainUs_ <= nowUs_ && !isClosing_) resumeAccepting();
}

void GateLoop::onDeadline(Connection& connection) {
    if (connection.phase == Connection::Phase::Holding) {
        clearDeadline(connection);
        connection.phase = Connection::Phase::Writing;
        return flush(connection);
    }
    if (connection.phase == Connection::Phase::ProxyHeader)
        return refuseProxyHeader(connection, "it did not come in time");
    if (connection.phase == Connection::Phase::Handshake) {
        ++counts_.timedOut;
        ++counts_.handshakesTimedOut;
        return drop(connection);
    }
    const bool isSilent = connection.phase == Connection::Phase::Head && connection.in.empty();
    const bool isReading =
        connection.phase == Connection::Phase::Head || connection.phase == Connection::Phase::Body;
    if (isReading) ++counts_.timedOut;
    // Nobody asked anything yet: an answer would be taken for that of a later request.
    if (isReading && !isSilent) return answer(connection, tooSlow());
    drop(connection);
}

void GateLoop::accept(GateListener& from) {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        if (open_ >= options_.connectionsMax && !makeRoom()) return pauseAccepting();
        Fd fd;
        Address peer;
        switch (from.listener.accept(fd, peer)) {
            case AcceptState::Accepted:
                pauseUs_ = kPauseMinUs;
                admit(from, std::move(fd), peer);
                break;
            case AcceptState::Empty:
                return;
            case AcceptState::Exhausted:
                log::limited(log::Level::Warning, "http", "accept-exhausted",
                             "out of file descriptors or memory: new connections wait");
                if (!makeRoom()) pauseUs_ = std::min(pauseUs_ * 2, kPauseMaxUs);
                return pauseAccepting();
        }
    }
}

/// Closes the one that waits longest for its own request, if it has had its chance.
bool GateLoop::makeRoom() {
    int looked = 0;
    for (const auto& [deadline, id] : deadlines_) {
        if (++looked > kEvictionCandidates) return false;
        Connection& connection = *connections_.at(id);
        const bool isOld = nowUs_ - connection.waitsSinceUs >= kEvictionAgeUs;
        const bool waits = connection.phase <= Connection::Phase::Head;
        if (!waits || !isOld) continue;
        ++counts_.evicted;
        drop(connection);
        return true;
    }
    return false;
}

void GateLoop::pauseAccepting() {
    ++counts_.exhausted;
    if (isAccepting_)
        for (const GateListener& listener : listeners_)
            exchange_.epoll().remove(listener.listener.fd());
    isAccepting_ = false;
    acceptAgainUs_ = nowUs_ + pauseUs_;
}

void GateLoop::resumeAccepting() {
    acceptAgainUs_ = 0;
    if (isAccepting_ || isClosing_) return;
    std::uint64_t tag = kListenerTag;
    isAccepting_ = std::all_of(listeners_.begin(), listeners_.end(), [&](const GateListener& one) {
        return exchange_.epoll().tryAdd(one.listener.fd(), Epoll::kRead, tag++);
    });
    if (isAccepting_) return;
    for (const GateListener& one : listeners_) exchange_.epoll().remove(one.listener.fd());
    acceptAgainUs_ = nowUs_ + kPauseMaxUs;
}

void GateLoop::stopAccepting() {
    if (std::exchange(isClosing_, true)) return;
    for (GateListener& listener : listeners_) listener.listener.close();
    isAccepting_ = false;
    acceptAgainUs_ = 0;
    std::vector<Connection*> idle;
    for (const auto& [id, connection] : connections_)
        if (connection->phase < Connection::Phase::Head ||
            (connection->phase == Connection::Phase::Head && connection->in.empty()))
            idle.push_back(connection.get());
    for (Connection* connection : idle) drop(*connection);
}

void GateLoop::setDeadline(Connection& connection, std::chrono::milliseconds fromNow) {
    clearDeadline(connection);
    connection.deadlineUs =
        nowUs_ + std::chrono::duration_cast<std::chrono::microseconds>(fromNow).count();
    deadlines_.emplace(connection.deadlineUs, connection.id);
}

void GateLoop::clearDeadline(Connection& connection) {
    if (connection.deadlineUs != 0) deadlines_.erase({connection.deadlineUs, connection.id});
    connection.deadlineUs = 0;
}

void GateLoop::drop(Connection& connection) {
    clearDeadline(connection);
    endHandshake(connection);
    unaccount(connection);
    connections_.erase(connection.id);
}

void GateLoop::unaccount(const Connection& connection) {
    bodiesBytes_ -= connection.bodyBytesCounted;
    counts_.open = --open_;
    const auto found = perAddress_.find(connection.countedAs);
    if (found != perAddress_.end() && --found->second == 0) perAddress_.erase(found);
}

}  // namespace sluice
