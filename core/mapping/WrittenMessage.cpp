#include "mapping/WrittenMessage.h"

#include <charconv>

#include "expression/Time.h"

namespace sluice {
namespace {

/// The lane of messages with a position: which one does not matter where there is no log.
constexpr LaneIndex kSomeLane = kPlainLane + 1;

template <typename Number>
std::optional<Number> parseWhole(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

LentMessage::LentMessage(const WrittenMessage& written) {
    for (const auto& [name, value] : written.headers) {
        Message::Header& header = headers_.emplace_back();
        header.name = name;
        if (value) header.value = *value;
    }
    for (const auto& [name, value] : written.variables) variables_.push_back({name, value});
    message_.topic = written.topic;
    if (written.key) message_.key = *written.key;
    if (written.payload) message_.payload = *written.payload;
    message_.timeMs = written.timeMs;
    message_.headers = headers_;
    message_.variables = variables_;
    if (!written.partition && !written.offset) return;
    message_.lane = kSomeLane;
    message_.laneOfFamily = written.partition.value_or(0);
    if (!written.offset) return;
    message_.position = written.offset->position;
    message_.words = written.offset->words;
}

WrittenMessage written(std::string_view input, const Message& message) {
    WrittenMessage copy;
    copy.input = input;
    copy.topic = message.topic;
    if (message.key) copy.key = *message.key;
    if (message.payload) copy.payload = *message.payload;
    copy.timeMs = message.timeMs;
    for (const Message::Header& header : message.headers) {
        std::optional<std::string> value;
        if (header.value) value = *header.value;
        copy.headers.emplace_back(header.name, std::move(value));
    }
    for (const Message::Variable& variable : message.variables)
        copy.variables.emplace_back(variable.name, variable.value);
    if (message.lane == kPlainLane) return copy;
    copy.partition = message.laneOfFamily;
    copy.offset = {message.position, message.words};
    return copy;
}

std::optional<std::int64_t> parseMessageTime(std::string_view text) {
    if (const auto ms = parseWhole<std::int64_t>(text)) return ms;
    const std::optional<cel::Timestamp> time = cel::parseTimestamp(text);
    if (!time) return std::nullopt;
    return time->seconds * 1'000 + time->nanos / 1'000'000;
}

std::optional<WrittenMessage::Offset> parseMessageOffset(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = parseWhole<std::uint64_t>(text.substr(0, dash));
    if (!first) return std::nullopt;
    if (dash == std::string_view::npos) return WrittenMessage::Offset{{*first, 0}, Words::One};
    const auto second = parseWhole<std::uint64_t>(text.substr(dash + 1));
    if (!second) return std::nullopt;
    return WrittenMessage::Offset{{*first, *second}, Words::Two};
}

}  // namespace sluice
