#include "support/PluginInstance.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <dlfcn.h>

#include "input/PatternForms.h"

namespace sluice::test {
namespace {

sluice_text lend(const std::string& text) {
    return {text.data(), text.size()};
}

/// The forms of a pattern as the host makes them. Throws std::runtime_error.
PatternForms formsOf(const std::string& text, char separator, std::uint32_t needs) {
    Pattern::Error error;
    const auto pattern = Pattern::parse(text, separator, &error);
    if (!pattern) throw std::runtime_error(text + ": " + error.message);
    return PatternForms{*pattern, needs};
}

}  // namespace

PluginInstance::PluginInstance(const std::string& path, RecordingHost& host) : host_(host) {
    // Never closed, as by the host.
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<sluice_plugin_function>(dlsym(library, "sluice_plugin"));
    std::uint32_t least = 0, most = 0;
    const sluice_plugin_table* given = nullptr;
    if (entry != nullptr) given = entry(SLUICE_ABI_VERSION, SLUICE_ABI_VERSION, &least, &most);
    if (given == nullptr) throw std::runtime_error(path + ": no plugin of our ABI");
    // What a smaller table lacks stays null.
    std::memcpy(&table_, given, std::min<std::size_t>(given->size, sizeof table_));
}

PluginInstance::~PluginInstance() {
    if (isStarted_) stop();
    if (instance_ != nullptr) table_.close(instance_);
}

bool PluginInstance::check() {
    return table_.check == nullptr || table_.check(host_.table()) == 0;
}

bool PluginInstance::open() {
    return table_.open(host_.table(), &instance_) == 0;
}

bool PluginInstance::watch(const std::vector<std::string>& patterns, std::uint32_t needs) {
    std::vector<PatternForms> forms;
    for (const std::string& pattern : patterns)
        forms.push_back(formsOf(pattern, static_cast<char>(table_.separator), needs));
    std::vector<sluice_pattern> views;
    for (const PatternForms& form : forms) views.push_back(form.view());
    return table_.watch(instance_, views.data(), views.size()) == 0;
}

bool PluginInstance::start(const std::vector<Position>& positions,
                           std::chrono::milliseconds rewind) {
    std::vector<sluice_start_position> views;
    for (const Position& position : positions)
        views.push_back(
            {{lend(position.family), position.lane, 0}, {position.first, position.second}});
    isStarted_ = true;
    return table_.start(instance_, views.data(), views.size(),
                        static_cast<std::uint64_t>(rewind.count())) == 0;
}

std::chrono::milliseconds PluginInstance::stop() {
    const auto before = std::chrono::steady_clock::now();
    table_.stop(instance_, static_cast<std::uint32_t>(kStopDeadline.count()));
    isStarted_ = false;
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 before);
}

bool PluginInstance::query(const std::vector<std::string>& families) {
    std::vector<sluice_text> views;
    for (const std::string& family : families) views.push_back(lend(family));
    return table_.query(instance_, views.data(), views.size()) == 0;
}

bool PluginInstance::replay(std::uint64_t id, const Position& from, sluice_position to,
                            std::uint64_t group) {
    if (table_.replay == nullptr) return false;
    sluice_replay_request request{};
    request.size = sizeof request;
    request.needs = ~0u;
    request.id = id;
    request.lane = {lend(from.family), from.lane, 0};
    request.from = {from.first, from.second};
    request.to = to;
    request.group = group;
    return table_.replay(instance_, &request) == 0;
}

void PluginInstance::cancel(std::uint64_t replayId) {
    host_.endReplay(replayId);
    if (table_.cancel != nullptr) table_.cancel(instance_, replayId);
}

bool PluginInstance::seek(std::uint64_t question, std::int64_t timeMs,
                          const std::vector<std::string>& families) {
    if (table_.seek == nullptr) return false;
    std::vector<sluice_text> views;
    for (const std::string& family : families) views.push_back(lend(family));
    return table_.seek(instance_, question, timeMs, views.data(), views.size()) == 0;
}

}  // namespace sluice::test
