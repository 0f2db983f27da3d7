#include "LoadRun.h"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace sluice::bench {
namespace {

constexpr std::size_t kReadBufferBytes = 256 * 1024;
constexpr int kStuckReceiveBufferBytes = 4096;
constexpr int kTurnMs = 5;
constexpr std::size_t kEventsPerTurn = 1024;
constexpr std::size_t kConnectsPerTurn = 200;  // so that a storm is read while it grows
constexpr std::int64_t kRetryAfterUs = 50'000;

std::int64_t toUs(double seconds) {
    return static_cast<std::int64_t>(seconds * 1e6);
}

double toSeconds(std::int64_t us) {
    return static_cast<double>(us) / 1e6;
}

std::string withNumber(const std::string& target, std::size_t number) {
    std::string result = target;
    const std::size_t at = result.find("{i}");
    if (at != std::string::npos) result.replace(at, 3, std::to_string(number));
    return result;
}

}  // namespace

LoadRun::LoadRun(const LoadOptions& options)
    : options_(options), buffer_(kReadBufferBytes), connectingMax_(options.connectingMax) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    tally_.channels.resize(options_.channels);
}

LoadRun::~LoadRun() {
    subscribers_.clear();
    ::close(epoll_);
}

LoadResult LoadRun::run() {
    result_.memoryBefore = memoryOf(options_.pids);
    makeSubscribers();
    result_.kernelBefore = kernelMemory();
    connectAll();
    switch (options_.mode) {
        case LoadOptions::Mode::kSubscribe:
            measure();
            break;
        case LoadOptions::Mode::kStorm:
            storm();
            break;
        case LoadOptions::Mode::kIdle:
            idle();
            break;
    }
    return judge();
}

void LoadRun::makeSubscribers() {
    for (std::size_t i = 0; i < options_.subscribers; ++i) {
        const std::size_t channel = i % options_.channels;
        subscribers_.push_back(std::make_unique<Subscriber>(
            tally_, channel, withNumber(options_.target, channel), options_.host, options_.isTls));
        toConnect_.push_back(i);
    }
}

void LoadRun::connectAll() {
    const std::int64_t deadline = nowUs() + toUs(kConnectSecondsMax);
    if (!turnUntil(deadline, [this] { return open_ == subscribers_.size(); })) {
        throw std::runtime_error("only " + std::to_string(open_) + " of " +
                                 std::to_string(subscribers_.size()) +
                                 " subscribers connected: " + tally_.firstProblem);
    }
    mayRetry_ = false;
}

void LoadRun::measure() {
    tally_.startUs = nowUs() + toUs(options_.warmSeconds);
    tally_.endUs = tally_.startUs + toUs(options_.seconds);
    const std::array<pid_t, 1> self{getpid()};
    turnUntil(tally_.startUs, [] { return false; });
    const std::int64_t from = nowUs();
    const double server = cpuSeconds(options_.pids), tester = cpuSeconds(self);
    const double all = machineBusySeconds();
    turnUntil(tally_.endUs, [] { return false; });
    result_.serverCpuSeconds = cpuSeconds(options_.pids) - server;
    result_.testerCpuSeconds = cpuSeconds(self) - tester;
    result_.otherCpuSeconds =
        machineBusySeconds() - all - result_.serverCpuSeconds - result_.testerCpuSeconds;
    result_.seconds = toSeconds(nowUs() - from);
    drain();
}

void LoadRun::idle() {
    const std::int64_t from = nowUs();
    const double server = cpuSeconds(options_.pids);
    turnUntil(from + toUs(options_.seconds), [] { return false; });
    result_.serverCpuSeconds = cpuSeconds(options_.pids) - server;
    result_.seconds = toSeconds(nowUs() - from);
}

void LoadRun::storm() {
    tally_.startUs = nowUs() + toUs(options_.warmSeconds);
    const std::int64_t cutAt = tally_.startUs + toUs(options_.seconds / 2);
    turnUntil(cutAt, [] { return false; });

    const std::int64_t from = nowUs();
    const double server = cpuSeconds(options_.pids);
    cutAll();
    turnUntil(from + toUs(kStormSecondsMax),
              [this] { return result_.caughtUp == subscribers_.size(); });
    result_.caughtUpSeconds = toSeconds(nowUs() - from);
    result_.stormCpuSeconds = cpuSeconds(options_.pids) - server;

    tally_.endUs = nowUs() + toUs(options_.seconds / 2);
    turnUntil(tally_.endUs, [] { return false; });
    mayRetry_ = false;
    result_.seconds = toSeconds(nowUs() - tally_.startUs);
    drain();
}

