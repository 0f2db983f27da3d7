#include "node/HttpPublisher.h"

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
