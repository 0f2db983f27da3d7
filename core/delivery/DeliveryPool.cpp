#include "delivery/DeliveryPool.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>

#include <sys/resource.h>

#include "base/Log.h"
#include "delivery/DeliveryLoop.h"
#include "delivery/Shed.h"
#include "delivery/StreamGathering.h"

namespace sluice {
namespace {

constexpr std::uint32_t kLoopsByDefaultMax = 8;
/// Descriptors that are not streams: listeners, brokers, files, connections of the front.
constexpr std::size_t kFilesReserved = 512;
/// A loop may have so many more streams than the emptiest one before equal streams part.
constexpr std::size_t kLoadSlack = 64;

std::size_t openFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
    return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t boundOnSubscribers(const DeliveryOptions& options) {
    if (options.subscribersMax > 0) return options.subscribersMax;
    const std::size_t files = openFileLimit();
    const std::size_t bound = files > 2 * kFilesReserved ? files - kFilesReserved : files / 2;
    log::info("delivery", "at most " + std::to_string(bound) +
                              " subscribers: the open-file limit is " + std::to_string(files));
    return bound;
}

std::uint32_t loopCount(const DeliveryOptions& options) {
    if (options.loops > 0) return std::min(options.loops, kLoopsMax);
    return std::clamp(std::thread::hardware_concurrency(), 1u, kLoopsByDefaultMax);
}

std::uint32_t shedRetryMs() {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::uint32_t> jitter{kShedRetryMs * 8 / 10,
                                                        kShedRetryMs * 12 / 10};
    return jitter(random);
}

}  // namespace

DeliveryPool::DeliveryPool(const DeliveryOptions& options, Hub& hub, Origins& origins,
                           const Clock& clock, ReplaySource* replays)
    : options_{options}, subscribersMax_{boundOnSubscribers(options)} {
    const std::uint32_t loops = loopCount(options);
    LoopShare share;
    share.tokens = &tokens_;
    share.replays = replays;
    share.catchUpsMax = std::max<std::size_t>(options.catchUpsMax / loops, 1);
    for (std::uint32_t i = 0; i < loops; ++i)
        loops_.push_back(std::make_unique<DeliveryLoop>(options_, share, hub, origins, clock));
    for (const auto& loop : loops_) threads_.emplace_back([this, &loop] { run(*loop); });
}

DeliveryPool::~DeliveryPool() {
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
}

void DeliveryPool::run(DeliveryLoop& loop) noexcept {
    try {
        while (loop.turn(-1)) {
        }
    } catch (const std::exception& error) {
        log::error("delivery", std::string{"a delivery loop cannot go on: "} + error.what());
        std::abort();
    }
}

/// Equal streams meet in one loop, so that they are one herd, as long as no loop has much more to
/// do than another.
DeliveryLoop& DeliveryPool::homeOf(const SubscriptionSpec& spec) noexcept {
    DeliveryLoop& home = *loops_[hashOf(spec) % loops_.size()];
    if (loops_.size() == 1) return home;
    const auto emptiest = std::min_element(
        loops_.begin(), loops_.end(),
        [](const auto& a, const auto& b) { return a->subscribers() < b->subscribers(); });
    const std::size_t least = (*emptiest)->subscribers();
    return home.subscribers() <= least + least / 4 + kLoadSlack ? home : **emptiest;
}

void DeliveryPool::adopt(StreamRequest request, bool acceptsEventStream) noexcept {
    DeliveryLoop& loop = homeOf(request.spec);
    Adoption adoption{std::move(request), acceptsEventStream};
    try {
        if (subscribers() < subscribersMax_ && loop.adopt(adoption)) return;
        log::limited(log::Level::Warning, "delivery", "shed",
                     "streams are shed: " + std::to_string(subscribers()) + " of at most " +
                         std::to_string(subscribersMax_) + " subscribers");
    } catch (const std::exception&) {
        // No memory to take it over: shed it.
    }
    ++shed_;
    shed(adoption, shedRetryMs());
}

bool DeliveryPool::change(StreamChange& change) {
    return change.stream.loop < loops_.size() && loops_[change.stream.loop]->change(change);
}

std::optional<StreamsSeen> DeliveryPool::look(const StreamWish& wish) {
    const auto gathering = std::make_shared<StreamGathering>(loops_.size());
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        StreamLook look = StreamGathering::lookAt(gathering, wish, i);
        if (look.answer && !loops_[i]->look(look)) return std::nullopt;
    }
    return gathering->wait(wish, kLookMax);
}

void DeliveryPool::dismiss(const Dismissal& dismissal) {
    for (const auto& loop : loops_) loop->dismiss(dismissal);
}

std::size_t DeliveryPool::subscribers() const noexcept {
    std::size_t sum = 0;
    for (const auto& loop : loops_) sum += loop->subscribers();
    return sum;
}

DeliveryCounts DeliveryPool::counts() const {
    DeliveryCounts sum;
    for (const auto& loop : loops_) sum.add(loop->counts());
    sum.closed[static_cast<std::size_t>(CloseReason::Shed)] += shed_.load();
    return sum;
}

void DeliveryPool::drain(std::chrono::milliseconds window) noexcept {
    using Steady = std::chrono::steady_clock;
    const auto deadline = Steady::now() + window + std::chrono::seconds{1};
    for (const auto& loop : loops_) loop->drain(window);
    for (const auto& loop : loops_) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now());
        loop->waitUntilEmpty(std::max(left, std::chrono::milliseconds{0}));
    }
}

}  // namespace sluice
