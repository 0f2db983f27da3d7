#include "mapping/Mapper.h"

#include "base/JsonText.h"

namespace sluice {
namespace {

constexpr std::string_view kTombstoneEvent = "delete";

std::size_t indexOf(Rejection reason) {
    return static_cast<std::size_t>(reason);
}

Rejection reasonOf(EncodeError error) {
    switch (error) {
        case EncodeError::NotUtf8:
            return Rejection::NotUtf8;
        case EncodeError::BadEventType:
            return Rejection::BadEvent;
        default:
            return Rejection::BadChannel;
    }
}

std::string explain(Rejection reason, std::string_view value) {
    switch (reason) {
        case Rejection::NoValue:
            return "{" + std::string{value} + "} has no value";
        case Rejection::NotUtf8:
            return "the payload is not UTF-8; send base64(payload)";
        case Rejection::BadChannel:
            return "no channel can be named '" + std::string{value} + "'";
        case Rejection::BadEvent:
            return "no event can be named '" + std::string{value} + "'";
        case Rejection::TooLarge:
            return "the payload is longer than limits.payload";
    }
    return {};
}

std::string_view shortened(std::string_view text) {
    constexpr std::size_t kShownMax = 200;
    return text.substr(0, kShownMax);
}

}  // namespace

std::string_view nameOf(Rejection reason) {
    constexpr std::array<std::string_view, kRejections> kNames{
        "no-value", "not-utf8", "bad-channel", "bad-event", "too-large"};
    return kNames[indexOf(reason)];
}

Mapper::Mapper(std::shared_ptr<const MappingTable> table, std::string input)
    : table_{std::move(table)},
      input_{std::move(input)},
      noted_(table_->rules().size() * kRejections) {}

void Mapper::map(const Message& message, EventBatch& batch, MapOutcome& outcome) {
    batch.beginMessage(message.lane, message.position);
    const Plan& plan = planFor(message.topic);
    if (plan.routes.empty()) return unmatched(message, outcome);
    if (outcome.eventsByRule.size() < table_->rules().size())
        outcome.eventsByRule.resize(table_->rules().size());
    std::uint64_t events = 0;
    std::optional<Rejection> rejected;
    for (const Route& route : plan.routes) {
        const std::optional<Failure> failure = apply(route, message, batch);
        if (!failure) {
            ++outcome.eventsByRule[route.rule->index];
            ++events;
            continue;
        }
        if (!rejected) rejected = failure->reason;
        ++outcome.rejectedEvents[indexOf(failure->reason)];
        noteOnce(route, *failure, message, outcome);
    }
    if (events > 0)
        ++outcome.mapped;
    else if (rejected)
        ++outcome.rejected[indexOf(*rejected)];
}

const Mapper::Plan& Mapper::planFor(std::string_view topic) {
    if (last_ && last_->topic == topic) return *last_;
    auto found = plans_.find(topic);
    if (found == plans_.end()) {
        if (plans_.size() >= kTopicsMax) plans_.clear();
        std::unique_ptr<Plan> plan = makePlan(topic);
        const std::string_view key = plan->topic;
        found = plans_.emplace(key, std::move(plan)).first;
    }
    last_ = found->second.get();
    return *last_;
}

std::unique_ptr<Mapper::Plan> Mapper::makePlan(std::string_view topic) const {
    auto plan = std::make_unique<Plan>();
    plan->topic = topic;
    Message ofTopic;
    ofTopic.topic = plan->topic;
    for (const CompiledRule& rule : table_->rules()) {
        Route route;
        if (rule.input != input_ || !rule.from.match(plan->topic, route.captures)) continue;
        route.rule = &rule;
        if (rule.channel.fixedByTopic())
            rule.channel.render(ofTopic, route.captures, route.channel.emplace());
        if (rule.event.fixedByTopic())
            rule.event.render(ofTopic, route.captures, route.event.emplace());
        plan->routes.push_back(std::move(route));
    }
    return plan;
}

std::optional<Mapper::Failure> Mapper::apply(const Route& route, const Message& message,
                                             EventBatch& batch) {
    const CompiledRule& rule = *route.rule;
    if (message.payload && message.payload->size() > table_->payloadBytesMax())
        return Failure{Rejection::TooLarge, {}};
    Failure failure;
    Part channel = route.channel;
    if (!channel) channel = part(rule.channel, route, message, channel_, failure);
    Part event = route.event;
    if (channel && !event) event = part(rule.event, route, message, event_, failure);
    Part key = message.key;
    if (rule.key) key = channel && event ? part(*rule.key, route, message, key_, failure) : Part{};
    if (!channel || !event || (rule.key && !key)) return failure;
    if (!message.payload && event->empty()) event = kTombstoneEvent;
    const std::string_view keyText = key.value_or(std::string_view{});
    const EncodeError error =
        batch.addEvent({&*channel, 1}, *event, keyText,
                       message.payload ? *message.payload : tombstone(key.has_value(), keyText));
    if (error == EncodeError::None) return std::nullopt;
    const Rejection reason = reasonOf(error);
    return Failure{reason, reason == Rejection::BadEvent ? *event : *channel};
}

Mapper::Part Mapper::part(const Template& text, const Route& route, const Message& message,
                          std::string& out, Failure& failure) const {
    out.clear();
    failure.value = text.render(message, route.captures, out);
    if (!failure.value.empty()) return std::nullopt;
    return out;
}

std::string_view Mapper::tombstone(bool hasKey, std::string_view key) {
    data_ = R"({"key":)";
    if (hasKey)
        appendJsonString(data_, key);
    else
        data_ += "null";
    data_ += '}';
    return data_;
}

void Mapper::unmatched(const Message& message, MapOutcome& outcome) {
    ++outcome.unmatched;
    if (notedUnmatched_) return;
    notedUnmatched_ = true;
    std::string note = "no mapping takes topic '" + std::string{shortened(message.topic)} + "'";
    const CompiledRule* const rule = table_->nearestRule(input_, message.topic);
    if (rule) {
        note += "; the nearest one takes '" + rule->from.text() + "'";
        if (rule->mark.line != 0) note += " (" + placeOf(rule->mark) + ")";
    }
    outcome.notes.push_back(std::move(note));
}

void Mapper::noteOnce(const Route& route, const Failure& failure, const Message& message,
                      MapOutcome& outcome) {
    const std::size_t kind = route.rule->index * kRejections + indexOf(failure.reason);
    if (noted_[kind]) return;
    noted_[kind] = true;
    std::string note = "rejected{" + std::string{nameOf(failure.reason)} + "}: topic '";
    note += std::string{shortened(message.topic)} + "', mapping '" + route.rule->from.text() + "'";
    if (route.rule->mark.line != 0) note += " (" + placeOf(route.rule->mark) + ")";
    note += ": " + explain(failure.reason, shortened(failure.value));
    outcome.notes.push_back(std::move(note));
}

}  // namespace sluice
