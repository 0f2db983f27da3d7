#include <algorithm>
#include <utility>

#include "base/Log.h"
#include "input/CText.h"
#include "input/Input.h"

/// What is asked of an instance while it runs, on the supervising thread.
namespace sluice {

using std::chrono::steady_clock;

/// Until the instance fails or the input is to stop.
void Input::serve(ControlThread& control, const RunPtr& run) {
    const bool canAsk = plugin().table.query != nullptr;
    Time lagDue = steady_clock::now() + kLagInterval;
    std::unique_lock lock{mutex_};
    canAsk_ = canAsk;
    replaysWanted_ = true;
    for (;;) {
        changed_.wait_until(lock, due(lagDue), [this] {
            return stopWanted_ || failed_ || patternsChanged_ || queryWanted_ || replaysWanted_;
        });
        if (stopWanted_ || failed_) return;
        const bool watch = std::exchange(patternsChanged_, false);
        queryWanted_ = replaysWanted_ = false;
        lock.unlock();
        if (canAsk && steady_clock::now() >= lagDue) askForLag();
        if (steady_clock::now() >= lagDue) lagDue = steady_clock::now() + kLagInterval;
        queries_.expire(steady_clock::now());
        if (watch && !watchRun(control, run)) return;
        seeks_.expire(steady_clock::now());
        if (!askSource(control, run) || !seekInSource(control, run)) return;
        if (!serveReplays(control, run)) return;
        lock.lock();
    }
}

/// When there is something to do although nothing happened.
Input::Time Input::due(Time lagDue) const {
    return std::min(
        {lagDue, queries_.deadline().value_or(lagDue), replays_.deadline().value_or(lagDue)});
}

void Input::askForLag() {
    std::vector<SourceQueries::Ask> asks;
    const std::shared_ptr<const LaneBook> book = intake_.book();
    for (const auto& [name, family] : *book) asks.push_back({name, family->hash});
    if (!asks.empty()) queries_.add(std::move(asks), [](const auto&) {});
}

bool Input::askSource(ControlThread& control, const RunPtr& run) {
    const Time now = steady_clock::now();
    const auto families =
        std::make_shared<std::vector<std::string>>(queries_.begin(now + kQueryDeadline));
    if (families->empty()) return true;
    const auto query = [run, families, &plugin = plugin()] {
        std::vector<sluice_text> texts;
        for (const std::string& family : *families) texts.push_back(textOf(family));
        return plugin.table.query(run->instance, texts.data(), texts.size());
    };
    return call(control, "query", query, now + kCallDeadline);
}

bool Input::seekInSource(ControlThread& control, const RunPtr& run) {
    for (SourceSeeks::Question& question : seeks_.begin()) {
        const auto seek = [run, asked = std::move(question), &plugin = plugin()] {
            std::vector<sluice_text> texts;
            for (const std::string& family : asked.families) texts.push_back(textOf(family));
            plugin.table.seek(run->instance, asked.id, asked.timeMs, texts.data(), texts.size());
            return 0;
        };
        if (!call(control, "seek", seek, steady_clock::now() + kCallDeadline)) return false;
    }
    return true;
}

/// Hands what is to be read again to the plugin, and takes back what nobody wants any more.
bool Input::serveReplays(ControlThread& control, const RunPtr& run) {
    if (!cancelReplays(control, run, replays_.cancelled(steady_clock::now()))) return false;
    for (const InputReplays::Request& request : replays_.begin(steady_clock::now()))
        if (!beginReplay(control, run, request)) return false;
    return true;
}

/// False: the instance failed. A replay that is refused is the replay's end only.
bool Input::beginReplay(ControlThread& control, const RunPtr& run,
                        const InputReplays::Request& request) {
    const auto taken = std::make_shared<bool>(false);  // shared: the call may outlive this frame
    const auto replay = [run, request, taken, needs = needs_, &plugin = plugin()] {
        sluice_replay_request asked{};
        asked.size = sizeof asked;
        asked.needs = needs;
        asked.id = request.id;
        asked.lane = {textOf(request.family), request.index, 0};
        asked.from = {request.from.first, request.from.second};
        asked.to = {request.to.first, request.to.second};
        asked.group = request.group;
        *taken = plugin.table.replay(run->instance, &asked) == 0;
        return 0;
    };
    if (!call(control, "replay", replay, steady_clock::now() + kCallDeadline)) return false;
    if (!*taken) replays_.refused(request.id);
    return true;
}

bool Input::cancelReplays(ControlThread& control, const RunPtr& run,
                          const std::vector<std::uint64_t>& ids) {
    if (ids.empty() || !plugin().table.cancel) return true;
    const auto cancel = [run, ids, &plugin = plugin()] {
        for (const std::uint64_t id : ids) plugin.table.cancel(run->instance, id);
        return 0;
    };
    return call(control, "cancel", cancel, steady_clock::now() + kCallDeadline);
}

}  // namespace sluice
