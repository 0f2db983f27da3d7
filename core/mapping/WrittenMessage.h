#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/Message.h"

namespace sluice {

/// A message that somebody wrote down, to see what mappings make of it; owns what it holds.
struct WrittenMessage {
    std::string input, topic;
    std::optional<std::string> key, payload;  // no payload: a tombstone
    std::optional<std::int64_t> timeMs;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    std::vector<std::pair<std::string, std::string>> variables;  // of its input, such as qos
    /// Of a source with positions; where only one is given, the other is 0.
    std::optional<std::uint32_t> partition;
    struct Offset {
        Position position;
        Words words = Words::One;
    };
    std::optional<Offset> offset;
};

/// A WrittenMessage as mappings see it; borrows it.
class LentMessage {
  public:
    explicit LentMessage(const WrittenMessage& written);
    LentMessage(const LentMessage&) = delete;
    LentMessage& operator=(const LentMessage&) = delete;

    const Message& message() const { return message_; }

  private:
    std::vector<Message::Header> headers_;
    std::vector<Message::Variable> variables_;
    Message message_;
};

/// A copy of what an input received.
WrittenMessage written(std::string_view input, const Message& message);

/// RFC 3339, or milliseconds since the Unix epoch.
std::optional<std::int64_t> parseMessageTime(std::string_view text);
/// A number, or two with a dash between them as Redis streams count.
std::optional<WrittenMessage::Offset> parseMessageOffset(std::string_view text);

}  // namespace sluice
