#include "input/InputHost.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace sluice {
namespace {

/// Inputs whose plugins may still have threads: never destroyed.
void keepForever(std::vector<std::shared_ptr<Input>> inputs) {
    static std::mutex mutex;
    static auto* const kept = new std::vector<std::shared_ptr<Input>>;
    const std::lock_guard lock{mutex};
    std::move(inputs.begin(), inputs.end(), std::back_inserter(*kept));
}

/// Gathers what several inputs answer to one question.
template <class Answers>
class Collector {
  public:
    using Families = decltype(Answers::families);
    Collector(std::size_t inputs, Answers known, std::function<void(Answers)> answer)
        : left_{inputs}, answers_{std::move(known)}, answer_{std::move(answer)} {}

    void add(Families families) {
        {
            const std::lock_guard lock{mutex_};
            std::move(families.begin(), families.end(), std::back_inserter(answers_.families));
            if (--left_ > 0) return;
        }
        answer_(std::move(answers_));
    }

  private:
    std::mutex mutex_;
    // guarded by mutex_
    std::size_t left_;
    Answers answers_;

    const std::function<void(Answers)> answer_;
};

}  // namespace

std::vector<MappingInput> mappingInputs(const std::vector<InputOptions>& inputs,
                                        PluginLibrary& plugins) {
    std::vector<MappingInput> all;
    for (const InputOptions& input : inputs)
        all.push_back(mappingInputOf(input, plugins.load(input.plugin).separator));
    all.push_back(httpMappingInput());
    return all;
}

InputHost::InputHost(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
                     std::shared_ptr<const MappingTable> table, PublishPolicy publish,
                     const InputLimits& limits, Hub& hub, const Clock& clock,
                     const ReplayOptions& replays)
    : hub_{hub},
      clock_{clock},
      limits_{limits},
      mappings_{std::move(table), hub},
      http_{hub, mappings_, clock, std::move(publish)},
      replays_{hub, replays, [this](std::string_view name) { return find(name); }} {
    Inputs made;
    for (const InputOptions& input : inputs) {
        const bool taken = std::any_of(made.begin(), made.end(), [&](const auto& other) {
            return other->name() == input.name;
        });
        if (taken || input.name == PublishInput::kName)
            throw std::invalid_argument{"the name '" + input.name + "' of an input is taken"};
        made.push_back(make(input, plugins.load(input.plugin)));
    }
    inputs_ = ever_ = std::make_shared<const Inputs>(std::move(made));
}

InputHost::~InputHost() {
    stop(std::chrono::milliseconds{0});
    keepForever(*ever_);
}

InputHost::InputPtr InputHost::make(const InputOptions& options, const Plugin& plugin) {
    return std::make_shared<Input>(options, plugin, hub_, mappings_, clock_, limits_);
}

InputHost::InputPtr InputHost::find(std::string_view name) const {
    for (const InputPtr& input : *inputs())
        if (input->name() == name) return input;
    return nullptr;
}

InputHost::InputsPtr InputHost::inputs() const {
    const std::lock_guard lock{mutex_};
    return inputs_;
}

InputHost::InputsPtr InputHost::inputsEver() const {
    const std::lock_guard lock{mutex_};
    return ever_;
}

bool InputHost::hasHad(std::string_view name) const {
    const InputsPtr all = inputsEver();
    return std::any_of(all->begin(), all->end(),
                       [&](const auto& input) { return input->name() == name; });
}

void InputHost::setTap(Tap& tap) {
    for (const InputPtr& input : *inputs()) input->setTap(tap);
}

void InputHost::start() {
    const std::lock_guard change{changeMutex_};
    startAll(*inputs());
}

void InputHost::stop(std::chrono::milliseconds deadline) noexcept {
    if (stopped_.exchange(true)) return;
    http_.close();
    const auto until = std::chrono::steady_clock::now() + deadline;
    askAllToStop(until);  // also hurries those that a reload waits for
    const std::lock_guard change{changeMutex_};
    askAllToStop(until);
    for (const InputPtr& input : *inputsEver()) input->join();
}

void InputHost::askAllToStop(std::chrono::steady_clock::time_point until) noexcept {
    for (const InputPtr& input : *inputsEver()) input->askToStop(until);
}

bool InputHost::gaveUp() const {
    const InputsPtr all = inputsEver();
    return std::any_of(all->begin(), all->end(),
                       [](const auto& input) { return input->abandoned() > 0; });
}

bool InputHost::ready() const {
    if (wasReady_) return true;
    const InputsPtr all = inputs();
    const bool isReady =
        std::all_of(all->begin(), all->end(), [](const auto& input) { return input->isReady(); });
    if (isReady) wasReady_ = true;
    return isReady;
}

