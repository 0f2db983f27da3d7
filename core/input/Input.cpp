#include "input/Input.h"

#include <algorithm>
#include <utility>

#include "base/Log.h"
#include "base/UrlSecrets.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

log::Level levelOf(InputState state) {
    return state == InputState::Failed || state == InputState::Degraded ? log::Level::Warning
                                                                        : log::Level::Info;
}

log::Level levelOf(std::uint32_t level) {
    switch (level) {
        case SLUICE_LOG_DEBUG:
            return log::Level::Debug;
        case SLUICE_LOG_INFO:
            return log::Level::Info;
        case SLUICE_LOG_WARNING:
            return log::Level::Warning;
        default:
            return log::Level::Error;
    }
}

std::string heldBackText(std::uint64_t heldBack) {
    return heldBack == 0 ? "" : " (" + std::to_string(heldBack) + " lines before were held back)";
}

}  // namespace

std::string_view nameOf(InputState state) {
    constexpr std::array<std::string_view, kInputStates> kNames{"connecting", "running", "degraded",
                                                                "failed", "stopped"};
    return kNames[static_cast<std::size_t>(state)];
}

milliseconds backOff(const InputLimits& limits, unsigned failures, double random) {
    const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, 20u);
    const milliseconds full =
        std::min(limits.backOffFirst * (1u << doublings), milliseconds{limits.backOffMax});
    return milliseconds{
        static_cast<std::int64_t>(static_cast<double>(full.count()) * (0.5 + random / 2))};
}

Input::Input(InputOptions options, const Plugin& plugin, Hub& hub, MappingsInForce& mappings,
             const Clock& clock, const InputLimits& limits)
    : name_{options.name},
      hub_{hub},
      mappings_{mappings},
      clock_{clock},
      limits_{limits},
      intake_{name_, hub, mappings, clock,
              [this](std::string_view family, const SourceEnds::Family& ends) {
                  queries_.answered(family, ends);
                  if (!queries_.isWaiting()) return;
                  const std::lock_guard lock{mutex_};
                  queryWanted_ = true;
                  changed_.notify_all();
              }},
      replays_{intake_, limits.replayPatience,
               [this] {
                   const std::lock_guard lock{mutex_};
                   replaysWanted_ = true;
                   changed_.notify_all();
               }},
      plugin_{&plugin},
      options_{std::move(options)} {
    if (!plugin.replayable) addPlain({});
}

Input::~Input() {
    askToStop(steady_clock::now());
    join();
}

void Input::start() {
    {
        const std::lock_guard lock{mutex_};
        startedAt_ = steady_clock::now();
        stopWanted_ = failed_ = openTried_ = false;
    }
    replays_.reopen();
    thread_ = std::thread{[this] { supervise(); }};
}

void Input::askToStop(Time until) noexcept {
    const std::lock_guard lock{mutex_};
    stopWanted_ = true;
    stopUntil_ = until;
    if (control_) control_->hurry(until + kStopGrace);
    changed_.notify_all();
}

void Input::join() noexcept {
    if (thread_.joinable()) thread_.join();
}

void Input::reconfigure(InputOptions options, const Plugin& plugin) {
    if (&plugin != plugin_.load()) {
        intake_.retireAll();
        inherited_.clear();
    }
    options_ = std::move(options);
    plugin_ = &plugin;
    plain_ = false;
    if (!plugin.replayable) addPlain({});
}

void Input::setTap(Tap& tap) {
    tap_ = &tap;
    intake_.setTap(tap);
    const std::lock_guard lock{mutex_};
    needsSoon_ = ~0u;
}

bool Input::need(std::uint32_t needs, Time until) {
    std::unique_lock lock{mutex_};
    needsSoon_ |= needs;
    patternsChanged_ = true;
    changed_.notify_all();
    // One that is not watching will be told with its next instance.
    return changed_.wait_until(lock, until, [&] {
        return (needsWatched_ & needs) == needs || !watches_ || failed_ || stopWanted_;
    });
}

bool Input::canReplay() const {
    return plugin().table.replay && !replays_.isGivenUp();
}

void Input::patternsChanged() {
    const std::lock_guard lock{mutex_};
    patternsChanged_ = true;
    changed_.notify_all();
}

void Input::query(std::vector<SourceQueries::Ask> asks, SourceQueries::Answer answer) {
    {
        const std::lock_guard lock{mutex_};
        if (canAsk_) {
            queries_.add(std::move(asks), std::move(answer));
            queryWanted_ = true;
            changed_.notify_all();
            return;
        }
    }
    answer({});
}

void Input::seek(std::vector<SourceSeeks::Ask> asks, std::int64_t timeMs,
                 SourceSeeks::Answer answer) {
    {
        const std::lock_guard lock{mutex_};
        if (canAsk_ && plugin().table.seek) {
            seeks_.add(std::move(asks), timeMs, steady_clock::now() + kQueryDeadline,
                       std::move(answer));
            queryWanted_ = true;
            changed_.notify_all();
            return;
        }
    }
    answer({});
}

