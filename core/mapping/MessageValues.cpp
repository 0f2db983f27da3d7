#include "mapping/MessageValues.h"

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "expression/Collections.h"
#include "expression/Json.h"
#include "expression/Time.h"

namespace sluice {
namespace {

using cel::Kind;
using cel::Value;
using RefKind = MessageReference::Kind;

/// Of several headers the last one counts, as with Kafka.
const std::string_view* findHeader(const Message& message, std::string_view name) {
    const std::string_view* found = nullptr;
    for (const Message::Header& header : message.headers)
        if (header.name == name) found = header.value ? &*header.value : nullptr;
    return found;
}

const std::string_view* findVariable(const Message& message, std::string_view name) {
    for (const Message::Variable& variable : message.variables)
        if (variable.name == name) return &variable.value;
    return nullptr;
}

/// Brokers carry bytes: what is no text is bytes.
Value textOrBytes(std::string_view text) {
    return isUtf8(text) ? Value::ofString(text) : Value::ofBytes(text);
}

/// Variables of an input come as text; those that are known to be more are read as that.
Value variableValue(std::string_view name, std::string_view text) {
    const bool isFlag = name == "retained" || name == "duplicate";
    if (isFlag && (text == "true" || text == "false")) return Value::ofBool(text == "true");
    const bool isNumber = name == "qos" || name == "frames";
    if (isNumber && !text.empty() && text.size() < 10 &&
        text.find_first_not_of("0123456789") == std::string_view::npos)
        return Value::ofInt(std::stoi(std::string{text}));
    return textOrBytes(text);
}

Value timeValue(const std::optional<std::int64_t>& timeMs) {
    if (!timeMs) return Value::missing();
    const std::int64_t ms = (*timeMs % 1'000 + 1'000) % 1'000;
    const std::int64_t seconds = (*timeMs - ms) / 1'000;
    const auto time = cel::timestampOf(seconds, ms * 1'000'000);
    return time ? Value::ofTimestamp(*time) : Value::missing();
}

Value wordValue(std::uint64_t word) {
    return word <= INT64_MAX ? Value::ofInt(static_cast<std::int64_t>(word)) : Value::ofUint(word);
}

const cel::ErrorText kFull{
    cel::Failure::Limit, "the values of the message need too much memory", {}, 0, 0};

}  // namespace

void MessageValues::begin(const Message& message, PayloadFormat format, const PathTree& tree) {
    message_ = &message;
    format_ = format;
    tree_ = &tree;
    isLoaded_ = false;
    isNotUtf8_ = false;
}

void MessageValues::enter(const std::vector<MessageReference>& references,
                          const Pattern::Captures& captures) {
    references_ = &references;
    captures_ = &captures;
    redaction_ = nullptr;
    hasLooked_ = false;
}

Value MessageValues::value(std::uint32_t id, cel::Arena& arena) const {
    const MessageReference& reference = (*references_)[id];
    switch (reference.kind) {
        case RefKind::Payload:
            return payloadValue(id, arena);
        case RefKind::Headers:
            return headers(arena);
        case RefKind::Time:
            return timeValue(message_->timeMs);
        case RefKind::Partition:
            return message_->lane == kPlainLane ? Value::missing()
                                                : Value::ofInt(message_->laneOfFamily);
        case RefKind::Offset:
            return offset(arena);
        case RefKind::Variable: {
            const std::string_view* const text = plainText(reference);
            return text ? variableValue(reference.name, *text) : Value::missing();
        }
        default: {
            const std::string_view* const text = plainText(reference);
            return text ? textOrBytes(*text) : Value::missing();
        }
    }
}

Kind MessageValues::kind(std::uint32_t id) const {
    const MessageReference& reference = (*references_)[id];
    if (reference.kind == RefKind::Headers) return Kind::Map;
    if (reference.kind == RefKind::Payload && format_ == PayloadFormat::Json && message_->payload &&
        !redactionOf(id))
        return isOpen() ? payload_.kind(reference.index) : Kind::Error;
    cel::Arena scratch;
    return value(id, scratch).kind();
}

const std::string_view* MessageValues::plainText(const MessageReference& reference) const {
    switch (reference.kind) {
        case RefKind::Capture:
            return &(*captures_)[reference.index];
        case RefKind::Topic:
            return &message_->topic;
        case RefKind::Key:
            return message_->key ? &*message_->key : nullptr;
        case RefKind::Header:
            return findHeader(*message_, reference.name);
        case RefKind::Variable:
            return findVariable(*message_, reference.name);
        default:
            return nullptr;
    }
}

std::optional<std::string_view> MessageValues::text(std::uint32_t id) const {
    const std::string_view* const found = plainText((*references_)[id]);
    return found ? std::optional{*found} : std::nullopt;
}

Value MessageValues::offset(cel::Arena& arena) const {
    if (message_->lane == kPlainLane) return Value::missing();
    if (message_->words == Words::One) return wordValue(message_->position.first);
    const std::string text =
        std::to_string(message_->position.first) + '-' + std::to_string(message_->position.second);
    std::string_view kept;
    return arena.copy(text, kept) ? Value::ofString(kept) : Value::error(&kFull);
}

Value MessageValues::headers(cel::Arena& arena) const {
    cel::MapBuilder builder{arena, message_->headers.size()};
    for (const Message::Header& header : message_->headers)
        builder.set(Value::ofString(header.name),
                    header.value ? textOrBytes(*header.value) : Value::null());
    const cel::Map* const map = builder.finish();
    return map ? Value::ofMap(map) : Value::error(&kFull);
}

// -- payload

bool MessageValues::isOpen() const {
    hasLooked_ = true;
    if (!isLoaded_) {
        isLoaded_ = true;
        payload_.load(*message_->payload, *tree_);
    }
    return payload_.problem().empty();
}

Value MessageValues::payloadValue(std::uint32_t id, cel::Arena& arena) const {
    const SlotId slot = (*references_)[id].index;
    if (!message_->payload) {
        const bool isWhole =
            format_ != PayloadFormat::Json || tree_->slotAt(PathTree::kRoot) == slot;
        return isWhole ? Value::null() : Value::missing();
    }
    if (format_ != PayloadFormat::Json) return wholeText();
    if (!isOpen()) return Value::missing();
    const Redaction* const redaction = redactionOf(id);
    return redaction ? redactedValue(slot, *redaction, arena) : payload_.value(slot, arena);
}

Value MessageValues::wholeText() const {
    const std::string_view text = *message_->payload;
    if (format_ == PayloadFormat::Raw) return Value::ofBytes(text);
    hasLooked_ = true;
    isNotUtf8_ = !isUtf8(text);
    return isNotUtf8_ ? Value::missing() : Value::ofString(text);
}

const Redaction* MessageValues::redactionOf(std::uint32_t id) const {
    if (!redaction_) return nullptr;
    const Redaction& found = redaction_->byReference[id];
    return found.empty() ? nullptr : &found;
}

Value MessageValues::redactedValue(SlotId slot, const Redaction& redaction,
                                   cel::Arena& arena) const {
    const std::optional<std::string_view> raw = payload_.raw(slot);
    if (!raw) return Value::missing();
    buffer_.clear();
    redaction.write(*raw, buffer_);
    std::string_view kept;
    return arena.copy(buffer_, kept) ? cel::parseJson(kept, arena) : Value::error(&kFull);
}

std::optional<std::string_view> MessageValues::json(std::uint32_t id, std::string& buffer) const {
    const MessageReference& reference = (*references_)[id];
    if (reference.kind != RefKind::Payload || format_ != PayloadFormat::Json ||
        !message_->payload || !isOpen())
        return std::nullopt;
    const Redaction* const redaction = redactionOf(id);
    if (!redaction) return payload_.raw(reference.index);
    const std::optional<std::string_view> raw = payload_.raw(reference.index);
    if (!raw) return raw;
    buffer.clear();
    redaction->write(*raw, buffer);
    return buffer;
}

std::optional<std::string_view> MessageValues::redactedPayload(const Redaction& redaction,
                                                               std::string& buffer) const {
    if (!isOpen()) return std::nullopt;
    const std::optional<std::string_view> raw = payload_.raw(tree_->slotAt(PathTree::kRoot));
    if (!raw) return raw;
    buffer.clear();
    redaction.write(*raw, buffer);
    return buffer;
}

std::optional<Failure> MessageValues::payloadFailure() const {
    if (!hasLooked_) return std::nullopt;
    if (isNotUtf8_) return Failure{Rejection::NotUtf8, {}, {}, {}};
    if (!isLoaded_ || payload_.problem().empty()) return std::nullopt;
    return Failure{Rejection::NotJson, {}, {}, payload_.problem()};
}

}  // namespace sluice
