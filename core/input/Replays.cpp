#include "input/Replays.h"

#include <algorithm>

#include "input/Input.h"

namespace sluice {

Replays::Replays(Hub& hub, const ReplayOptions& options, FindInput findInput)
    : hub_{hub}, findInput_{std::move(findInput)}, options_{options} {}

void Replays::setOptions(const ReplayOptions& options) {
    const std::lock_guard lock{mutex_};
    options_ = options;
}

ReplaySource::Refused Replays::replay(const ReplayRequest& request,
                                      std::unique_ptr<ReplayReader>& reader) {
    Refused refused;
    std::vector<Order> orders;
    const std::shared_ptr<const LaneTable> lanes = hub_.lanes();
    for (const ReplayLeg& leg : request.legs)
        if (std::optional<Order> order = orderOf(leg, *lanes))
            orders.push_back(std::move(*order));
        else
            refused.emplace_back(leg.lane, GapReason::Evicted);
    refusedUnreadable_ += refused.size();
    if (reader && reader->log()->legs() + orders.size() > kLegsMax) reader.reset();
    if (orders.empty() || (!reader && share(request, orders, reader))) return refused;
    if (!reader && !begin(request, reader)) {
        refusedBusy_ += orders.size();
        for (const Order& order : orders) refused.emplace_back(order.leg.lane, GapReason::Busy);
        return refused;
    }
    const LogPtr& log = reader->log();
    for (const Order& order : orders)
        order.input->replay({log, log->addLeg(order.leg), order.family, order.index, order.leg.lane,
                             order.words, order.leg.to.position});
    return refused;
}

/// Nothing where nobody can read the lane again.
std::optional<Replays::Order> Replays::orderOf(const ReplayLeg& leg, const LaneTable& lanes) const {
    const LaneRef ref = lanes.lanes[leg.lane];
    if (ref.family == kNoFamily) return std::nullopt;
    const Family& family = lanes.families[ref.family];
    std::shared_ptr<Input> input = family.gone ? nullptr : findInput_(family.input);
    if (!input || !input->canReplay()) return std::nullopt;
    return Order{leg, std::move(input), family.name, ref.index, family.words};
}

/// A log of the same channels that still has all that the request wants.
bool Replays::share(const ReplayRequest& request, const std::vector<Order>& orders,
                    std::unique_ptr<ReplayReader>& reader) {
    std::vector<LogPtr> logs;
    {
        const std::lock_guard lock{mutex_};
        logs = logsInLock();
    }
    for (const LogPtr& log : logs) {
        if (log->channels() != request.channels) continue;
        std::unique_ptr<ReplayReader> found = ReplayReader::attach(log, request.wake);
        if (!found) continue;
        const ReplayView& view = found->view();
        const bool hasAll = std::all_of(orders.begin(), orders.end(), [&](const Order& order) {
            return view.covers(order.leg.lane, order.leg.from);
        });
        if (!hasAll) continue;
        ++shared_;
        reader = std::move(found);
        return true;
    }
    return false;
}

std::vector<Replays::LogPtr> Replays::logsInLock() const {
    std::vector<LogPtr> logs;
    std::erase_if(logs_, [&](const std::weak_ptr<ReplayLog>& known) {
        LogPtr log = known.lock();
        if (!log || log->isOver()) return true;
        logs.push_back(std::move(log));
        return false;
    });
    return logs;
}

/// False at the bound.
bool Replays::begin(const ReplayRequest& request, std::unique_ptr<ReplayReader>& reader) {
    const std::lock_guard lock{mutex_};
    if (logsInLock().size() >= options_.replaysMax) return false;
    const auto log = std::make_shared<ReplayLog>(++lastGroup_, request.channels, options_.log);
    reader = ReplayReader::attach(log, request.wake);
    logs_.push_back(log);
    return true;
}

ReplayCounts Replays::counts() const {
    ReplayCounts counts;
    counts.shared = shared_;
    counts.refusedBusy = refusedBusy_;
    counts.refusedUnreadable = refusedUnreadable_;
    const std::lock_guard lock{mutex_};
    for (const LogPtr& log : logsInLock()) {
        ++counts.running;
        counts.events += log->events();
        counts.bytes += log->bytes();
        if (log->isFull()) ++counts.waiting;
    }
    return counts;
}

}  // namespace sluice
