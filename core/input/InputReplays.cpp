#include "input/InputReplays.h"

#include <utility>

#include "input/CText.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

std::int64_t msOf(steady_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

bool isOf(const ReplayOrder& order, const sluice_lane& lane) {
    return isText(lane.family) && viewOf(lane.family) == order.family && lane.index == order.index;
}

}  // namespace

/// A call of the plugin, as a sign of life before and after it.
class InputReplays::Call {
  public:
    explicit Call(Run& run) : run_{run} { ++run_.inside; }
    ~Call() {
        run_.lifeMs = msOf(steady_clock::now());
        --run_.inside;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

  private:
    Run& run_;
};

InputReplays::InputReplays(Intake& intake, std::chrono::milliseconds patience,
                           std::function<void()> changed)
    : intake_{intake}, patience_{patience}, changed_{std::move(changed)} {}

void InputReplays::add(ReplayOrder order) {
    order.log->onOver(changed_);
    std::unique_lock lock{mutex_};
    const bool isTaken = !isGivenUp_;
    if (isTaken) waiting_.push_back({std::move(order), steady_clock::now() + patience_});
    lock.unlock();
    if (isTaken)
        changed_();
    else
        fail(order);
}

std::vector<InputReplays::Request> InputReplays::begin(Time now) {
    std::vector<Request> requests;
    const std::lock_guard lock{mutex_};
    for (Waiting& waiting : std::exchange(waiting_, {})) {
        const ReplayOrder& order = waiting.order;
        if (order.log->isOver() || order.log->hasEnded(order.leg)) continue;
        const Position from = order.log->position(order.leg).position;
        requests.push_back(
            {++lastId_, order.log->group(), order.family, order.index, from, order.to});
        const RunPtr run = std::make_shared<Run>(std::move(waiting.order));
        run->lifeMs = msOf(now);
        running_.emplace(lastId_, run);
    }
    return requests;
}

void InputReplays::refused(std::uint64_t id) {
    std::string broken;
    if (const RunPtr run = find(id, broken)) end(id, run, ReplayItem::Kind::Failed);
}

std::vector<std::uint64_t> InputReplays::cancelled(Time now) {
    std::vector<std::uint64_t> ids;
    std::vector<RunPtr> late;
    std::vector<ReplayOrder> unheard;
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(running_, [&](const auto& entry) {
            const RunPtr& run = entry.second;
            const bool isLate = run->inside == 0 && msOf(now) - run->lifeMs >= patience_.count();
            if (!run->order.log->isOver() && !isLate) return false;
            ids.push_back(entry.first);
            late.push_back(run);
            return true;
        });
        std::erase_if(waiting_, [&](Waiting& waiting) {
            if (!waiting.order.log->isOver() && now < waiting.until) return false;
            unheard.push_back(std::move(waiting.order));
            return true;
        });
    }
    for (const RunPtr& run : late) {
        run->order.log->stop(run->producer);
        unheard.push_back(run->order);
    }
    for (const ReplayOrder& order : unheard) {
        if (order.log->isOver()) continue;
        ++timedOut_;
        order.log->end(order.leg, ReplayItem::Kind::Failed);
    }
    return ids;
}

std::vector<std::uint64_t> InputReplays::instanceEnds(Time now) {
    std::map<std::uint64_t, RunPtr> running;
    {
        const std::lock_guard lock{mutex_};
        running.swap(running_);
    }
    std::vector<std::uint64_t> ids;
    for (const auto& [id, run] : running) {
        ids.push_back(id);
        run->order.log->stop(run->producer);
    }
    const std::lock_guard lock{mutex_};
    for (const auto& [id, run] : running) waiting_.push_back({run->order, now + patience_});
    return ids;
}

void InputReplays::giveUp() {
    instanceEnds(steady_clock::now());
    std::vector<Waiting> waiting;
    {
        const std::lock_guard lock{mutex_};
        waiting.swap(waiting_);
        isGivenUp_ = true;
    }
    for (const Waiting& one : waiting) fail(one.order);
}

void InputReplays::reopen() {
    const std::lock_guard lock{mutex_};
    isGivenUp_ = false;
}

bool InputReplays::isGivenUp() const {
    const std::lock_guard lock{mutex_};
    return isGivenUp_;
}

