#include "delivery/SubscriptionState.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {

bool SubscriptionState::has(const ChannelLog& log) const {
    return std::any_of(channels.begin(), channels.end(),
                       [&log](const Channel& channel) { return channel.log == &log; });
}

void SubscriptionState::bringForward(Herd& herd) {
    if (herds.front()->members.size() >= herd.members.size()) return;
    const auto found = std::find_if(herds.begin(), herds.end(),
                                    [&herd](const auto& owned) { return owned.get() == &herd; });
    std::swap(*herds.begin(), *found);
}

Herd& SubscriptionState::addHerd(Course course) {
    herds.push_back(std::make_unique<Herd>(*this, std::move(course)));
    return *herds.back();
}

void SubscriptionState::dropHerd(Herd& herd) {
    SLUICE_ASSERT(herd.members.empty());
    const auto found = std::find_if(herds.begin(), herds.end(),
                                    [&herd](const auto& owned) { return owned.get() == &herd; });
    SLUICE_ASSERT(found != herds.end());
    std::swap(*found, herds.back());
    herds.pop_back();
}

}  // namespace sluice
