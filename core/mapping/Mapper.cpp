#include "mapping/Mapper.h"

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "expression/Base64.h"

namespace sluice {
namespace {

constexpr std::string_view kTombstoneEvent = "delete";

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

std::size_t indexOf(Rejection reason) {
    return static_cast<std::size_t>(reason);
}

}  // namespace

Mapper::Mapper(std::shared_ptr<const MappingTable> table, std::string input)
    : table_{std::move(table)},
      input_{std::move(input)},
      ofInput_{table_->ofInput(input_)},
      noted_(table_->rules().size() * kRejections),
      notedLeftOut_(table_->rules().size()) {}

void Mapper::map(const Message& message, EventBatch& batch, MapOutcome& outcome) {
    batch.beginMessage(message.lane, message.position);
    const Plan& plan = planFor(message.topic);
    if (!plan.isTaken) return unmatched(message, outcome);
    if (outcome.eventsByRule.size() < table_->rules().size())
        outcome.eventsByRule.resize(table_->rules().size());
    if (plan.evaluates) {
        if (arena_.bytesHeld() > kArenaBytesKept) arena_ = cel::Arena{};
        arena_.reset();
        values_.begin(message, ofInput_->format, *plan.tree);
    }
    std::uint64_t events = 0;
    std::optional<Rejection> rejected;
    for (const Route& route : plan.routes) {
        Applied applied = apply(route, message, batch, outcome);
        if (applied == Applied::Failed) {
            hideFailure(*route.rule);
            ++outcome.rejectedEvents[indexOf(failure_.reason)];
            noteOnce(route, message, outcome);
            const Rejection reason = failure_.reason;
            if (recover(route, message, batch, outcome))
                applied = Applied::Event;
            else if (!rejected)
                rejected = reason;
            hideFailure(*route.rule);  // that of recovering
        }
        if (applied != Applied::Event) continue;
        ++outcome.eventsByRule[route.rule->index];
        ++events;
    }
    if (events > 0)
        ++outcome.mapped;
    else if (rejected)
        ++outcome.rejected[indexOf(*rejected)];
    else
        ++outcome.filtered;
}

Mapper::Applied Mapper::fail(const Failure& failure) {
    failure_ = failure;
    return Applied::Failed;
}

Mapper::Applied Mapper::apply(const Route& route, const Message& message, EventBatch& batch,
                              MapOutcome& outcome) {
    const CompiledRule& rule = *route.rule;
    if (message.payload && message.payload->size() > table_->payloadBytesMax())
        return fail({Rejection::TooLarge, {}, {}, {}});
    if (!rule.references.empty() || rule.redaction) values_.enter(rule.references, route.captures);
    if (route.asksWhen)
        if (const std::optional<Applied> answer = ask(route, message)) return *answer;
    Parts parts;
    const bool isMade = name(route, message, parts) && makeData(rule, message, parts, outcome);
    if (!rule.slots.empty())
        if (const auto broken = values_.payloadFailure()) return fail(*broken);
    return isMade && add(parts, batch) ? Applied::Event : Applied::Failed;
}

/// Whether `when` lets the message pass: nothing if it does.
std::optional<Mapper::Applied> Mapper::ask(const Route& route, const Message& message) {
    const CompiledRule& rule = *route.rule;
    const cel::Value answer = rule.when->evaluate(values_, arena_);
    if (const auto broken = values_.payloadFailure()) return fail(*broken);
    if (answer.isTrue()) return std::nullopt;
    if (answer.isFalse()) return Applied::Filtered;
    if (!message.payload && rule.whenLooksInside) return std::nullopt;
    if (answer.isError()) return fail(failureOf(answer, "when", rule.when->text()));
    return fail({Rejection::BadValue, "when", rule.when->text(), "it is neither true nor false"});
}

/// Channel, event and key.
bool Mapper::name(const Route& route, const Message& message, Parts& parts) {
    const CompiledRule& rule = *route.rule;
    if (!route.channel && !render("channel", rule.channel, channel_)) return false;
    parts.channel = route.channel ? *route.channel : channel_;
    const bool isDelete = !message.payload && rule.event.looksInside();
    if (!route.event && !isDelete && !render("event", rule.event, event_)) return false;
    if (!isDelete) parts.event = route.event ? *route.event : event_;
    if (!message.payload && parts.event.empty()) parts.event = kTombstoneEvent;
    parts.isDeletion = !message.payload;
    const bool isOwnKey = !rule.key || (!message.payload && rule.key->looksInside());
    if (!isOwnKey && !render("key", *rule.key, key_)) return false;
    parts.key = isOwnKey ? message.key.value_or(std::string_view{}) : std::string_view{key_};
    return true;
}

bool Mapper::render(const char* field, const Template& text, std::string& out) {
    out.clear();
    const std::optional<Failure> failure = text.render(values_, arena_, out);
    if (!failure) return true;
    failure_ = *failure;
    failure_.field = field;
    if (failure_.reason == Rejection::BadChannel) failure_.value = out;
    return false;
}

bool Mapper::makeData(const CompiledRule& rule, const Message& message, Parts& parts,
                      MapOutcome& outcome) {
    if (!message.payload && (!rule.data || rule.data->looksInside())) {
        parts.data = tombstone(message, parts);
        return true;
    }
    if (!rule.data) {
        const std::optional<std::string_view> payload = payloadOf(rule, message);
        if (payload) parts.data = *payload;
        return payload.has_value();
    }
    if (rule.redaction) values_.hide(&*rule.redaction);
    LeftOut leftOut;
    const std::size_t bytesMax = kDataGrowthMax * table_->payloadBytesMax();
    const auto failure = rule.data->render(values_, arena_, bytesMax, data_, leftOut);
    if (leftOut.first) noteLeftOut(rule, message, leftOut, outcome);
    if (failure) fail(*failure);
    parts.data = data_;
    return !failure;
}

/// The payload as it passes.
std::optional<std::string_view> Mapper::payloadOf(const CompiledRule& rule,
                                                  const Message& message) {
    if (rule.redaction) return values_.redactedPayload(rule.redaction->whole, data_);
    if (ofInput_->format != PayloadFormat::Raw || isUtf8(*message.payload)) return message.payload;
    data_ = cel::base64(*message.payload);
    return data_;
}

bool Mapper::add(const Parts& parts, EventBatch& batch) {
    const EncodeError error =
        batch.addEvent({&parts.channel, 1}, parts.event, parts.key, parts.data, parts.isDeletion);
    if (error == EncodeError::None) return true;
    const Rejection reason = reasonOf(error);
    fail({reason, {}, reason == Rejection::BadEvent ? parts.event : parts.channel, {}});
    return false;
}

std::string_view Mapper::tombstone(const Message& message, const Parts& parts) {
    data_ = R"({"key":)";
    if (message.key || !parts.key.empty())
        appendJsonString(data_, parts.key);
    else
        data_ += "null";
    data_ += '}';
    return data_;
}

}  // namespace sluice
