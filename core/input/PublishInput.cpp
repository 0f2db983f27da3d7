#include "input/PublishInput.h"

#include <algorithm>

#include "event/EventId.h"

namespace sluice {

PublishInput::PublishInput(Hub& hub, const Clock& clock, PublishPolicy policy)
    : hub_{hub}, clock_{clock}, policy_{std::move(policy)} {}

PublishInput::Outcome PublishInput::publish(std::span<const PublishItem> items) {
    Outcome outcome;
    if (closed_ || !policy_.enabled) {
        outcome.state = Outcome::State::Closing;
        return outcome;
    }
    static thread_local EventBatch batch;
    batch.clear();
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string refused = add(items[i], batch);
        if (!refused.empty()) return reject(i, std::move(refused));
    }
    if (items.empty()) return outcome;
    const std::int64_t nowMs = clock_.wallMs();
    const PublishResult result = hub_.publish(batch);
    MapOutcome mapped;
    mapped.mapped = items.size();
    counters_.add(items.size(), 0, mapped, {});
    outcome.accepted = items.size();
    appendFullId(outcome.id, hub_.epoch(), result.lastSeq, static_cast<std::uint64_t>(nowMs), {},
                 0);
    return outcome;
}

/// Adds an item to the batch, or says why it cannot be.
std::string PublishInput::add(const PublishItem& item, EventBatch& batch) {
    if (item.channels.empty()) return refuse(Rejection::BadChannel, "an event needs a channel");
    for (const std::string_view channel : item.channels)
        if (!mayPublishTo(channel))
            return refuse(Rejection::BadChannel,
                          "channel '" + std::string{channel} + "' is none of publish.channels");
    if (item.data.size() > policy_.dataBytesMax)
        return refuse(Rejection::TooLarge, "data is longer than limits.payload");
    batch.beginMessage(kPlainLane, {});
    switch (batch.addEvent(item.channels, item.event, item.key, item.data)) {
        case EncodeError::None:
            return {};
        case EncodeError::NotUtf8:
            return refuse(Rejection::NotUtf8, "data is not UTF-8");
        case EncodeError::BadEventType:
            return refuse(Rejection::BadEvent,
                          "no event can be named '" + std::string{item.event} + "'");
        case EncodeError::BadChannel:
            break;
    }
    return refuse(Rejection::BadChannel,
                  "a name of a channel is UTF-8, at most 255 bytes, without control characters, "
                  "',', '?' and '#', and does not begin with 'sluice.'");
}

std::string PublishInput::refuse(Rejection reason, std::string text) {
    MapOutcome outcome;
    ++outcome.rejected[static_cast<std::size_t>(reason)];
    ++outcome.rejectedEvents[static_cast<std::size_t>(reason)];
    counters_.add(1, 0, outcome, {});
    return text;
}

PublishInput::Outcome PublishInput::reject(std::size_t item, std::string reason) {
    Outcome outcome;
    outcome.state = Outcome::State::Rejected;
    outcome.item = item;
    outcome.reason = std::move(reason);
    return outcome;
}

bool PublishInput::mayFeed(const Pattern& channels) const {
    if (!policy_.enabled) return false;
    return policy_.channels.empty() ||
           std::any_of(policy_.channels.begin(), policy_.channels.end(),
                       [&](const Pattern& pattern) { return pattern.overlaps(channels); });
}

bool PublishInput::mayPublishTo(std::string_view channel) const {
    return policy_.channels.empty() ||
           std::any_of(policy_.channels.begin(), policy_.channels.end(),
                       [&](const Pattern& pattern) { return pattern.matches(channel); });
}

}  // namespace sluice
