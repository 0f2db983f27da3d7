#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "base/Pattern.h"
#include "channel/Hub.h"
#include "input/InputCounters.h"

namespace sluice {

/// What may be published over HTTP.
struct PublishPolicy {
    bool enabled = false;
    std::vector<Pattern> channels;  // separator '/'; empty: all
    std::size_t dataBytesMax = 256u << 10;
};

/// An event that somebody publishes; views are borrowed for the call.
struct PublishItem {
    std::span<const std::string_view> channels;  // at least one
    std::string_view event, key, data;           // event and key may be empty
};

/// The built-in input `http`: events without positions that carry their channels themselves, so
/// no mapping looks at them. Any thread may call; nothing waits for readers.
class PublishInput {
  public:
    struct Outcome {
        enum class State : std::uint8_t { Accepted, Rejected, Closing };
        State state = State::Accepted;
        std::size_t accepted = 0;
        std::string id;        // full id of the last event: what was published before is covered
        std::size_t item = 0;  // Rejected: index of the item that cannot be
        std::string reason;    // Rejected: for people
    };
    /// The name that no configured input may have.
    static constexpr std::string_view kName = "http";

    /// Borrows hub and clock.
    PublishInput(Hub& hub, const Clock& clock, PublishPolicy policy);

    /// Publishes all items in their order, or none of them.
    Outcome publish(std::span<const PublishItem> items);
    /// Nothing is accepted any more.
    void close() noexcept { closed_ = true; }

    /// Whether something may be published to a channel that `channels` matches.
    bool mayFeed(const Pattern& channels) const;
    bool mayPublishTo(std::string_view channel) const;
    bool enabled() const { return policy_.enabled; }
    InputCounts counts() const { return counters_.counts(); }

  private:
    std::string add(const PublishItem& item, EventBatch& batch);
    Outcome reject(std::size_t item, std::string reason);
    std::string refuse(Rejection reason, std::string text);

    Hub& hub_;
    const Clock& clock_;
    const PublishPolicy policy_;
    std::atomic<bool> closed_{false};
    InputCounters counters_;
};

}  // namespace sluice
