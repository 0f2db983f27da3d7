#include "node/HttpPublisher.h"

#include <stdexcept>

namespace sluice {
namespace {

PublishOutcome::State stateOf(PublishInput::Outcome::State state) {
    switch (state) {
        case PublishInput::Outcome::State::Accepted:
            return PublishOutcome::State::Accepted;
        case PublishInput::Outcome::State::Rejected:
            return PublishOutcome::State::Rejected;
        case PublishInput::Outcome::State::NoRoom:
            return PublishOutcome::State::NoRoom;
        case PublishInput::Outcome::State::Closing:
            return PublishOutcome::State::Closing;
    }
    return PublishOutcome::State::Closing;
}

}  // namespace

PublishPolicy policyOf(const PublishOptions& options) {
    PublishPolicy policy;
    policy.enabled = options.isOn();
    policy.dataBytesMax = options.limits.dataBytesMax;
    for (const std::string& text : options.reached()) {
        Pattern::Error error;
        std::optional<Pattern> pattern = Pattern::parse(text, '/', &error);
        if (!pattern) throw std::invalid_argument{"publish.channels: " + error.message};
        policy.channels.push_back(std::move(*pattern));
    }
    return policy;
}

PublishOutcome HttpPublisher::publish(std::span<const PublishedEvent> events) {
    std::vector<std::vector<std::string_view>> channels;
    std::vector<PublishItem> items;
    channels.reserve(events.size());
    items.reserve(events.size());
    for (const PublishedEvent& event : events) {
        channels.emplace_back(event.channels.begin(), event.channels.end());
        items.push_back({channels.back(), event.event, event.key, event.data});
    }
    PublishInput::Outcome outcome = input_.publish(items);
    return {stateOf(outcome.state), outcome.accepted, std::move(outcome.id),
            std::move(outcome.reason)};
}

}  // namespace sluice
