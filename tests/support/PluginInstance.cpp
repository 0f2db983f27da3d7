#include "support/PluginInstance.h"

#include <stdexcept>

#include <dlfcn.h>

namespace sluice::test {
namespace {

sluice_text lend(const std::string& text) {
    return {text.data(), text.size()};
}

/// What the host makes of `from`, for patterns whose levels are split by dots.
struct Pattern {
    explicit Pattern(std::string written) : text(std::move(written)) {
        for (const char c : text) {
            if (c == '*')
                regex += "[^.]+";
            else if (c == '.')
                regex += "\\.";
            else
                regex += c;
        }
        regex = "^" + regex + "$";
        prefix = text.substr(0, text.find('*'));
    }
    sluice_pattern view(std::uint32_t needs) const {
        sluice_pattern pattern{};
        pattern.size = sizeof pattern;
        pattern.is_literal = text.find('*') == text.npos ? 1 : 0;
        pattern.text = lend(text);
        if (pattern.is_literal != 0) pattern.literal = lend(text);
        pattern.prefix = lend(prefix);
        pattern.regex = lend(regex);
        pattern.glob = lend(text);
        pattern.needs = needs;
        return pattern;
    }
    std::string text, regex, prefix;
};

}  // namespace

PluginInstance::PluginInstance(const std::string& path, RecordingHost& host) : host_(host) {
    // Never closed, as by the host.
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<sluice_plugin_function>(dlsym(library, "sluice_plugin"));
    std::uint32_t least = 0, most = 0;
    if (entry != nullptr) table_ = entry(SLUICE_ABI_VERSION, SLUICE_ABI_VERSION, &least, &most);
    if (table_ == nullptr) throw std::runtime_error(path + ": no plugin of our ABI");
}

PluginInstance::~PluginInstance() {
    if (isStarted_) stop();
    if (instance_ != nullptr) table_->close(instance_);
}

bool PluginInstance::check() {
    return table_->check == nullptr || table_->check(host_.table()) == 0;
}

bool PluginInstance::open() {
    return table_->open(host_.table(), &instance_) == 0;
}

bool PluginInstance::watch(const std::vector<std::string>& patterns, std::uint32_t needs) {
    const std::vector<Pattern> made(patterns.begin(), patterns.end());
    std::vector<sluice_pattern> views;
    for (const Pattern& pattern : made) views.push_back(pattern.view(needs));
    return table_->watch(instance_, views.data(), views.size()) == 0;
}

bool PluginInstance::start(const std::vector<Position>& positions,
                           std::chrono::milliseconds rewind) {
    std::vector<sluice_start_position> views;
    for (const Position& position : positions)
        views.push_back({{lend(position.family), position.lane, 0}, {position.first, 0}});
    isStarted_ = true;
    return table_->start(instance_, views.data(), views.size(),
                         static_cast<std::uint64_t>(rewind.count())) == 0;
}

std::chrono::milliseconds PluginInstance::stop() {
    const auto before = std::chrono::steady_clock::now();
    table_->stop(instance_, static_cast<std::uint32_t>(kStopDeadline.count()));
    isStarted_ = false;
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 before);
}

bool PluginInstance::query(const std::vector<std::string>& families) {
    std::vector<sluice_text> views;
    for (const std::string& family : families) views.push_back(lend(family));
    return table_->query(instance_, views.data(), views.size()) == 0;
}

}  // namespace sluice::test
