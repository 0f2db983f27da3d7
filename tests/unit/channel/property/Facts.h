#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "event/Position.h"
#include "support/ManualClock.h"

/// What is true in a schedule, whatever the nodes make of it: the sources with everything they ever
/// had, the mappings, and every event that any node made. Nodes read it, the oracle judges by it.
namespace sluice::property {

/// What a client saw contradicts resume.md.
class Violation : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

using ChannelMask = std::uint32_t;  // one bit per channel
using LaneId = std::uint32_t;       // of a lane of a source, unique in the schedule
using Topic = std::uint32_t;        // what the mappings see of a family; 0: plain
inline constexpr LaneId kPlain = 0;
inline constexpr std::size_t kChannels = 4;

/// The pattern that takes all channels.
inline constexpr std::string_view kAllChannels = "c/{any}";
std::string channelName(std::size_t index);
/// Own arithmetic, so that a wrong `next` of core is seen.
Position positionAfter(Position position, Words words);

struct Message {
    Position position;
    std::uint32_t payload = 0;
    std::uint32_t uid = 0;
    bool compacted = false;  // the source may have dropped it before anyone read it
};

struct SourceLane {
    std::uint32_t family = 0;
    std::uint32_t index = 0;
    Words words = Words::One;
    std::vector<Message> kept;   // what a reader gets
    std::vector<Message> truth;  // all there ever was in this incarnation
    Position low, end;
    std::uint32_t incarnation = 0;
};

struct SourceFamily {
    Topic topic = 0;
    std::string name;  // "f1~0": one per incarnation where the source gives it
    std::uint32_t hash = 0;
    Words words = Words::One;
    bool incarnationKnown = false;
    bool gone = false;
    std::vector<LaneId> lanes;
};

/// One event as one node made it.
struct MadeEvent {
    LaneId lane = kPlain;
    Place place;
    std::uint32_t uid = 0;
    std::uint32_t run = 0;  // which node since which start
    std::uint32_t generation = 0;
};

/// An event or a loss in the plain lane of one run of a node.
struct PlainFact {
    std::uint64_t seq = 0;
    ChannelMask channels = 0;  // 0: a loss, to be told to all whom plain may feed
    std::uint32_t uid = 0;
};

/// One run of a node, from start to restart.
struct Run {
    std::string epoch;
    ChannelMask plainFeeds = 0;
    std::vector<PlainFact> plain;  // ascending by seq
};

/// Per topic a list of rules; a rule gives a payload a set of channels or nothing. All that match
/// apply, in order.
class Rules {
  public:
    using Rule = std::vector<ChannelMask>;  // by payload
    std::vector<std::vector<Rule>> byTopic;

    /// The events of a message, in ordinal order.
    void events(Topic topic, std::uint32_t payload, std::vector<ChannelMask>& out) const {
        out.clear();
        for (const Rule& rule : byTopic[topic])
            if (const ChannelMask channels = rule[payload % rule.size()]) out.push_back(channels);
    }
    ChannelMask feeds(Topic topic) const {
        ChannelMask all = 0;
        for (const Rule& rule : byTopic[topic])
            for (const ChannelMask channels : rule) all |= channels;
        return all;
    }
};

/// The type of an event: an index into kTypes.
inline constexpr std::string_view kTypes[] = {"", "red", "blue"};
inline std::uint32_t typeOf(std::uint32_t uid, std::uint32_t ordinal) {
    return (uid * 7 + ordinal) % 3;
}

/// The first message at or behind the position. REQUIRES: there are messages.
const Message* firstFrom(const std::vector<Message>& messages, Position position);

struct Facts {
    ManualClock clock;
    std::vector<SourceFamily> families;
    std::vector<SourceLane> lanes{SourceLane{}};  // by LaneId; [kPlain] is no source
    std::vector<Rules> rules;                     // by generation of the mappings
    std::vector<MadeEvent> events;
    std::vector<Run> runs;
    std::uint32_t messages = 0;
    std::size_t channels = 1;
    bool plain = false;

    Topic topicOf(LaneId lane) const {
        return lane == kPlain ? 0 : families[lanes[lane].family].topic;
    }
    const SourceFamily* family(std::uint32_t hash) const {
        for (const SourceFamily& one : families)
            if (one.hash == hash) return &one;
        return nullptr;
    }
    bool atSource(LaneId lane) const { return !families[lanes[lane].family].gone; }
    bool mayRepeatMappings() const { return rules.size() > 1; }
};

}  // namespace sluice::property
