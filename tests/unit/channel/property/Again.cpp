#include <algorithm>
#include <stdexcept>

#include "Connection.h"

/// What sources send again (resume.md section 6), as the input of a node and delivery would do it.
namespace sluice::property {

LaneId Node::laneAt(LaneIndex index) const {
    for (LaneId lane = 1; lane < lanes_.size(); ++lane)
        if (lanes_[lane] && lanes_[lane]->index == index) return lane;
    return kPlain;
}

std::vector<ReplayEvent> Node::mapAgain(LaneId id, const Message& message, const ReplayLog& log) {
    facts_.rules[generation_].events(facts_.topicOf(id), message.payload, masks_);
    const std::vector<ChannelMask> masks = masks_;
    std::vector<ReplayEvent> events;
    for (std::uint32_t ordinal = 0; ordinal < masks.size(); ++ordinal) {
        ReplayEvent event;
        event.place = {message.position, ordinal};
        for (std::size_t i = 0; i < kChannels; ++i)
            if ((masks[ordinal] >> i & 1) && log.isFor(channelName(i)))
                event.channels.push_back(channelName(i));
        if (event.channels.empty()) continue;
        const std::string_view type = kTypes[typeOf(message.uid, ordinal)];
        if (!type.empty()) event.bytes = "event: " + std::string{type} + "\n";
        event.eventLineLength = static_cast<std::uint32_t>(event.bytes.size());
        std::string data = noteEvent(id, message, event.place);
        const std::size_t line = data.find('\n');
        if (line != std::string::npos) data.replace(line, 1, "\ndata: ");
        event.bytes += "data: " + data + "\n";
        events.push_back(std::move(event));
    }
    return events;
}

bool Node::sendAgain(ReplayLog& log, std::uint32_t leg, const ReplayLeg& wanted,
                     std::size_t count) {
    const ReplayLog::Producer producer;
    const LaneId id = laneAt(wanted.lane);
    if (id == kPlain || !facts_.atSource(id)) {
        log.end(leg, ReplayItem::Kind::Reset);
        return false;
    }
    const SourceLane& lane = facts_.lanes[id];
    for (; count > 0 && !log.hasEnded(leg); --count) {
        const Position at = log.position(leg).position;
        if (at < lane.low) {
            log.expired(leg, lane.low, producer);
            continue;
        }
        const Message* const end = lane.kept.data() + lane.kept.size();
        const Message* const next = lane.kept.empty() ? end : firstFrom(lane.kept, at);
        if (next != end && next->position < wanted.to.position) {
            log.append(leg, positionAfter(next->position, lane.words), mapAgain(id, *next, log),
                       producer);
        } else if (lane.end < wanted.to.position) {
            log.end(leg, ReplayItem::Kind::Reset);
        } else {
            log.reached(leg, wanted.to.position, producer);
        }
    }
    return !log.hasEnded(leg);
}

/// The sources send a part of what was asked for.
void Connection::feedReplay(Random& random, Pace pace) {
    if (!replay_) return;
    for (Leg& leg : legs_) {
        if (leg.hasEnded || (pace == Pace::Restless && !random.chance(70))) continue;
        if (pace == Pace::Restless && random.chance(3)) {
            replay_->log()->end(leg.number, ReplayItem::Kind::Failed);
            leg.hasEnded = true;
            continue;
        }
        const std::size_t count = pace == Pace::Calm ? 1'000'000 : random.between(1, 3);
        leg.hasEnded = !node_.sendAgain(*replay_->log(), leg.number, leg.wanted, count);
    }
    wantsTurn_ = wantsTurn_ || replay_->hasNews();
}

/// What the turn wants of its sources.
void Connection::goOnReplaying(Random& random, Pace pace) {
    if (replay_) replay_->release(out_.replayed);
    if (out_.dropsReplay || stream_.isLive()) dropReplay();
    for (const ReplayLeg& wanted : out_.wants) {
        if (pace == Pace::Restless && random.chance(10)) {
            stream_.refuseReplay(wanted.lane,
                                 random.chance(50) ? GapReason::Busy : GapReason::Evicted);
            wantsTurn_ = true;
            continue;
        }
        if (!replay_) {
            const auto log = std::make_shared<ReplayLog>(1, spec_.channels, ReplayLog::Bounds{});
            replay_ = ReplayReader::attach(log, nullptr);
        }
        legs_.push_back({replay_->log()->addLeg(wanted), wanted, false});
    }
}

void Connection::dropReplay() {
    replay_.reset();
    legs_.clear();
}

}  // namespace sluice::property
