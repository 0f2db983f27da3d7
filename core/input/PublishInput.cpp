#include "input/PublishInput.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "event/EventId.h"
#include "input/MapAccount.h"
#include "mapping/Mapper.h"

namespace sluice {

namespace {

bool mayPublishTo(const PublishPolicy& policy, std::string_view channel) {
    return policy.channels.empty() ||
           std::any_of(policy.channels.begin(), policy.channels.end(),
                       [&](const Pattern& pattern) { return pattern.matches(channel); });
}

}  // namespace

/// What a publishing thread keeps between its calls.
struct PublishInput::Scratch {
    void begin(const std::shared_ptr<const MappingTable>& table, std::int64_t now);

    std::optional<Mapper> mapper;
    EventBatch batch;
    MapOutcome outcome;
    std::vector<std::string_view> direct;  // channels of an item that no mapping takes
    std::int64_t nowMs = 0;
    const PublishPolicy* policy = nullptr;  // of this call
};

void PublishInput::Scratch::begin(const std::shared_ptr<const MappingTable>& table,
                                  std::int64_t now) {
    if (!mapper || mapper->table().serial() != table->serial()) {
        mapper.emplace(table, std::string{kName});
        outcome.eventsByRule.clear();
    }
    batch.clear();
    outcome.clear();
    nowMs = now;
}

PublishInput::PublishInput(Hub& hub, MappingsInForce& mappings, const Clock& clock,
                           PublishPolicy policy)
    : hub_{hub},
      mappings_{mappings},
      clock_{clock},
      policy_{std::make_shared<const PublishPolicy>(std::move(policy))},
      ever_{*policy_} {}

void PublishInput::setPolicy(PublishPolicy policy) {
    auto fresh = std::make_shared<const PublishPolicy>(std::move(policy));
    {
        const std::lock_guard lock{mutex_};
        policy_ = fresh;
        enter(*fresh);
    }
    mappings_.originsChanged();
}

/// What was published before is in the channels still.
void PublishInput::enter(const PublishPolicy& policy) {
    if (!policy.enabled) return;
    if (!ever_.enabled) {
        ever_ = policy;
        return;
    }
    if (ever_.channels.empty() || policy.channels.empty())
        ever_.channels.clear();
    else
        for (const Pattern& channels : policy.channels)
            if (std::find(ever_.channels.begin(), ever_.channels.end(), channels) ==
                ever_.channels.end())
                ever_.channels.push_back(channels);
}

std::shared_ptr<const PublishPolicy> PublishInput::policy() const {
    const std::lock_guard lock{mutex_};
    return policy_;
}

bool PublishInput::enabled() const {
    const std::lock_guard lock{mutex_};
    return ever_.enabled;
}

PublishInput::Scratch& PublishInput::scratch() {
    static thread_local Scratch scratch;
    return scratch;
}

PublishInput::Outcome PublishInput::publish(std::span<const PublishItem> items) {
    const std::shared_ptr<const PublishPolicy> policy = this->policy();
    if (closed_ || !policy->enabled) {
        Outcome outcome;
        outcome.state = Outcome::State::Closing;
        return outcome;
    }
    std::optional<MappingsInForce::Hold> hold{mappings_.hold()};
    Scratch& scratch = PublishInput::scratch();
    scratch.begin(hold->table(), clock_.wallMs());
    scratch.policy = policy.get();
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string refused = add(items[i], scratch);
        if (!refused.empty()) return reject(i, std::move(refused));
    }
    Outcome outcome = publishBatch(scratch);
    outcome.accepted = items.size();
    hold->count(scratch.outcome.eventsByRule);
    hold.reset();
    counters_.add(scratch.batch.messages().size(), 0, scratch.outcome, {});
    account(kName, scratch.outcome, scratch.mapper->table(), mappings_.deadLetterFiles(), counters_,
            samples_);
    return outcome;
}