std::vector<InputStatus> InputHost::status() const {
    std::vector<InputStatus> all;
    const InputsPtr inputs = this->inputs();
    for (const InputPtr& input : *inputs) {
        InputStatus status;
        status.name = input->name();
        status.plugin = input->plugin().name;
        status.version = input->plugin().version;
        status.replayable = !input->isPlain();
        status.ready = input->isReady();
        status.health = input->health();
        status.counts = input->intake().counters().counts();
        status.samples = input->intake().samples();
        status.lag = input->intake().lag();
        const std::shared_ptr<const LaneBook> book = input->intake().book();
        for (const auto& [name, family] : *book) status.lanes += family->lanes.size();
        status.abandoned = input->abandoned();
        status.replays = input->replays();
        all.push_back(std::move(status));
    }
    if (!http_.enabled()) return all;
    InputStatus http;
    http.name = http.plugin = PublishInput::kName;
    http.ready = true;
    http.health.state = stopped_ ? InputState::Stopped : InputState::Running;
    http.counts = http_.counts();
    http.samples = http_.samples();
    all.push_back(std::move(http));
    return all;
}

// -- Origins

std::uint64_t InputHost::version() const noexcept {
    return mappings_.version();
}

bool InputHost::mayFeed(const Family& family, const Pattern& channels) const {
    return mappings_.mayFeed(family.input, family.name, channels);
}

/// Also those that are not there any more: their events may be.
std::vector<std::string> InputHost::plainInputs(const Pattern& channels) const {
    std::vector<std::string> names;
    const InputsPtr all = inputsEver();
    for (const InputPtr& input : *all)
        if (input->mayFeedPlain(channels)) names.push_back(input->name());
    if (http_.mayFeed(channels) ||
        (http_.enabled() && mappings_.mayFeed(PublishInput::kName, channels)))
        names.emplace_back(PublishInput::kName);
    return names;
}

/// The inputs of those of the families that are at the sources of inputs in force.
std::vector<std::pair<InputHost::InputPtr, std::vector<SourceQueries::Ask>>> InputHost::whomToAsk(
    const std::vector<std::uint32_t>& familyHashes) const {
    const std::shared_ptr<const LaneTable> table = hub_.lanes();
    std::map<std::string, std::vector<SourceQueries::Ask>> byInput;
    for (const std::uint32_t hash : familyHashes)
        if (const Family* const family = table->find(hash))
            byInput[family->input].push_back({family->name, hash});
    std::vector<std::pair<InputPtr, std::vector<SourceQueries::Ask>>> questions;
    const InputsPtr inputs = this->inputs();
    for (const InputPtr& input : *inputs)
        if (const auto asks = byInput.find(input->name()); asks != byInput.end())
            questions.emplace_back(input, std::move(asks->second));
    return questions;
}

void InputHost::query(const std::vector<std::uint32_t>& familyHashes,
                      std::function<void(SourceEnds)> answer) {
    auto questions = whomToAsk(familyHashes);
    const auto isAsked = [&](std::uint32_t hash) {
        return std::any_of(questions.begin(), questions.end(), [hash](const auto& question) {
            return std::any_of(question.second.begin(), question.second.end(),
                               [hash](const auto& ask) { return ask.hash == hash; });
        });
    };
    SourceEnds known;  // what a removed input had is not there
    const std::shared_ptr<const LaneTable> table = hub_.lanes();
    for (const std::uint32_t hash : familyHashes)
        if (table->find(hash) && !isAsked(hash)) known.families.push_back({hash, {}});
    if (questions.empty()) return answer(std::move(known));
    const auto collector = std::make_shared<Collector<SourceEnds>>(
        questions.size(), std::move(known), std::move(answer));
    for (auto& [input, asks] : questions)
        input->query(std::move(asks), [collector](std::vector<SourceEnds::Family> families) {
            collector->add(std::move(families));
        });
}

void InputHost::seek(const std::vector<std::uint32_t>& familyHashes, std::int64_t timeMs,
                     std::function<void(SourcePlaces)> answer) {
    auto questions = whomToAsk(familyHashes);
    if (questions.empty()) return answer({});
    const auto collector = std::make_shared<Collector<SourcePlaces>>(
        questions.size(), SourcePlaces{}, std::move(answer));
    for (auto& [input, asks] : questions)
        input->seek(std::move(asks), timeMs,
                    [collector](std::vector<SourcePlaces::Family> families) {
                        collector->add(std::move(families));
                    });
}

}  // namespace sluice
