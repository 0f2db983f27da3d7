#include "Subscriptions.h"

#include <algorithm>

namespace sluice::mqtt {
namespace {

constexpr int kRefused = 0x80;  // and above

/// The same in every run, since the broker keeps it with the messages of a session. FNV-1a, folded
/// into the range of MQTT 5.0, section 3.8.2.1.2.
std::uint32_t identifierOf(const std::string& filter) {
    constexpr std::uint32_t kMost = 268'435'455;
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : filter) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return static_cast<std::uint32_t>(hash % kMost) + 1;
}

}  // namespace

std::vector<std::string> Subscriptions::want(const FilterSet& filters) {
    std::map<std::string, State> states;
    for (const Filter& filter : filters.filters()) {
        const auto known = states_.find(filter.text);
        State state{.overlaps = filter.overlaps};
        // Another identifier needs another SUBSCRIBE.
        if (known != states_.end() && known->second.overlaps == filter.overlaps)
            state = known->second;
        states.emplace(filter.text, state);
    }
    std::vector<std::string> gone;
    for (const auto& [filter, state] : states_)
        if (state.answer != State::kWanted && !states.contains(filter)) gone.push_back(filter);
    states_ = std::move(states);
    return gone;
}

void Subscriptions::forgetAll() {
    asked_.clear();
    for (auto& [filter, state] : states_) state.answer = State::kWanted;
}

void Subscriptions::forgetUnanswered() {
    asked_.clear();
    for (auto& [filter, state] : states_)
        if (state.answer == State::kAsked) state.answer = State::kWanted;
}

void Subscriptions::forgetRefused() {
    for (auto& [filter, state] : states_)
        if (state.answer >= kRefused) state.answer = State::kWanted;
}

std::vector<Subscriptions::Request> Subscriptions::ask() {
    std::vector<Request> requests;
    Request together;
    const auto close = [&](Request& request) {
        if (request.filters.empty()) return;
        request.number = ++lastRequest_;
        asked_.emplace(request.number, request.filters);
        requests.push_back(std::move(request));
        request = {};
    };
    for (auto& [filter, state] : states_) {
        if (state.answer != State::kWanted) continue;
        state.answer = State::kAsked;
        if (state.overlaps) {
            Request alone{.filters = {filter}, .identifier = identifierOf(filter)};
            close(alone);
            continue;
        }
        together.filters.push_back(filter);
        if (together.filters.size() == kPerRequest) close(together);
    }
    close(together);
    return requests;
}

void Subscriptions::note(std::size_t request, const std::vector<int>& reasons) {
    const auto asked = asked_.find(request);
    if (asked == asked_.end()) return;
    for (std::size_t i = 0; i < asked->second.size(); ++i) {
        const auto state = states_.find(asked->second[i]);
        if (state == states_.end() || state->second.answer != State::kAsked) continue;
        state->second.answer = i < reasons.size() ? reasons[i] : kRefused;
    }
    asked_.erase(asked);
}

bool Subscriptions::isSettled() const {
    return std::all_of(states_.begin(), states_.end(),
                       [](const auto& entry) { return entry.second.answer >= 0; });
}

std::vector<Subscriptions::Refusal> Subscriptions::refusals() const {
    std::vector<Refusal> refusals;
    for (const auto& [filter, state] : states_)
        if (state.answer >= kRefused) refusals.push_back({filter, state.answer});
    return refusals;
}

int Subscriptions::leastGranted() const {
    int least = 2;
    for (const auto& [filter, state] : states_)
        if (state.answer >= 0 && state.answer < least) least = state.answer;
    return least;
}

}  // namespace sluice::mqtt