PublishInput::Outcome PublishInput::publishBatch(const Scratch& scratch) {
    Outcome outcome;
    const std::size_t events = scratch.batch.eventCount();
    if (events == 0) return outcome;
    const PublishResult result = hub_.publish(scratch.batch);
    appendFullId(outcome.id, hub_.epoch(), result.lastSeq,
                 static_cast<std::uint64_t>(scratch.nowMs), {}, 0);
    if (result.noRoomForChannel > 0) {
        outcome.state = Outcome::State::NoRoom;
        outcome.reason = std::to_string(result.noRoomForChannel) + " of " + std::to_string(events) +
                         " events went to no channel: there are limits.channels, all with readers";
    }
    return outcome;
}

/// Adds an item to the batch, or says why it cannot be.
std::string PublishInput::add(const PublishItem& item, Scratch& scratch) {
    if (item.channels.empty()) return refuse(Rejection::BadChannel, "an event needs a channel");
    for (const std::string_view channel : item.channels)
        if (!mayPublishTo(*scratch.policy, channel))
            return refuse(Rejection::BadChannel,
                          "channel '" + std::string{channel} + "' is none of publish.channels");
    if (item.data.size() > scratch.policy->dataBytesMax)
        return refuse(Rejection::TooLarge, "data is longer than limits.payload");
    scratch.direct.clear();
    for (const std::string_view channel : item.channels) {
        if (!scratch.mapper->takes(channel)) {
            scratch.direct.push_back(channel);
        } else if (std::string refused = addMapped(item, channel, scratch); !refused.empty()) {
            return refused;
        }
    }
    return scratch.direct.empty() ? std::string{} : addDirect(item, scratch);
}

std::string PublishInput::addMapped(const PublishItem& item, std::string_view topic,
                                    Scratch& scratch) {
    const std::array<Message::Variable, 1> variables{{{"event", item.event}}};
    Message message;
    message.topic = topic;
    if (!item.key.empty()) message.key = item.key;
    message.payload = item.data;
    message.timeMs = scratch.nowMs;
    if (!item.event.empty()) message.variables = variables;
    MapOutcome& outcome = scratch.outcome;
    const MapOutcome::ByReason before = outcome.rejected;
    const std::uint64_t keptBefore = outcome.deadLetters + outcome.letters.size();
    const std::size_t mappedBefore = scratch.batch.messages().size();
    scratch.mapper->map(message, scratch.batch, outcome);
    if (mappings_.liveTap().isWanted())
        mappings_.liveTap().see(kName, message, scratch.batch, mappedBefore, scratch.nowMs);
    if (outcome.rejected == before || outcome.deadLetters + outcome.letters.size() > keptBefore)
        return {};
    const auto grown = std::mismatch(before.begin(), before.end(), outcome.rejected.begin()).first;
    const auto reason = static_cast<Rejection>(grown - before.begin());
    return refuse(reason, "the mappings of " + std::string{topic} +
                              " reject it: " + scratch.mapper->lastFailure());
}

std::string PublishInput::addDirect(const PublishItem& item, Scratch& scratch) {
    const std::size_t first = scratch.batch.messages().size();
    scratch.batch.beginMessage(kPlainLane, {});
    switch (scratch.batch.addEvent(scratch.direct, item.event, item.key, item.data)) {
        case EncodeError::None:
            ++scratch.outcome.mapped;
            if (mappings_.liveTap().isWanted()) showDirect(item, first, scratch);
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
                  "',', '?', '#' and braces, and does not begin with 'sluice.'");
}

/// As the message that a mapping of its first channel would have seen.
void PublishInput::showDirect(const PublishItem& item, std::size_t first, const Scratch& scratch) {
    const std::array<Message::Variable, 1> variables{{{"event", item.event}}};
    Message message;
    message.topic = scratch.direct.front();
    if (!item.key.empty()) message.key = item.key;
    message.payload = item.data;
    message.timeMs = scratch.nowMs;
    if (!item.event.empty()) message.variables = variables;
    mappings_.liveTap().see(kName, message, scratch.batch, first, scratch.nowMs);
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
    const std::lock_guard lock{mutex_};
    if (!ever_.enabled) return false;
    return ever_.channels.empty() ||
           std::any_of(ever_.channels.begin(), ever_.channels.end(),
                       [&](const Pattern& pattern) { return pattern.overlaps(channels); });
}

}  // namespace sluice
