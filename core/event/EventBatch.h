#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/Position.h"

namespace sluice {

/// Why an event cannot become SSE lines.
enum class EncodeError { None, NotUtf8, BadEventType, BadChannel };

/// Messages of a source with the events that they yielded, encoded once, ready for the hub.
///
/// One thread at a time; kept and reused by its owner, so that a steady flow allocates nothing.
/// Views handed out live until the next `clear` or `add...`.
class EventBatch {
  public:
    struct Message {
        LaneIndex lane = kPlainLane;
        Position position;  // ignored in the plain lane
        std::uint32_t eventsBegin = 0, eventsEnd = 0;
    };
    /// The encoded bytes of one event lie together: key, `event:` line, `data:` lines.
    struct Event {
        std::uint32_t channelsBegin = 0, channelsEnd = 0;  // at least one; each channel once
        std::uint32_t bytesBegin = 0;
        std::uint32_t keyLength = 0;
        std::uint32_t eventLineLength = 0;  // "event: NAME\n", 0 for events without a name
        std::uint32_t dataLinesLength = 0;  // "data: ...\n" once or more
        bool isDeletion = false;            // its key is gone
    };

    void clear();
    /// Begins a message; what is added until the next one are its events, in ordinal order.
    void beginMessage(LaneIndex lane, Position position);
    /// Adds an event of the current message, for all of `channels` (duplicates are dropped).
    /// `type` may be empty (browsers call it "message"). CR, LF and CRLF in `data` start new data
    /// lines. `key` is any bytes; the event deletes it if it is said here, or by its type `delete`.
    /// On an error nothing is added and the message goes on.
    /// REQUIRES: beginMessage was called; channels not empty; the encoded events of a batch stay
    /// below 4 GiB (its owner bounds it).
    EncodeError addEvent(std::span<const std::string_view> channels, std::string_view type,
                         std::string_view key, std::string_view data, bool isDeletion = false);

    bool empty() const { return messages_.empty(); }
    std::span<const Message> messages() const { return messages_; }
    std::span<const Event> events(const Message& message) const;
    std::size_t eventCount() const { return events_.size(); }
    std::string_view channel(std::uint32_t index) const;
    /// Key, event line and data lines of the event.
    std::string_view bytes(const Event& event) const;

  private:
    struct Slice {
        std::uint32_t begin, length;
    };
    bool addChannels(std::span<const std::string_view> channels);
    bool addChannel(std::string_view name, std::size_t begin);

    std::vector<Message> messages_;
    std::vector<Event> events_;
    std::vector<Slice> channels_;
    std::string names_;  // channel names
    std::string bytes_;
};

/// Whether `name` may name a channel: 1 to 255 bytes of UTF-8 without control characters (C0, DEL,
/// C1), `,`, `?`, `#` and braces, not beginning with "sluice.". A name with braces would be the
/// text of a pattern, and who may read that one may not read all that is named like it.
bool isChannelName(std::string_view name);
/// The same of what readers ask for: a name, or a pattern, which has braces.
bool mayNameChannels(std::string_view text);
inline constexpr std::size_t kChannelNameMax = 255;

/// Whether `type` may name an event: UTF-8 without NUL, CR, LF, at most 255 bytes, not beginning
/// with "sluice." (those are ours). Empty is allowed.
bool isEventType(std::string_view type);

/// The data of encoded `data:` lines, its lines joined by LF.
std::string dataOf(std::string_view dataLines);

}  // namespace sluice
