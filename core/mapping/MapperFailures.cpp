#include "base/Utf8.h"
#include "expression/Base64.h"
#include "mapping/DeadLetters.h"
#include "mapping/Mapper.h"

// What becomes of what a rule fails on, and what people are told of it.
namespace sluice {
namespace {

std::string_view shortened(std::string_view text) {
    constexpr std::size_t kShownMax = 200;
    return beginningOf(text, kShownMax);
}

Failure withoutValues(Failure failure) {
    constexpr std::string_view kHidden = "(hidden: this mapping redacts)";
    if (failure.reason == Rejection::BadValue) failure.detail = kHidden;
    const bool isName =
        failure.reason == Rejection::BadChannel || failure.reason == Rejection::BadEvent;
    if (isName && !failure.value.empty()) failure.value = kHidden;
    return failure;
}

}  // namespace

/// Of a rule that redacts nothing is told that comes out of the payload.
void Mapper::hideFailure(const CompiledRule& rule) {
    if (rule.redaction) failure_ = withoutValues(failure_);
}

/// Does what `on_error` says; whether that yielded an event of the rule.
bool Mapper::recover(const Route& route, const Message& message, EventBatch& batch,
                     MapOutcome& outcome) {
    const CompiledRule& rule = *route.rule;
    if (rule.onError == OnError::Kind::Drop) return false;
    if (rule.onError == OnError::Kind::Pass) return pass(route, message, batch);
    std::string letter = deadLetter(message, rule, failure_, shownPayload(rule, message));
    if (rule.onError == OnError::Kind::ToFile) {
        outcome.letters.push_back({rule.deadLetterFile, std::move(letter)});
        return false;
    }
    if (!add({route.deadLetters, {}, message.key.value_or(std::string_view{}), letter}, batch))
        return false;
    ++outcome.deadLetters;
    return false;
}

/// The payload as it is, under as much of its names as there is.
bool Mapper::pass(const Route& route, const Message& message, EventBatch& batch) {
    const CompiledRule& rule = *route.rule;
    if (failure_.reason == Rejection::TooLarge && failure_.field.empty()) return false;
    Parts parts;
    if (!route.channel && !render("channel", rule.channel, channel_)) return false;
    parts.channel = route.channel ? *route.channel : channel_;
    if (route.event)
        parts.event = *route.event;
    else if (render("event", rule.event, event_) && isEventType(event_))
        parts.event = event_;
    if (!message.payload && parts.event.empty()) parts.event = "delete";
    parts.isDeletion = !message.payload;
    parts.key = message.key.value_or(std::string_view{});
    if (rule.key && render("key", *rule.key, key_)) parts.key = key_;
    if (message.payload) {
        const std::optional<std::string_view> payload = payloadOf(rule, message);
        if (!payload) return false;
        parts.data = *payload;
    } else {
        parts.data = tombstone(message, parts);
    }
    return add(parts, batch);
}

/// The payload with what the rule hides as null; nothing where that cannot be done, and of one that
/// is too long.
std::optional<std::string_view> Mapper::shownPayload(const CompiledRule& rule,
                                                     const Message& message) {
    if (!message.payload || message.payload->size() > table_->payloadBytesMax())
        return std::nullopt;
    return rule.redaction ? values_.redactedPayload(rule.redaction->whole, shown_)
                          : message.payload;
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

std::string Mapper::noteOf(const CompiledRule& rule, const Message& message) const {
    std::string note =
        "topic '" + std::string{shortened(message.topic)} + "', mapping '" + rule.from.text() + "'";
    if (rule.mark.line != 0) note += " (" + placeOf(rule.mark) + ")";
    return note + ": ";
}

void Mapper::noteOnce(const Route& route, const Message& message, MapOutcome& outcome) {
    const CompiledRule& rule = *route.rule;
    const std::size_t kind = rule.index * kRejections + static_cast<std::size_t>(failure_.reason);
    if (noted_[kind]) return;
    noted_[kind] = true;
    std::string why = failure_.text();
    outcome.notes.push_back("rejected{" + std::string{nameOf(failure_.reason)} +
                            "}: " + noteOf(rule, message) + why);
    RejectedSample sample;
    sample.reason = failure_.reason;
    sample.text = std::move(why);
    sample.topic = shortened(message.topic);
    sample.mapping = rule.index + 1;
    if (message.payload) sample.payloadBytes = message.payload->size();
    if (const auto payload = shownPayload(rule, message))
        sample.payload = beginningOf(*payload, kSampleBytesMax);
    outcome.samples.push_back(std::move(sample));
}

void Mapper::noteLeftOut(const CompiledRule& rule, const Message& message, const LeftOut& leftOut,
                         MapOutcome& outcome) {
    for (std::size_t i = 0; i < kRejections; ++i) outcome.leftOut[i] += leftOut.counts[i];
    if (notedLeftOut_[rule.index]) return;
    notedLeftOut_[rule.index] = true;
    const Failure first = rule.redaction ? withoutValues(*leftOut.first) : *leftOut.first;
    outcome.notes.push_back("left out of data: " + noteOf(rule, message) + first.text());
}

}  // namespace sluice
