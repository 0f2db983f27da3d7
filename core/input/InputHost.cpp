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

/// Gathers what several inputs answer to one query.
class Collector {
  public:
    Collector(std::size_t inputs, std::function<void(SourceEnds)> answer)
        : left_{inputs}, answer_{std::move(answer)} {}

    void add(std::vector<SourceEnds::Family> families) {
        {
            const std::lock_guard lock{mutex_};
            std::move(families.begin(), families.end(), std::back_inserter(ends_.families));
            if (--left_ > 0) return;
        }
        answer_(std::move(ends_));
    }

  private:
    std::mutex mutex_;
    // guarded by mutex_
    std::size_t left_;
    SourceEnds ends_;

    const std::function<void(SourceEnds)> answer_;
};

}  // namespace

std::vector<MappingInput> mappingInputs(const std::vector<InputOptions>& inputs,
                                        PluginLibrary& plugins) {
    std::vector<MappingInput> all;
    for (const InputOptions& input : inputs)
        all.push_back({input.name, input.separator.value_or(plugins.load(input.plugin).separator)});
    return all;
}

InputHost::InputHost(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
                     std::shared_ptr<const MappingTable> table, PublishPolicy publish,
                     const InputLimits& limits, Hub& hub, const Clock& clock)
    : hub_{hub}, mappings_{std::move(table), hub}, http_{hub, clock, std::move(publish)} {
    for (const InputOptions& input : inputs) {
        const bool taken = std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& other) {
            return other->name() == input.name;
        });
        if (taken || input.name == PublishInput::kName)
            throw std::invalid_argument{"the name '" + input.name + "' of an input is taken"};
        inputs_.push_back(std::make_shared<Input>(input, plugins.load(input.plugin), hub, mappings_,
                                                  clock, limits));
    }
}

InputHost::~InputHost() {
    stop(std::chrono::milliseconds{0});
    keepForever(std::move(inputs_));
}

void InputHost::start() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    for (const auto& input : inputs_) input->start();
    for (const auto& input : inputs_) input->waitAnswered(until);
}

void InputHost::stop(std::chrono::milliseconds deadline) noexcept {
    if (std::exchange(stopped_, true)) return;
    http_.close();
    const auto until = std::chrono::steady_clock::now() + deadline;
    for (const auto& input : inputs_) input->askToStop(until);
    for (const auto& input : inputs_) input->join();
}

bool InputHost::gaveUp() const {
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [](const auto& input) { return input->abandoned() > 0; });
}

void InputHost::setMappings(std::shared_ptr<const MappingTable> table) {
    mappings_.replace(std::move(table));
    for (const auto& input : inputs_) input->patternsChanged();
}

bool InputHost::ready() const {
    return std::all_of(inputs_.begin(), inputs_.end(),
                       [](const auto& input) { return input->isReady(); });
}

std::vector<InputStatus> InputHost::status() const {
    std::vector<InputStatus> all;
    for (const auto& input : inputs_) {
        InputStatus status;
        status.name = input->name();
        status.plugin = input->plugin().name;
        status.version = input->plugin().version;
        status.replayable = !input->isPlain();
        status.ready = input->isReady();
        status.health = input->health();
        status.counts = input->intake().counters().counts();
        status.lag = input->intake().lag();
        const std::shared_ptr<const LaneBook> book = input->intake().book();
        for (const auto& [name, family] : *book) status.lanes += family->lanes.size();
        status.abandoned = input->abandoned();
        all.push_back(std::move(status));
    }
    if (!http_.enabled()) return all;
    InputStatus http;
    http.name = http.plugin = PublishInput::kName;
    http.ready = true;
    http.health.state = stopped_ ? InputState::Stopped : InputState::Running;
    http.counts = http_.counts();
    all.push_back(std::move(http));
    return all;
}

// -- Origins

std::uint64_t InputHost::version() const noexcept {
    const auto plain = std::count_if(inputs_.begin(), inputs_.end(),
                                     [](const auto& input) { return input->isPlain(); });
    return mappings_.version() + static_cast<std::uint64_t>(plain);
}

bool InputHost::mayFeed(const Family& family, const Pattern& channels) const {
    return mappings_.mayFeed(family.input, family.name, channels);
}

std::vector<std::string> InputHost::plainInputs(const Pattern& channels) const {
    std::vector<std::string> names;
    for (const auto& input : inputs_)
        if (input->isPlain() && mappings_.mayFeed(input->name(), channels))
            names.push_back(input->name());
    if (http_.mayFeed(channels)) names.emplace_back(PublishInput::kName);
    return names;
}

void InputHost::query(const std::vector<std::uint32_t>& familyHashes,
                      std::function<void(SourceEnds)> answer) {
    const std::shared_ptr<const LaneTable> table = hub_.lanes();
    std::map<std::string, std::vector<SourceQueries::Ask>> byInput;
    for (const std::uint32_t hash : familyHashes)
        if (const Family* const family = table->find(hash))
            byInput[family->input].push_back({family->name, hash});
    std::vector<std::pair<Input*, std::vector<SourceQueries::Ask>>> questions;
    for (const auto& input : inputs_)
        if (const auto asks = byInput.find(input->name()); asks != byInput.end())
            questions.emplace_back(input.get(), std::move(asks->second));
    if (questions.empty()) return answer({});
    const auto collector = std::make_shared<Collector>(questions.size(), std::move(answer));
    for (auto& [input, asks] : questions)
        input->query(std::move(asks), [collector](std::vector<SourceEnds::Family> families) {
            collector->add(std::move(families));
        });
}

}  // namespace sluice
