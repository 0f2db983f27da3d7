#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>
#include <utility>

#include "base/Log.h"
#include "input/CText.h"
#include "input/Input.h"
#include "input/PatternForms.h"

/// The life of an input, on its supervising thread.
namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The patterns of `from` in the shape that watch() lends.
struct WatchList {
    WatchList(const std::vector<Pattern>& patterns, std::uint32_t needs) {
        for (const Pattern& pattern : patterns) forms.emplace_back(pattern, needs);
        for (const PatternForms& form : forms) views.push_back(form.view());
    }
    std::vector<PatternForms> forms;
    std::vector<sluice_pattern> views;
};

/// Where the lanes of an input's earlier runs go on.
StartPlaces placesOf(const Hub& hub, const std::string& input) {
    StartPlaces places;
    const std::shared_ptr<const LaneTable> table = hub.lanes();
    for (const Family& family : table->families) {
        if (family.input != input || family.gone) continue;
        for (std::uint32_t i = 0; i < family.lanes.size(); ++i)
            places.push_back({family.name, i, hub.next(family.lanes[i]).position});
    }
    return places;
}

/// The same in the shape that start() lends.
struct StartList {
    explicit StartList(StartPlaces given) : places{std::move(given)} {
        for (const StartPlace& place : places)
            positions.push_back(
                {{textOf(place.family), place.lane, 0}, {place.next.first, place.next.second}});
    }
    const StartPlaces places;  // owns the names
    std::vector<sluice_start_position> positions;
};

}  // namespace

void Input::goOnFrom(const Input& other) {
    inherited_ = placesOf(hub_, other.name_);
    wasConnected_ = other.wasConnected_.load();
}

/// Families that it inherited and has declared by now are its own.
StartPlaces Input::startPlaces() const {
    StartPlaces places = placesOf(hub_, name_);
    const auto isOwn = [own = places](const StartPlace& place) {
        return std::any_of(own.begin(), own.end(),
                           [&](const StartPlace& one) { return one.family == place.family; });
    };
    std::copy_if(inherited_.begin(), inherited_.end(), std::back_inserter(places),
                 std::not_fn(isOwn));
    return places;
}

void Input::supervise() noexcept {
    for (unsigned failures = 0; !stopWanted();) {
        const Time began = steady_clock::now();
        try {
            runOnce();
        } catch (const std::exception& error) {
            fail("host", error.what());
        }
        if (stopWanted()) break;
        failures = steady_clock::now() - began > limits_.backOffMax ? 1 : failures + 1;
        if (abandoned_ >= kAbandonedMax) return giveUp();
        intake_.counters().addRestart();
        waitBackOff(failures);
    }
    setHealth(InputState::Stopped, {}, {}, 0);
}

/// Too many calls never came back: this input is not started again.
void Input::giveUp() {
    std::unique_lock lock{mutex_};
    health_ = {InputState::Failed, "given-up", "the plugin was stuck too often; restart Sluice",
               clock_.wallMs(), 0};
    log::error(area(), health_.text);
    lock.unlock();
    replays_.giveUp();
    lock.lock();
    changed_.wait(lock, [this] { return stopWanted_; });
}

/// Those who wait for a replay do so for the next instance, but not for ever.
void Input::waitBackOff(unsigned failures) {
    const double random = std::uniform_real_distribution<>{0, 1}(random_);
    const milliseconds delay = backOff(limits_, failures, random);
    const Time until = steady_clock::now() + delay;
    std::unique_lock lock{mutex_};
    health_.retryAtMs = clock_.wallMs() + delay.count();
    while (!stopWanted_ && steady_clock::now() < until) {
        changed_.wait_until(lock, due(until), [this] { return stopWanted_; });
        lock.unlock();
        replays_.cancelled(steady_clock::now());
        lock.lock();
    }
}

/// One instance from open to close.
void Input::runOnce() {
    const auto control = std::make_shared<ControlThread>();
    const auto run =
        std::make_shared<PluginRun>(options_, &intake_, static_cast<PluginRunListener&>(*this),
                                    &replays_, wasConnected_.load());
    runs_.push_back(run);
    // One that a call which never came back still uses is not let go.
    if (runs_.size() > kRunsKept && runs_.front().use_count() == 1) runs_.pop_front();
    {
        const std::lock_guard lock{mutex_};
        control_ = control;
        failed_ = false;
        watches_ = true;
        needsWatched_ = 0;
        if (stopWanted_) control->hurry(stopUntil_ + kStopGrace);
    }
    started_ = false;
    positionsOf_.clear();
    setHealth(InputState::Connecting, {}, {}, 0);
    if (openRun(*control, run) && watchRun(*control, run) && startRun(*control, run))
        serve(*control, run);
    finish(*control, run);
    const std::lock_guard lock{mutex_};
    control_.reset();
}