std::optional<InputReplays::Time> InputReplays::deadline() const {
    std::optional<Time> earliest;
    const auto take = [&](Time time) { earliest = std::min(earliest.value_or(time), time); };
    const std::lock_guard lock{mutex_};
    for (const auto& [id, run] : running_)
        if (run->inside == 0)
            take(Time{std::chrono::milliseconds{run->lifeMs} + patience_});
        else
            take(steady_clock::now() + patience_);
    for (const Waiting& waiting : waiting_) take(waiting.until);
    return earliest;
}

InputReplayCounts InputReplays::counts() const {
    const std::lock_guard lock{mutex_};
    return {running_.size() + waiting_.size(), messages_, failed_, timedOut_};
}

void InputReplays::fail(const ReplayOrder& order) {
    ++failed_;
    order.log->end(order.leg, ReplayItem::Kind::Failed);
}

// -- from the plugin

/// Null without `broken`: it is over, and the plugin may not know yet.
InputReplays::RunPtr InputReplays::find(std::uint64_t id, std::string& broken) const {
    const std::lock_guard lock{mutex_};
    const auto found = running_.find(id);
    if (found != running_.end()) return found->second;
    if (id > lastId_) broken = "sent something for a replay that nobody asked for";
    return nullptr;
}

void InputReplays::end(std::uint64_t id, const RunPtr& run, ReplayItem::Kind why) {
    {
        const std::lock_guard lock{mutex_};
        // It may have been taken back meanwhile, and wait for another instance.
        if (running_.erase(id) == 0) return;
    }
    if (why == ReplayItem::Kind::Failed)
        fail(run->order);
    else
        run->order.log->end(run->order.leg, why);
}

sluice_result InputReplays::answer(std::uint64_t id, const RunPtr& run, bool isWanted,
                                   const std::string& broken) {
    if (!broken.empty()) {
        end(id, run, ReplayItem::Kind::Failed);
        return SLUICE_INVALID;
    }
    if (run->order.log->hasEnded(run->order.leg)) {
        const std::lock_guard lock{mutex_};
        running_.erase(id);
        return SLUICE_OK;
    }
    return isWanted ? SLUICE_OK : SLUICE_CLOSING;
}

sluice_result InputReplays::push(std::uint64_t id, const sluice_message* messages,
                                 std::size_t count, std::string& broken) {
    const RunPtr run = find(id, broken);
    if (!run) return broken.empty() ? SLUICE_CLOSING : SLUICE_INVALID;
    const Call call{*run};
    const ReplayOrder& order = run->order;
    const auto take = [&](Position next, std::vector<ReplayEvent> events) {
        ++messages_;
        return order.log->append(order.leg, next, std::move(events), run->producer);
    };
    bool wants = true;
    broken = intake_.mapAgain(messages, count,
                              {order.family, order.index, order.lane, order.words,
                               order.log->position(order.leg).position, order.to, *order.log, take},
                              wants);
    return answer(id, run, wants, broken);
}

sluice_result InputReplays::lost(std::uint64_t id, const sluice_lane& lane, Position to,
                                 std::uint32_t reason, std::string& broken) {
    const RunPtr run = find(id, broken);
    if (!run) return broken.empty() ? SLUICE_CLOSING : SLUICE_INVALID;
    const Call call{*run};
    const ReplayOrder& order = run->order;
    bool wants = true;
    if (!isOf(order, lane))
        broken = "reported a loss of another lane in a replay";
    else if (reason == SLUICE_LOST)
        wants = order.log->expired(order.leg, to, run->producer);
    else if (reason == SLUICE_RESET)
        end(id, run, ReplayItem::Kind::Reset);
    else if (reason == SLUICE_FAILED)
        end(id, run, ReplayItem::Kind::Failed);
    else
        broken = "reported a loss for the unknown reason " + std::to_string(reason);
    return answer(id, run, wants, broken);
}

sluice_result InputReplays::at(std::uint64_t id, const sluice_lane& lane, Position position,
                               std::string& broken) {
    const RunPtr run = find(id, broken);
    if (!run) return broken.empty() ? SLUICE_CLOSING : SLUICE_INVALID;
    const Call call{*run};
    bool wants = true;
    if (isOf(run->order, lane))
        wants = run->order.log->reached(run->order.leg, position, run->producer);
    else
        broken = "told a place in another lane in a replay";
    return answer(id, run, wants, broken);
}

}  // namespace sluice
