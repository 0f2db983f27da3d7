#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

#include "Connection.h"
#include "Reply.h"
#include "StreamInfo.h"

namespace sluice::redis {

/// One entry of a stream, as XREAD and its like give it.
struct Entry {
    enum class Kind {
        Whole,
        TooLong,  // some field is: it can never be read
        Dropped,  // the reply was too large: ask for fewer
        Deleted   // of a group's pending entries: it is not in the stream any more
    };
    Kind kind = Kind::Whole;
    StreamId id;
    std::string_view idText;
    std::span<const Reply> fields;  // name, value, name, value ...

    /// Absent: it is no entry.
    static std::optional<Entry> parse(const Reply& reply);
};

/// Writes a line of the log about what is longer than messageBytesMax, now and then. One thread.
class TooLongLog {
  public:
    void note(const plugin::Host& host, const std::string& what);

    static constexpr std::chrono::seconds kPause{60};

  private:
    std::optional<std::chrono::steady_clock::time_point> at_;
};

/// Makes messages of entries.
class EntryWriter {
  public:
    /// `payloadField` empty: the payload is the JSON object of all fields.
    EntryWriter(const plugin::Host& host, std::string_view payloadField)
        : host_(host), payloadField_(payloadField) {}

    /// Adds the entry; what it refers to lives in the replies of `memory`.
    /// REQUIRES: the entry is Whole.
    plugin::Batch::Message add(plugin::Batch& batch, const std::string& key, const Entry& entry,
                               Connection& memory);

  private:
    void addOneField(plugin::Batch::Message& message, const std::string& key, const Entry& entry);

    // constant after construction
    const plugin::Host& host_;
    const std::string payloadField_;

    std::string json_;
    bool hasWarned_ = false;
};

}  // namespace sluice::redis
