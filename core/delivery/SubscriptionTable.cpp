#include "delivery/SubscriptionTable.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {

std::size_t hashOf(const SubscriptionSpec& spec) noexcept {
    const std::hash<std::string_view> hashText;
    std::size_t hash = spec.envelope ? 1 : 2;
    const auto add = [&hash](std::size_t part) {
        hash ^= part + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    };
    for (const std::string& channel : spec.channels) add(hashText(channel));
    for (const std::string& type : spec.types) add(hashText(type));
    if (spec.filter) add(spec.filter->number());
    if (spec.guard) add(std::hash<const void*>{}(spec.guard.get()));
    add(static_cast<std::size_t>(spec.control));
    add(static_cast<std::size_t>(spec.framing));
    add(static_cast<std::size_t>(spec.format));
    return hash;
}

std::size_t SubscriptionTable::Hash::operator()(const SubscriptionSpec& spec) const noexcept {
    return hashOf(spec);
}

SubscriptionTable::SubscriptionTable(Hub& hub, LoopIndex loop) : hub_{hub}, loop_{loop} {}

SubscriptionTable::~SubscriptionTable() {
    for (const auto& state : states_) unwatch(*state);
}

SubscriptionState* SubscriptionTable::obtain(const SubscriptionSpec& spec) {
    const auto known = states_.find(spec);
    if (known != states_.end()) return known->get();
    auto state = std::make_unique<SubscriptionState>();
    state->spec = spec;
    if (!watch(*state)) {
        unwatch(*state);
        return nullptr;
    }
    if (!state->patterns.empty()) withPatterns_.push_back(state.get());
    return states_.insert(std::move(state)).first->get();
}

bool SubscriptionTable::watch(SubscriptionState& state) {
    state.channels.reserve(state.spec.channels.size());
    for (const std::string& text : state.spec.channels) {
        const std::optional<Pattern> pattern = Pattern::parse(text, '/', nullptr);
        if (!pattern) return false;
        if (!pattern->isLiteral()) {
            if (!watchPattern(state, *pattern)) return false;
            continue;
        }
        ChannelLog* const log = hub_.watch(loop_, pattern->literalPrefix());
        if (!log) return false;
        addChannel(state, *log, 0);
    }
    return true;
}

bool SubscriptionTable::watchPattern(SubscriptionState& state, const Pattern& pattern) {
    std::vector<ChannelLog*> matches;
    if (!hub_.watchPattern(loop_, pattern, matches)) return false;
    state.patterns.push_back(pattern);
    ++patternUses_[pattern.text()];
    for (ChannelLog* const log : matches)
        if (mayJoin(state, *log, pattern))
            addChannel(state, *log, 0);
        else if (readersOf(*log).empty())
            hub_.unwatch(loop_, *log);
    return true;
}

/// Through its own entry a pattern learns what is gone of channels that it took.
bool SubscriptionTable::mayJoin(const SubscriptionState& state, const ChannelLog& log,
                                const Pattern& pattern) {
    const ChannelGuard* const guard = state.spec.guard.get();
    return !guard || guard->allows(log.name()) || (!log.exists() && log.name() == pattern.text());
}

void SubscriptionTable::addChannel(SubscriptionState& state, ChannelLog& log,
                                   std::uint64_t joinedAt) {
    if (state.has(log)) return;
    std::vector<Reader>& readers = readers_[&log];
    readers.push_back({&state, static_cast<std::uint32_t>(state.channels.size())});
    state.channels.push_back({&log, joinedAt, static_cast<std::uint32_t>(readers.size() - 1)});
}

/// At once, however many read the log: they may all leave together.
void SubscriptionTable::removeReader(const SubscriptionState::Channel& channel) noexcept {
    const auto found = readers_.find(channel.log);
    std::vector<Reader>& readers = found->second;
    const Reader moved = readers.back();
    readers[channel.readerIndex] = moved;
    moved.state->channels[moved.channelIndex].readerIndex = channel.readerIndex;
    readers.pop_back();
    if (!readers.empty()) return;
    readers_.erase(found);
    hub_.unwatch(loop_, *channel.log);
}

void SubscriptionTable::unwatch(SubscriptionState& state) noexcept {
    for (const Pattern& pattern : state.patterns) {
        const auto uses = patternUses_.find(pattern.text());
        if (--uses->second > 0) continue;
        patternUses_.erase(uses);
        hub_.unwatchPattern(loop_, pattern);
    }
    for (const SubscriptionState::Channel& channel : state.channels) removeReader(channel);
    state.channels.clear();
    state.patterns.clear();
}

void SubscriptionTable::retire(SubscriptionState& subscription) {
    if (subscription.subscribers > 0 || subscription.retired) return;
    subscription.retired = true;
    retired_.push_back(&subscription);
}

void SubscriptionTable::sweep() {
    for (SubscriptionState* const state : retired_) {
        state->retired = false;
        if (state->subscribers > 0) continue;
        SLUICE_ASSERT(state->herds.empty());
        std::erase(withPatterns_, state);
        unwatch(*state);
        states_.erase(states_.find(state->spec));
    }
    retired_.clear();
}

std::span<const SubscriptionTable::Reader> SubscriptionTable::readersOf(
    const ChannelLog& log) const {
    const auto readers = readers_.find(&log);
    if (readers == readers_.end()) return {};
    return readers->second;
}

void SubscriptionTable::join(ChannelLog& log, std::uint64_t horizon) {
    for (SubscriptionState* const state : withPatterns_)
        if (std::any_of(state->patterns.begin(), state->patterns.end(),
                        [&](const Pattern& pattern) {
                            return pattern.matches(log.name()) && mayJoin(*state, log, pattern);
                        }))
            addChannel(*state, log, horizon);
    // A log that no Subscription reads any more came while its pattern was withdrawn.
    if (readersOf(log).empty()) hub_.unwatch(loop_, log);
}

}  // namespace sluice
