#include "cli/Observation.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

#include "base/Log.h"
#include "base/Nearest.h"
#include "settings/Units.h"

namespace sluice::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{200};
constexpr milliseconds kStopWithin{5'000};

/// One line of a terminal that is written again and again.
class StatusLine {
  public:
    void show(const std::string& text) {
        if (!isTerminal_) return;
        std::cerr << "\r\x1b[K" << text << std::flush;
        isShown_ = true;
    }
    void clear() {
        if (isShown_) std::cerr << "\r\x1b[K" << std::flush;
    }

  private:
    const bool isTerminal_ = isatty(STDERR_FILENO) == 1;
    bool isShown_ = false;
};

std::vector<InputOptions> chosen(const std::vector<InputOptions>& all,
                                 const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const InputOptions& input : all) known.push_back(input.name);
    for (const std::string& name : names)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw UsageError{"there is no input `" + name + "`" + didYouMean(name, known)};
    std::vector<InputOptions> inputs;
    for (const InputOptions& input : all)
        if (names.empty() || std::find(names.begin(), names.end(), input.name) != names.end())
            inputs.push_back(input);
    if (inputs.empty()) throw UsageError{"the configuration has no input"};
    for (InputOptions& input : inputs) input.observes = true;
    return inputs;
}

}  // namespace

milliseconds Observation::durationOf(const Arguments& arguments, const char* option) {
    UnitError error;
    const auto time = parseDuration(arguments.get(option), error);
    if (!time)
        throw UsageError{"--" + std::string{option} + ": " + error.message +
                         "; write it like 10s or 2min"};
    return *time;
}

Observation::Limits Observation::limitsOf(const Arguments& arguments) {
    Limits limits;
    UnitError error;
    if (arguments.has("for")) {
        limits.time = durationOf(arguments, "for");
        if (limits.time.count() == 0)
            throw UsageError{"--for: 0 is no time; write it like 10s or 2min"};
    }
    if (arguments.has("count")) {
        const auto count = parseInteger(arguments.get("count"), error);
        if (!count || *count == 0) throw UsageError{"--count: write a number from 1, such as 100"};
        limits.messagesMax = *count;
    }
    return limits;
}

Observation::Observation(const Configuration& configuration, const std::vector<std::string>& inputs)
    : inputs_{chosen(configuration.settings.inputs, inputs)},
      plugins_{*configuration.plugins},
      hub_{HubOptions{}, clock_},
      host_{std::make_unique<InputHost>(inputs_, plugins_, patternsOnly(configuration),
                                        PublishPolicy{}, InputLimits{}, hub_, clock_)} {}

/// The patterns of `from` decide what a plugin reads; what the rules make of it is of no interest.
std::shared_ptr<const MappingTable> Observation::patternsOnly(
    const Configuration& configuration) const {
    MappingOptions options;
    for (const MappingRule& rule : configuration.settings.mappings.rules) {
        const bool isRead = std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& input) {
            return input.name == rule.input;
        });
        if (!isRead) continue;
        MappingRule& pattern = options.rules.emplace_back();
        pattern.input = rule.input;
        pattern.from = rule.from;
        pattern.channel = "{topic}";
    }
    std::vector<MappingError> errors;
    auto table = MappingTable::compile(options, mappingInputs(inputs_, plugins_), errors);
    if (!table) throw UsageError{errors.front().message};
    return table;
}

std::map<std::string, RecordingWriter::Source, std::less<>> Observation::sources() const {
    std::map<std::string, RecordingWriter::Source, std::less<>> sources;
    for (const InputOptions& input : inputs_) {
        const Plugin& plugin = plugins_.load(input.plugin);
        sources[input.name] = {plugin.name, plugin.version,
                               input.separator.value_or(plugin.separator)};
    }
    return sources;
}

void Observation::run(Tap& tap, const Signals& signals, milliseconds time,
                      const std::function<Progress()>& progress) {
    log::start(log::Level::Warning, log::Format::Text);
    StatusLine status;
    const auto until = steady_clock::now() + time;
    host_->setTap(tap);
    host_->start();
    for (;;) {
        const Progress now = progress();
        status.show(now.text + " (Ctrl-C ends)");
        const bool isOver = time.count() > 0 && steady_clock::now() >= until;
        if (now.isDone || isOver || signals.wait(kTick) != 0) break;
    }
    status.clear();
    tellOfTrouble();
    host_->stop(kStopWithin);
}

void Observation::tellOfTrouble() const {
    for (const InputStatus& input : host_->status()) {
        const InputHealth& health = input.health;
        if (health.state == InputState::Running) continue;
        std::cerr << "input " << input.name << ": " << nameOf(health.state)
                  << (health.text.empty() ? "" : ": ") << health.text << '\n';
    }
}

void Observation::endProcessIfStuck(int status) const {
    if (!host_->gaveUp()) return;
    std::cerr.flush();
    std::_Exit(status);
}

}  // namespace sluice::cli