/// Calls the plugin; false if the call failed in any way, which then is the input's state.
bool Input::call(ControlThread& control, const char* function, std::function<int()> body,
                 Time until) {
    const auto result = std::make_shared<int>(0);  // shared: the call may outlive this frame
    switch (control.call([result, body = std::move(body)] { *result = body(); }, until)) {
        case ControlThread::Result::Threw:
            fail("exception", std::string{function} + " threw: " + control.thrown());
            return false;
        case ControlThread::Result::TimedOut:
            ++abandoned_;
            log::error(area(), std::string{"the plugin is stuck in "} + function);
            fail("stuck", std::string{"the plugin did not return from "} + function +
                              " in time; the instance was given up");
            return false;
        case ControlThread::Result::Done:
            break;
    }
    if (*result == 0) return true;
    const std::lock_guard lock{mutex_};
    if (!failed_) {
        failed_ = true;  // without a reason of its own
        health_ = {InputState::Failed, "refused-call",
                   std::string{"the plugin's "} + function + " failed", clock_.wallMs(), 0};
        log::warning(area(), health_.text);
    }
    return false;
}

bool Input::openRun(ControlThread& control, const RunPtr& run) {
    const auto open = [run, &plugin = plugin()] {
        return plugin.table.open(&run->table(), &run->instance);
    };
    const bool opened = call(control, "open", open, steady_clock::now() + kCallDeadline);
    {
        const std::lock_guard lock{mutex_};
        openTried_ = true;
        changed_.notify_all();
    }
    if (control.isLetGo()) return false;
    const std::string errors = settingErrorText(*run);
    if (!errors.empty()) log::error(area(), errors);
    if (opened && tap_) {
        const auto some = positionsOf_.empty() ? Tap::Positions::All : Tap::Positions::Some;
        tap_->opened(name_, isPlain() ? Tap::Positions::None : some, positionsOf_);
    }
    if (opened) run->open();
    return opened;
}

std::string Input::settingErrorText(const PluginRun& run) const {
    std::string text;
    for (const SettingError& error : run.settingErrors()) {
        const std::string place = placeOf(error.mark);
        text += (text.empty() ? "" : "\n") + (place.empty() ? "" : place + ": ");
        text += error.pointer + " " + error.text + (error.hint.empty() ? "" : "; " + error.hint);
    }
    return text;
}

bool Input::watchRun(ControlThread& control, const RunPtr& run) {
    const auto mappings = mappings_.current();
    if (mappings->readsHeaders(name_)) needs_ |= SLUICE_NEEDS_HEADERS;
    {
        const std::lock_guard lock{mutex_};
        needs_ |= needsSoon_;
    }
    const auto list = std::make_shared<WatchList>(mappings->patternsOf(name_), needs_);
    const auto watch = [run, list, &plugin = plugin()] {
        return plugin.table.watch(run->instance, list->views.data(), list->views.size());
    };
    const bool watched = call(control, "watch", watch, steady_clock::now() + kCallDeadline);
    const std::lock_guard lock{mutex_};
    if (watched) needsWatched_ = needs_;
    changed_.notify_all();
    return watched;
}

bool Input::startRun(ControlThread& control, const RunPtr& run) {
    const auto list = std::make_shared<StartList>(startPlaces());
    const auto rewindMs = static_cast<std::uint64_t>(options_.rewind.count());
    const auto start = [run, list, rewindMs, &plugin = plugin()] {
        return plugin.table.start(run->instance, list->positions.data(), list->positions.size(),
                                  rewindMs);
    };
    started_ = true;
    return call(control, "start", start, steady_clock::now() + kCallDeadline);
}

milliseconds Input::stopDeadline() const {
    const std::lock_guard lock{mutex_};
    if (!stopWanted_) return limits_.stopDeadline;
    const auto left = std::chrono::duration_cast<milliseconds>(stopUntil_ - steady_clock::now());
    return std::clamp(left, milliseconds{0}, milliseconds{limits_.stopDeadline});
}

/// Stops and closes what was opened; whatever happens, nothing of the instance gets in afterwards.
void Input::finish(ControlThread& control, const RunPtr& run) {
    {
        const std::lock_guard lock{mutex_};
        canAsk_ = watches_ = false;
        changed_.notify_all();
    }
    queries_.giveUp();
    seeks_.giveUp();
    // Before stop they are over here, and calls that wait in the host have come back. Whoever wants
    // them waits for the next instance.
    const std::vector<std::uint64_t> replays = replays_.instanceEnds(steady_clock::now());
    const bool opened = !control.isLetGo() && run->instance;
    if (opened) cancelReplays(control, run, replays);
    if (opened && started_ && !control.isLetGo()) {
        const milliseconds deadline = stopDeadline();
        const auto stop = [run, deadline, &plugin = plugin()] {
            return plugin.table.stop(run->instance, static_cast<std::uint32_t>(deadline.count()));
        };
        call(control, "stop", stop, steady_clock::now() + deadline + kStopGrace);
    }
    run->close();
    if (!opened || control.isLetGo()) return;
    const auto close = [run, &plugin = plugin()] {
        plugin.table.close(run->instance);
        return 0;
    };
    call(control, "close", close, steady_clock::now() + kCallDeadline);
}

}  // namespace sluice
