#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sluice {

/// An event that came by POST /publish, checked.
struct PublishedEvent {
    std::vector<std::string> channels;  // names, at least one, each once
    std::string event;                  // may be empty
    std::string key;                    // may be empty
    std::string data;                   // JSON as it was sent, minified, or the text of a string
};

struct PublishOutcome {
    /// NoRoom: some are in no history, and told to readers as lost.
    enum class State : std::uint8_t { Accepted, Rejected, NoRoom, Closing };
    State state = State::Accepted;
    std::size_t accepted = 0;  // all that came before the rejected one
    std::string id;            // of the last event, as a stream of its channels would get it
    std::string reason;        // of Rejected and NoRoom, for people
};

/// Where published events go: the built-in input `http`. Any thread may call; does not wait for
/// readers. What it returns as Accepted is in history.
class Publisher {
  public:
    virtual ~Publisher() = default;
    virtual PublishOutcome publish(std::span<const PublishedEvent> events) = 0;
};

}  // namespace sluice
