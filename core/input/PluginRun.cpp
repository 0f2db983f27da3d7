#include "input/PluginRun.h"

#include <algorithm>
#include <exception>

#include "base/Json.h"
#include "input/CText.h"
#include "input/OptionsSchema.h"
#include "input/Plugin.h"

namespace sluice {
namespace {

constexpr std::size_t kSettingErrorsMax = 100;
constexpr std::size_t kTextMax = 4'096;  // of what a plugin says
constexpr std::size_t kLanesMax = 1'000'000;

PluginRun& self(void* context) {
    return *static_cast<PluginRun*>(context);
}

std::string_view bounded(sluice_text text) {
    return isText(text) ? viewOf(text).substr(0, kTextMax) : std::string_view{};
}

}  // namespace

/// One call inside the border: close() waits until there is none.
class PluginRun::Inside {
  public:
    /// Counted first, checked then: with the order of close() either it sees us or we see it.
    explicit Inside(PluginRun& run) : run_{run} { run_.inside_.fetch_add(1); }
    ~Inside() {
        if (run_.inside_.fetch_sub(1) == 1) run_.inside_.notify_all();
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    PluginRun& run_;
};

PluginRun::PluginRun(const InputOptions& options, Intake* intake, PluginRunListener& listener,
                     InputReplays* replays, bool continues)
    : options_{options}, intake_{intake}, replays_{replays}, listener_{listener} {
    host_.size = sizeof host_;
    host_.abi_version = SLUICE_ABI_VERSION;
    host_.context = this;
    host_.push = push;
    host_.lanes = lanes;
    host_.lost = lost;
    host_.at = at;
    host_.health = health;
    host_.log = log;
    host_.setting = setting;
    host_.setting_count = settingCount;
    host_.setting_key = settingKey;
    host_.setting_error = settingError;
    host_.plain = plain;
    host_.plain_except = plainExcept;
    host_.sought = sought;
    host_.input = textOf(options_.name);
    host_.flags =
        (options_.observes ? SLUICE_HOST_OBSERVES : 0u) | (continues ? SLUICE_HOST_CONTINUES : 0u);
}

void PluginRun::open() {
    phase_.store(Phase::Open);
}

void PluginRun::close() {
    phase_.store(Phase::Closed);
    for (int inside = inside_.load(); inside != 0; inside = inside_.load()) inside_.wait(inside);
}

std::vector<SettingError> PluginRun::settingErrors() const {
    const std::lock_guard lock{mutex_};
    return settingErrors_;
}

void PluginRun::breach(std::string_view how) noexcept {
    if (intake_) intake_->counters().addBreach();
    listener_.breach(how);
}

/// `call` gets a text and fills it with how the contract was broken.
template <class Call>
sluice_result PluginRun::inside(const char* function, Call&& call) noexcept {
    const Inside inside{*this};
    try {
        if (phase_.load() == Phase::Closed) {
            breach(std::string{"called "} + function + " after stop");
            return SLUICE_CLOSING;
        }
        std::string broken;
        sluice_result result = SLUICE_INVALID;
        if (phase_.load() == Phase::Settings || !intake_)
            broken = std::string{"called "} + function + " before start";
        else
            result = call(broken);
        if (broken.empty()) return result;
        breach(broken);
    } catch (const std::exception& error) {
        breach(std::string_view{error.what()});
    }
    return SLUICE_INVALID;
}

template <class Call>
sluice_result PluginRun::guarded(const char* function, Call&& call) noexcept {
    return inside(function, [&](std::string& broken) {
        broken = call(*intake_);
        return SLUICE_OK;
    });
}

template <class Call>
sluice_result PluginRun::replayed(const char* function, Call&& call) noexcept {
    return inside(function, [&](std::string& broken) {
        if (replays_) return call(*replays_, broken);
        broken = std::string{"called "} + function + " for a replay that nobody asked for";
        return SLUICE_INVALID;
    });
}

sluice_result PluginRun::push(void* context, std::uint64_t replayId, const sluice_message* messages,
                              std::size_t count) {
    PluginRun& run = self(context);
    if (replayId != 0)
        return run.replayed("push", [&](InputReplays& replays, std::string& broken) {
            return replays.push(replayId, messages, count, broken);
        });
    return run.guarded("push", [&](Intake& intake) { return intake.push(messages, count); });
}

sluice_result PluginRun::lanes(void* context, sluice_text family, std::uint32_t words,
                               sluice_text cluster, sluice_text incarnation,
                               const sluice_lane_ends* ends, std::size_t count) {
    return self(context).guarded("lanes", [&](Intake& intake) -> std::string {
        if (!isText(family) || !isText(cluster) || !isText(incarnation) || (!ends && count > 0))
            return "declared lanes with a null text or list";
        return intake.lanes(viewOf(family), words, viewOf(cluster), viewOf(incarnation),
                            {ends, count});
    });
}

sluice_result PluginRun::lost(void* context, std::uint64_t replayId, sluice_lane lane,
                              sluice_position, sluice_position to, std::uint32_t reason) {
    PluginRun& run = self(context);
    const Position end{to.first, to.second};
    if (replayId != 0)
        return run.replayed("lost", [&](InputReplays& replays, std::string& broken) {
            return replays.lost(replayId, lane, end, reason, broken);
        });
    return run.guarded("lost", [&](Intake& intake) -> std::string {
        if (!isText(lane.family)) return "reported a loss with a null text";
        return intake.lost(lane, end, reason);
    });
}

sluice_result PluginRun::at(void* context, std::uint64_t replayId, sluice_lane lane,
                            sluice_position position) {
    PluginRun& run = self(context);
    const Position place{position.first, position.second};
    if (replayId != 0)
        return run.replayed("at", [&](InputReplays& replays, std::string& broken) {
            return replays.at(replayId, lane, place, broken);
        });
    return run.guarded("at", [&](Intake& intake) -> std::string {
        if (!isText(lane.family)) return "told a place with a null text";
        return intake.at(lane, place);
    });
}

sluice_result PluginRun::sought(void* context, std::uint64_t question, sluice_text family,
                                const sluice_position* positions, std::size_t count) {
    PluginRun& run = self(context);
    return run.inside("sought", [&](std::string& broken) {
        if (!isText(family) || (!positions && count > 0))
            broken = "answered a seek with a null text or list";
        else if (count > kLanesMax)
            broken = "answered a seek with " + std::to_string(count) + " lanes";
        if (!broken.empty()) return SLUICE_INVALID;
        std::vector<Position> places;
        for (std::size_t i = 0; i < count; ++i)
            places.push_back({positions[i].first, positions[i].second});
        const bool isAsked = run.listener_.sought(question, viewOf(family), std::move(places));
        return isAsked ? SLUICE_OK : SLUICE_INVALID;
    });
}

void PluginRun::health(void* context, std::uint32_t state, sluice_text code, sluice_text text,
                       std::uint32_t retryMs) {
    PluginRun& run = self(context);
    const Inside inside{run};
    if (run.phase_.load() == Phase::Closed) return run.breach("called health after stop");
    switch (state) {
        case SLUICE_STATE_CONNECTING:
        case SLUICE_STATE_RUNNING:
        case SLUICE_STATE_DEGRADED:
        case SLUICE_STATE_FAILED:
            break;
        default:
            return run.breach("reported a state that does not exist");
    }
    run.listener_.health(static_cast<InputState>(state - SLUICE_STATE_CONNECTING), bounded(code),
                         bounded(text), retryMs);
}

void PluginRun::log(void* context, std::uint32_t level, sluice_text text) {
    PluginRun& run = self(context);
    const Inside inside{run};
    if (run.phase_.load() == Phase::Closed) return run.breach("called log after stop");
    run.listener_.pluginLog(level, bounded(text));
}

void PluginRun::plain(void* context) {
    PluginRun& run = self(context);
    const Inside inside{run};
    if (run.phase_.load() != Phase::Settings) return run.breach("called plain outside of open");
    run.listener_.plain();
}

void PluginRun::plainExcept(void* context, const sluice_text* patterns, std::size_t count) {
    PluginRun& run = self(context);
    const Inside inside{run};
    if (run.phase_.load() != Phase::Settings)
        return run.breach("called plain_except outside of open");
    try {
        std::vector<std::string> texts;
        for (std::size_t i = 0; patterns && i < count; ++i) {
            if (!isText(patterns[i])) return run.breach("gave plain_except a null text");
            texts.emplace_back(viewOf(patterns[i]));
        }
        run.listener_.plainExcept(texts);
    } catch (const std::exception& error) {
        run.breach(error.what());
    }
}

int PluginRun::setting(void* context, const char* pointer, sluice_text* value) {
    const Setting* const found = pointer ? self(context).options_.settings.find(pointer) : nullptr;
    if (!found || found->kind != Setting::Kind::Scalar || !value) return 0;
    *value = textOf(found->text);
    return 1;
}

std::size_t PluginRun::settingCount(void* context, const char* pointer) {
    const Setting* const found = pointer ? self(context).options_.settings.find(pointer) : nullptr;
    return found ? found->items.size() : 0;
}

int PluginRun::settingKey(void* context, const char* pointer, std::size_t index, sluice_text* key) {
    const Setting* const found = pointer ? self(context).options_.settings.find(pointer) : nullptr;
    if (!found || index >= found->keys.size() || !key) return 0;
    *key = textOf(found->keys[index]);
    return 1;
}

void PluginRun::settingError(void* context, const char* pointer, sluice_text code, sluice_text text,
                             sluice_text hint) {
    PluginRun& run = self(context);
    const Inside inside{run};
    if (run.phase_.load() != Phase::Settings)
        return run.breach("called setting_error outside of check and open");
    try {
        const std::string_view where = pointer ? pointer : "";
        SettingError error{std::string{where}, std::string{bounded(code)},
                           std::string{bounded(text)}, std::string{bounded(hint)},
                           run.markOf(where)};
        const std::lock_guard lock{run.mutex_};
        if (run.settingErrors_.size() < kSettingErrorsMax)
            run.settingErrors_.push_back(std::move(error));
    } catch (const std::exception& error) {
        run.breach(error.what());
    }
}

/// The place of the setting, or of the nearest thing around it that is written.
SourceMark PluginRun::markOf(std::string_view pointer) const {
    for (;;) {
        const Setting* const found = options_.settings.find(pointer);
        if (found) return found->mark;
        const std::size_t parent = pointer.rfind('/');
        if (parent == std::string_view::npos) return options_.settings.mark;
        pointer = pointer.substr(0, parent);
    }
}

namespace {

/// Hears what a plugin says while its settings are checked.
class CheckListener final : public PluginRunListener {
  public:
    void health(InputState state, std::string_view, std::string_view text,
                std::uint32_t) noexcept override {
        if (state == InputState::Failed) failure = text;
    }
    void plain() noexcept override {}
    void plainExcept(const std::vector<std::string>&) noexcept override {}
    void pluginLog(std::uint32_t, std::string_view) noexcept override {}
    bool sought(std::uint64_t, std::string_view, std::vector<Position>) override { return false; }
    void breach(std::string_view how) noexcept override { failure = how; }

