#include <algorithm>

#include "base/Log.h"
#include "input/InputHost.h"

/// Other inputs and mappings while the node runs.
namespace sluice {
namespace {

using std::chrono::steady_clock;

/// How long new mappings wait for a plugin to learn what they look at.
constexpr std::chrono::seconds kNeedWithin{2};
/// How long new inputs that have not failed are waited for to say what they have: until then
/// readers may come with ids that name lanes which are not known here, and would resume
/// approximately.
constexpr std::chrono::seconds kAnswerWithin{5};

template <class List>
auto findNamed(const List& list, const std::string& name) {
    return std::find_if(list.begin(), list.end(),
                        [&](const auto& input) { return input->name() == name; });
}

template <class List>
bool hasNamed(const List& list, const std::string& name) {
    return findNamed(list, name) != list.end();
}

/// Whether the options of these inputs have one that is the same.
bool isKept(const Input& input, const std::vector<InputOptions>& inputs) {
    return std::any_of(inputs.begin(), inputs.end(), [&](const InputOptions& options) {
        return options.isSameAs(input.options());
    });
}

/// Of inputs that end, the one that is the same but for its name; null where none is.
template <class List>
auto formerly(const InputOptions& input, const List& leaving) {
    const auto found = std::find_if(leaving.begin(), leaving.end(), [&](const auto& other) {
        return input.isSameButForName(other->options());
    });
    return found == leaving.end() ? nullptr : *found;
}

std::uint32_t needsOf(const MappingTable& table, const std::string& input) {
    return table.readsHeaders(input) ? SLUICE_NEEDS_HEADERS : 0u;
}

}  // namespace

bool InputHost::reload(const std::vector<InputOptions>& inputs, PluginLibrary& plugins,
                       std::shared_ptr<const MappingTable> table) {
    std::vector<const Plugin*> loaded;
    for (const InputOptions& input : inputs) loaded.push_back(&plugins.load(input.plugin));
    const std::lock_guard change{changeMutex_};
    if (stopped_) return false;
    Inputs staying, leaving, starting;
    for (const InputPtr& input : *this->inputs())
        (isKept(*input, inputs) ? staying : leaving).push_back(input);
    endAll(leaving);
    if (stopped_) return false;
    swapMappings(staying, std::move(table));
    InputsPtr arranged = arrange(inputs, loaded, {staying, leaving}, starting);
    {
        const std::lock_guard lock{mutex_};
        Inputs ever = *ever_;
        for (const InputPtr& input : *arranged)
            if (!hasNamed(ever, input->name())) ever.push_back(input);
        ever_ = std::make_shared<const Inputs>(std::move(ever));
        inputs_ = std::move(arranged);
    }
    mappings_.originsChanged();
    for (const InputPtr& input : leaving)
        if (!find(input->name())) input->giveUpReplays();
    startAll(starting);
    return true;
}

void InputHost::endAll(const Inputs& leaving) noexcept {
    const auto until = steady_clock::now() + limits_.stopDeadline;
    for (const InputPtr& input : leaving) input->askToStop(until);
    for (const InputPtr& input : leaving) input->join();
}

/// What mappings look at must be there before they are, what they take need not.
void InputHost::swapMappings(const Inputs& staying, std::shared_ptr<const MappingTable> table) {
    const std::shared_ptr<const MappingTable> before = mappings_.current();
    const auto until = steady_clock::now() + kNeedWithin;
    for (const InputPtr& input : staying) {
        const std::uint32_t needs = needsOf(*table, input->name());
        if ((needs & ~needsOf(*before, input->name())) != 0 && !input->need(needs, until))
            log::warning("reload", "input " + input->name() +
                                       " is slow: its first messages may lack what the new "
                                       "mappings look at");
    }
    mappings_.replace(table);
    for (const InputPtr& input : staying)
        if (before->patternsOf(input->name()) != table->patternsOf(input->name()))
            input->patternsChanged();
}

/// The inputs to be in force, in file order; fills `starting` with those that are to be started.
InputHost::InputsPtr InputHost::arrange(const std::vector<InputOptions>& inputs,
                                        const std::vector<const Plugin*>& plugins,
                                        const Sorted& running, Inputs& starting) {
    const InputsPtr ever = inputsEver();
    Inputs arranged;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto stays = findNamed(running.staying, inputs[i].name);
        if (stays != running.staying.end()) {
            arranged.push_back(*stays);
            continue;
        }
        const auto known = findNamed(*ever, inputs[i].name);
        const InputPtr input = known == ever->end() ? make(inputs[i], *plugins[i]) : *known;
        if (known != ever->end())
            input->reconfigure(inputs[i], *plugins[i]);
        else if (const InputPtr former = formerly(inputs[i], running.leaving))
            input->goOnFrom(*former);
        arranged.push_back(input);
        starting.push_back(input);
    }
    return std::make_shared<const Inputs>(std::move(arranged));
}

void InputHost::startAll(const Inputs& inputs) {
    const auto until = steady_clock::now() + kAnswerWithin;
    for (const InputPtr& input : inputs) input->start();
    for (const InputPtr& input : inputs) input->waitAnswered(until);
}

}  // namespace sluice
