#include "ReplayGroups.h"

#include <system_error>

namespace sluice::plugin {

// -- the group

bool ReplayGroup::add(Replay replay) {
    {
        const std::lock_guard lock(mutex_);
        if (hasEnded_) return false;
        open_.try_emplace(replay.id, replay.family, replay.lane);
        new_.push_back(std::move(replay));
    }
    wake_.raise();
    return true;
}

void ReplayGroup::cancel(std::uint64_t id) {
    {
        const std::lock_guard lock(mutex_);
        if (open_.erase(id) == 0) return;
    }
    wake_.raise();
}

void ReplayGroup::stop() noexcept {
    isStopping_ = true;
    stop_.raise();
    wake_.raise();
}

bool ReplayGroup::isOpen(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    return open_.contains(id);
}

std::vector<Replay> ReplayGroup::takeNew() {
    // Cleared before the list is looked at: what comes later raises it again.
    wake_.clear();
    const std::lock_guard lock(mutex_);
    std::vector<Replay> taken = std::exchange(new_, {});
    std::erase_if(taken, [this](const Replay& replay) { return !open_.contains(replay.id); });
    return taken;
}

bool ReplayGroup::end() {
    const std::lock_guard lock(mutex_);
    hasEnded_ = new_.empty();
    return hasEnded_;
}

bool ReplayGroup::push(const Replay& replay, Batch& batch) {
    if (isOpen(replay.id)) return keepIf(host_.push(batch, replay.id), replay.id);
    batch.clear();
    return false;
}

bool ReplayGroup::lost(const Replay& replay, sluice_position from, sluice_position to) {
    if (!isOpen(replay.id)) return false;
    const bool isEnd = !isBelow(to, replay.to);
    const auto result = host_.lost(replay.family, replay.lane, from, isEnd ? replay.to : to,
                                   SLUICE_LOST, replay.id);
    if (isEnd) close(replay.id);
    return keepIf(result, replay.id) && !isEnd;
}

void ReplayGroup::done(const Replay& replay) {
    if (isOpen(replay.id)) host_.at(replay.family, replay.lane, replay.to, replay.id);
    close(replay.id);
}

void ReplayGroup::reset(const Replay& replay, sluice_position from) {
    if (isOpen(replay.id))
        host_.lost(replay.family, replay.lane, from, replay.to, SLUICE_RESET, replay.id);
    close(replay.id);
}

void ReplayGroup::fail(const Replay& replay, sluice_position from) {
    if (isOpen(replay.id))
        host_.lost(replay.family, replay.lane, from, replay.to, SLUICE_FAILED, replay.id);
    close(replay.id);
}

void ReplayGroup::failAll(std::string_view why) noexcept {
    decltype(open_) open;
    {
        const std::lock_guard lock(mutex_);
        open.swap(open_);
        new_.clear();
        hasEnded_ = true;
    }
    if (open.empty() || isStopping()) return;
    host_.guard("replay", [&] {
        host_.log(SLUICE_LOG_WARNING, "a replay is given up: " + std::string(why));
        for (const auto& [id, lane] : open)
            host_.lost(lane.first, lane.second, {}, {}, SLUICE_FAILED, id);
    });
}

bool ReplayGroup::keepIf(sluice_result result, std::uint64_t id) {
    if (result == SLUICE_OK) return true;
    close(id);
    return false;
}

void ReplayGroup::close(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    open_.erase(id);
}

// -- all of them

ReplayGroups::ReplayGroups(const Host& host, std::string_view threads, Work work)
    : host_(host), threads_(threads), work_(std::move(work)) {}

ReplayGroups::~ReplayGroups() {
    stop();
    for (Running& running : running_) running.thread.join();
}

void ReplayGroups::stop() noexcept {
    for (Running& running : running_) running.group.stop();
}

bool ReplayGroups::add(const sluice_replay_request& request) {
    reap();
    const Replay replay{request.id,         std::string(view(request.lane.family)),
                        request.lane.index, request.from,
                        request.to,         (request.needs & SLUICE_NEEDS_HEADERS) != 0};
    if (const auto found = current_.find(request.group); found != current_.end())
        if (found->second->group.add(replay)) return true;
    if (running_.size() >= kGroupsMax) return false;
    Running& running = begin(request.group);
    running.group.add(replay);
    try {
        running.thread = std::thread([this, &running] { run(running); });
        return true;
    } catch (const std::system_error&) {  // no more threads
        current_.erase(request.group);
        running_.pop_back();
        return false;
    }
}

void ReplayGroups::cancel(std::uint64_t id) {
    for (Running& running : running_) running.group.cancel(id);
    reap();
}

ReplayGroups::Running& ReplayGroups::begin(std::uint64_t group) {
    Running& running = running_.emplace_back(host_);
    current_[group] = &running;
    return running;
}

/// Threads that have returned cost no wait; those that are still ending keep their place.
void ReplayGroups::reap() {
    for (auto running = running_.begin(); running != running_.end();) {
        if (!running->hasReturned.load()) {
            ++running;
            continue;
        }
        std::erase_if(current_, [&](const auto& entry) { return entry.second == &*running; });
        running->thread.join();
        running = running_.erase(running);
    }
}

void ReplayGroups::run(Running& running) const noexcept {
    host_.runThread(threads_, [&] {
        try {
            work_(running.group);
        } catch (const std::exception& error) {
            running.group.failAll(error.what());
        }
    });
    running.hasReturned = true;
}

}  // namespace sluice::plugin