    std::string failure;
};

/// What the plugin itself says of its settings.
std::vector<SettingError> askPlugin(const Plugin& plugin, const InputOptions& options) {
    if (!plugin.table.check) return {};
    CheckListener listener;
    PluginRun run{options, nullptr, listener};
    bool passed = false;
    try {
        passed = plugin.table.check(&run.table()) == 0;
    } catch (const std::exception& error) {
        listener.failure = std::string{"check threw: "} + error.what();
    } catch (...) {
        listener.failure = "check threw an exception";
    }
    run.close();
    std::vector<SettingError> errors = run.settingErrors();
    if (errors.empty() && (!passed || !listener.failure.empty()))
        errors.push_back(
            {"", "check-failed",
             listener.failure.empty() ? "its plugin refuses these settings" : listener.failure, "",
             options.settings.mark});
    return errors;
}

/// Whether one pointer leads to a part of what the other leads to.
bool areRelated(const std::string& a, const std::string& b) {
    const std::string &longer = a.size() > b.size() ? a : b, &shorter = a.size() > b.size() ? b : a;
    return longer.starts_with(shorter) &&
           (longer.size() == shorter.size() || longer[shorter.size()] == '/');
}

}  // namespace

std::vector<SettingError> checkSettings(const Plugin& plugin, const InputOptions& options) {
    std::vector<SettingError> errors = askPlugin(plugin, options);
    const char* const text = plugin.table.options_schema;
    const std::optional<Json> schema = text ? Json::parse(text) : std::nullopt;
    if (!schema) return errors;
    // The plugin's own words are better.
    const std::vector<SettingError> own = errors;
    for (SettingError& error : schemaErrors(*schema, options.settings))
        if (std::none_of(own.begin(), own.end(), [&](const SettingError& known) {
                return areRelated(known.pointer, error.pointer);
            }))
            errors.push_back(std::move(error));
    return errors;
}

}  // namespace sluice
