#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "channel/ChannelGuard.h"
#include "channel/EventFilter.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "event/Block.h"

namespace sluice {

/// What a stream becomes on the wire: SSE blocks as they come, or one JSON answer (PollBody.h) made
/// of the first turn that has something to say, which ends the stream. FirstEvent: the blocks up to
/// the first event, without `retry:`, or to a ping after as long as a poll waits.
enum class Format : std::uint8_t { Stream, Poll, FirstEvent };

/// What a stream asks for. Streams that ask for equal things share one Subscription.
struct SubscriptionSpec {
    std::vector<std::string> channels;  // names or patterns with captures; sorted, unique
    std::vector<std::string> types;     // only events of these types; empty: all. Sorted, unique
    EventFilterPtr filter;              // only events that it takes; null: all
    ChannelGuardPtr guard;              // which channels the patterns may take; null: all
    bool envelope = false;
    Control control = Control::Events;
    Framing framing = Framing::Chunked;
    // Poll: REQUIRES envelope and Control::Events; FirstEvent: REQUIRES a limit of one event
    Format format = Format::Stream;
    auto operator<=>(const SubscriptionSpec&) const = default;
    bool operator==(const SubscriptionSpec&) const = default;
};

/// Which ids the events of a Subscription carry while live (resume.md section 3).
enum class IdClass : std::uint8_t { Full, FullAtEnd, Short };

/// D(CS): the families that may feed a Subscription, whole, in the order of their hashes. Derived
/// from the lane table and the mappings; made again when either has changed.
struct Feed {
    struct FamilyLanes {
        FamilyIndex family = 0;
        std::uint32_t hash = 0;
        Words words = Words::One;
        std::vector<LaneIndex> lanes;
    };
    struct Slot {
        std::uint32_t family = kNoFamily;  // index into `families`; kNoFamily: not of this Feed
        std::uint32_t lane = 0;            // index into its lanes
    };
    std::uint64_t lanesVersion = 0, originsVersion = 0;
    std::uint64_t remaps = 0;    // HubSnapshot::remaps
    std::size_t lanesKnown = 0;  // of the whole node
    bool plain = false;
    std::vector<FamilyLanes> families;     // ascending by hash; families without lanes are absent
    std::vector<LaneIndex> goneLanes;      // lanes of retired families that fed it
    std::vector<std::string> plainInputs;  // names of the inputs that cannot resume
    std::vector<Slot> slots;               // by LaneIndex
    IdClass idClass = IdClass::Full;

    bool isCurrent(const HubSnapshot& hub, const Origins& origins) const {
        return lanesVersion == hub.lanes->version && originsVersion == origins.version();
    }
    Slot slot(LaneIndex lane) const { return lane < slots.size() ? slots[lane] : Slot{}; }
    /// Whether the lane is in D(CS), also as one of a retired family.
    bool concerns(LaneIndex lane) const;
};

/// Pure; any thread.
Feed makeFeed(const SubscriptionSpec& spec, const HubSnapshot& hub, const Origins& origins);

}  // namespace sluice