bool Input::sought(std::uint64_t question, std::string_view family,
                   std::vector<Position> positions) {
    return seeks_.answered(question, family, std::move(positions));
}

InputHealth Input::health() const {
    const std::lock_guard lock{mutex_};
    return health_;
}

bool Input::waitAnswered(Time until) {
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, until, [this] {
        const bool isAway = health_.retryAtMs != 0;
        return stopWanted_ ||
               (openTried_ && (isPlain() || isAway || health_.state != InputState::Connecting));
    });
}

bool Input::isReady() {
    if (isReady_) return true;
    const std::lock_guard lock{mutex_};
    const bool runs = health_.state == InputState::Running || health_.state == InputState::Degraded;
    const bool declared = isPlain() || !intake_.book()->empty();
    const bool timeIsOver =
        startedAt_ != Time{} && steady_clock::now() - startedAt_ >= limits_.readyWithin;
    if (timeIsOver || (runs && declared && intake_.reachedStartEnds())) isReady_ = true;
    return isReady_;
}

// -- what the plugin says

void Input::health(InputState state, std::string_view code, std::string_view text,
                   std::uint32_t retryMs) noexcept {
    try {
        if (state == InputState::Failed)
            fail(code, text);
        else
            setHealth(state, code, text, retryMs);
    } catch (const std::exception&) {
        intake_.counters().addBreach();  // no memory for its text
    }
}

void Input::plain() noexcept {
    plain_ = true;
    addPlain({});
}

void Input::plainExcept(const std::vector<std::string>& patterns) noexcept {
    const char separator = options_.separator.value_or(plugin().separator);
    std::vector<Pattern> except;
    for (const std::string& text : patterns) {
        Pattern::Error error;
        const std::optional<Pattern> pattern = Pattern::parse(text, separator, &error);
        if (!pattern) return breach("gave plain_except what is no pattern: " + error.message);
        except.push_back(*pattern);
    }
    positionsOf_ = patterns;
    addPlain(std::move(except));
}

void Input::addPlain(std::vector<Pattern> except) {
    {
        const std::lock_guard lock{mutex_};
        if (std::find(plainButFor_.begin(), plainButFor_.end(), except) != plainButFor_.end())
            return;
        plainButFor_.push_back(std::move(except));
    }
    mappings_.originsChanged();
}

bool Input::mayFeedPlain(const Pattern& channels) const {
    std::unique_lock lock{mutex_};
    const std::vector<std::vector<Pattern>> plain = plainButFor_;
    lock.unlock();
    return std::any_of(plain.begin(), plain.end(), [&](const std::vector<Pattern>& except) {
        return mappings_.mayFeed(name_, channels, except);
    });
}

void Input::pluginLog(std::uint32_t level, std::string_view text) noexcept {
    std::uint64_t heldBack = 0;
    if (!logLines_.allow(steady_clock::now(), heldBack)) return;
    try {
        log::write(levelOf(level), area(), std::string{text} + heldBackText(heldBack));
    } catch (const std::exception&) {
        intake_.counters().addBreach();
    }
}

void Input::breach(std::string_view how) noexcept {
    try {
        const std::string text{how};
        log::limited(log::Level::Error, area(), name_ + text,
                     "plugin " + plugin().name + " broke its contract: it " + text);
    } catch (const std::exception&) {
        intake_.counters().addBreach();
    }
}

void Input::fail(std::string_view code, std::string_view text) {
    setHealth(InputState::Failed, code, text, 0);
    const std::lock_guard lock{mutex_};
    failed_ = true;
    changed_.notify_all();
}

void Input::setHealth(InputState state, std::string_view code, std::string_view told,
                      std::uint32_t retryMs) {
    const std::string text = withUrlsCovered(told);  // GET /inputs shows it
    std::string line;
    InputHealth now;
    {
        const std::lock_guard lock{mutex_};
        const std::int64_t nowMs = clock_.wallMs();
        health_.retryAtMs = retryMs == 0 ? 0 : nowMs + retryMs;
        const bool same = health_.state == state && health_.code == code && health_.text == text;
        // Once it failed, only the supervisor says how it goes on.
        if (same || ((failed_ || stopWanted_) && state != InputState::Stopped)) return;
        line = std::string{nameOf(health_.state)} + " -> " + std::string{nameOf(state)};
        if (health_.state != state) health_.sinceMs = nowMs;
        health_.state = state;
        if (state == InputState::Running || state == InputState::Degraded) wasConnected_ = true;
        health_.code = code;
        health_.text = text;
        now = health_;
        changed_.notify_all();
    }
    if (tap_) tap_->health(name_, now);
    std::uint64_t heldBack = 0;
    if (!healthLines_.allow(steady_clock::now(), heldBack)) return;
    if (!code.empty()) line += " [" + std::string{code} + "]";
    if (!text.empty()) line += ": " + text;
    log::write(levelOf(state), area(), line + heldBackText(heldBack));
}

bool Input::stopWanted() const {
    const std::lock_guard lock{mutex_};
    return stopWanted_;
}

}  // namespace sluice