void LoadRun::cutAll() {
    mayRetry_ = true;
    connectingMax_ = subscribers_.size();
    caughtUp_.assign(subscribers_.size(), false);
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
        subscribers_[i]->close(true);
        toConnect_.push_back(i);
    }
    open_ = 0;
}

// Who has an event that was due after the measured time has all that came before.
void LoadRun::drain() {
    std::size_t checked = options_.stuck;
    turnUntil(nowUs() + toUs(options_.graceSeconds), [&] {
        while (checked < subscribers_.size() &&
               (subscribers_[checked]->lastDueUs() >= tally_.endUs ||
                subscribers_[checked]->fd() < 0)) {
            ++checked;
        }
        return checked == subscribers_.size();
    });
}

LoadResult LoadRun::judge() {
    result_.memoryAfter = memoryOf(options_.pids);
    result_.kernelAfter = kernelMemory();
    result_.stuckClosed = countStuckClosed();
    for (std::size_t i = options_.stuck; i < subscribers_.size(); ++i) {
        Subscriber& subscriber = *subscribers_[i];
        subscriber.finish(tally_.channels[subscriber.channel()]);
        const SequenceAudit& audit = subscriber.audit();
        result_.missing += audit.missing();
        result_.doubled += audit.doubled();
        result_.reordered += audit.reordered();
        if (!audit.started()) ++result_.silent;
        if (subscriber.lastDueUs() < tally_.endUs) ++result_.behind;
    }
    return result_;
}

std::uint64_t LoadRun::countStuckClosed() const {
    std::uint64_t closed = 0;
    for (std::size_t i = 0; i < options_.stuck; ++i) {
        pollfd ask{.fd = subscribers_[i]->fd(), .events = POLLRDHUP, .revents = 0};
        if (::poll(&ask, 1, 0) == 1) ++closed;
    }
    return closed;
}

template <typename Done>
bool LoadRun::turnUntil(std::int64_t deadlineUs, Done done) {
    while (!done()) {
        if (nowUs() >= deadlineUs) return false;
        turn();
    }
    return true;
}

void LoadRun::turn() {
    startConnects();
    std::array<epoll_event, kEventsPerTurn> events;
    const int timeoutMs = toConnect_.empty() ? kTurnMs : 0;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeoutMs);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        onReady(event.data.u64, event.events);
    }
}

void LoadRun::startConnects() {
    while (!retries_.empty() && retries_.front().atUs <= nowUs()) {
        toConnect_.push_back(retries_.front().index);
        retries_.pop_front();
    }
    for (std::size_t n = 0; n < kConnectsPerTurn; ++n) {
        if (toConnect_.empty() || connecting_ >= connectingMax_) return;
        const std::size_t index = toConnect_.front();
        toConnect_.pop_front();
        startConnect(index);
    }
}

void LoadRun::startConnect(std::size_t index) {
    const int buffer = isStuck(index) ? kStuckReceiveBufferBytes : 0;
    const int fd = subscribers_[index]->connect(options_.server, buffer);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            throw std::runtime_error("open-file limit reached: raise it with ulimit -n");
        }
        return onClosed(index);
    }
    ++connecting_;
    epoll_event event{.events = EPOLLOUT, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void LoadRun::onReady(std::size_t index, std::uint32_t) {
    const Subscriber::State state = subscribers_[index]->state();
    if (state == Subscriber::State::kConnecting) {
        --connecting_;
        onConnected(index);
    } else if (state != Subscriber::State::kClosed) {
        onReadable(index);
    }
}

void LoadRun::onConnected(std::size_t index) {
    Subscriber& subscriber = *subscribers_[index];
    if (!subscriber.sendRequest()) return onClosed(index);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    const int operation = isStuck(index) ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    epoll_ctl(epoll_, operation, subscriber.fd(), &event);
    if (isStuck(index)) ++open_;
}

void LoadRun::onReadable(std::size_t index) {
    Subscriber& subscriber = *subscribers_[index];
    const bool wasOpen = subscriber.state() == Subscriber::State::kStreaming;
    const bool alive = subscriber.read(buffer_.data(), buffer_.size());
    if (!alive) {
        if (wasOpen) --open_;
        return onClosed(index);
    }
    if (!wasOpen && subscriber.state() == Subscriber::State::kStreaming) ++open_;
    if (caughtUp_.empty() || caughtUp_[index] || !subscriber.caughtUp()) return;
    caughtUp_[index] = true;
    ++result_.caughtUp;
}

void LoadRun::onClosed(std::size_t index) {
    if (!mayRetry_) {
        ++result_.closed;
        return;
    }
    ++result_.retries;
    retries_.push_back({nowUs() + kRetryAfterUs, index});
}

}  // namespace sluice::bench
