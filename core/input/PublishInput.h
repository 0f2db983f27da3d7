#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "base/Pattern.h"
#include "channel/Hub.h"
#include "input/InputCounters.h"
#include "input/MappingsInForce.h"
#include "input/RejectedSamples.h"

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

/// The built-in input `http`: what is published has no position and names its channels itself.
/// Where a mapping takes such a channel as its topic (`from: http:...`), what the mappings make of
/// it takes its place; all other channels get the event as it is. Any thread may call; nothing
/// waits for readers.
class PublishInput {
  public:
    struct Outcome {
        enum class State : std::uint8_t { Accepted, Rejected, NoRoom, Closing };
        State state = State::Accepted;
        std::size_t accepted = 0;
        std::string id;  // full id of the last event: what was published before is covered; empty
                         // where all were filtered
        std::size_t item = 0;  // Rejected: index of the item that cannot be
        std::string reason;    // Rejected, NoRoom: for people
    };
    /// The name that no configured input may have.
    static constexpr std::string_view kName = "http";

    /// Borrows hub, mappings and clock.
    PublishInput(Hub& hub, MappingsInForce& mappings, const Clock& clock, PublishPolicy policy);

    /// Publishes all items in their order, or none of them: one that the mappings reject, and keep
    /// nowhere, is refused. NoRoom: some of their events went to no channel, since no more may be;
    /// their readers are told that they are lost.
    Outcome publish(std::span<const PublishItem> items);
    /// Puts another policy in force, for what is published from now on.
    void setPolicy(PublishPolicy policy);
    /// Nothing is accepted any more.
    void close() noexcept { closed_ = true; }

    /// Whether something may be published to a channel that `channels` matches, or might at any
    /// time since the start.
    bool mayFeed(const Pattern& channels) const;
    /// Whether anything may be published, or might at any time since the start.
    bool enabled() const;
    InputCounts counts() const { return counters_.counts(); }
    /// The last sample of each reason for which a mapping rejected what was published.
    std::vector<RejectedSample> samples() const { return samples_.all(); }

  private:
    struct Scratch;

    static Scratch& scratch();
    std::shared_ptr<const PublishPolicy> policy() const;
    void enter(const PublishPolicy& policy);
    std::string add(const PublishItem& item, Scratch& scratch);
    std::string addDirect(const PublishItem& item, Scratch& scratch);
    std::string addMapped(const PublishItem& item, std::string_view topic, Scratch& scratch);
    void showDirect(const PublishItem& item, std::size_t first, const Scratch& scratch);
    Outcome publishBatch(const Scratch& scratch);
    Outcome reject(std::size_t item, std::string reason);
    std::string refuse(Rejection reason, std::string text);

    Hub& hub_;
    MappingsInForce& mappings_;
    const Clock& clock_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::shared_ptr<const PublishPolicy> policy_;  // shared with those that publish
    PublishPolicy ever_;  // what it allows, some policy since the start did

    std::atomic<bool> closed_{false};
    InputCounters counters_;
    RejectedSamples samples_;
};

}  // namespace sluice
