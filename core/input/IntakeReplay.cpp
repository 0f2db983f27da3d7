#include <algorithm>

#include "input/IntakeScratch.h"

/// What a source sends again: mapped as ever, for the streams that asked for it only.
namespace sluice {

std::string Intake::mapAgain(const sluice_message* messages, std::size_t count, const Again& again,
                             bool& wants) {
    std::string broken = checkShape(messages, count);
    if (!broken.empty()) return broken;
    Position from = again.from;
    for (std::size_t i = 0; i < count; ++i) {
        const sluice_message& given = messageAt(messages, i);
        const bool isOfLane =
            has(given, SLUICE_MESSAGE_HAS_LANE) && given.lane.index == again.index &&
            viewOf(given.lane.family) == again.family && viewOf(given.topic) == again.family;
        if (!isOfLane) return "pushed a message of another lane into a replay";
        const Position position = positionOf(given.position);
        if (again.words == Words::One && position.second != 0)
            return "pushed a position of two words into a replay";
        if (position < from) return "pushed a message into a replay that stands behind it";
        from = sluice::next(position, again.words);
    }
    Scratch& scratch = Intake::scratch();
    for (std::size_t i = 0; i < count && wants; ++i) {
        const sluice_message& given = messageAt(messages, i);
        if (positionOf(given.position) >= again.to) break;
        std::vector<ReplayEvent> events;
        mapMessageAgain(given, again, scratch, events);
        wants =
            again.take(sluice::next(positionOf(given.position), again.words), std::move(events));
    }
    return {};
}

/// The mappings are held for one message only: whoever takes its events may wait for long.
void Intake::mapMessageAgain(const sluice_message& given, const Again& again, Scratch& scratch,
                             std::vector<ReplayEvent>& events) {
    const MappingsInForce::Hold hold = mappings_.hold();
    scratch.begin(*this, hold.table());
    scratch.families.assign(1, nullptr);
    scratch.lanes.assign(1, nullptr);
    Message message = scratch.converted(given, 0);
    message.lane = again.lane;
    message.words = again.words;
    message.laneOfFamily = again.index;
    message.position = positionOf(given.position);
    scratch.mapper->map(message, scratch.batch, scratch.outcome);
    const std::int64_t timeMs = message.timeMs.value_or(clock_.wallMs());
    const EventBatch& batch = scratch.batch;
    std::uint32_t ordinal = 0;
    for (const EventBatch::Event& event : batch.events(batch.messages().front())) {
        ReplayEvent made;
        made.place = {message.position, ordinal++};
        for (std::uint32_t c = event.channelsBegin; c < event.channelsEnd; ++c)
            if (again.log.isFor(batch.channel(c))) made.channels.emplace_back(batch.channel(c));
        if (made.channels.empty()) continue;
        std::sort(made.channels.begin(), made.channels.end());
        made.bytes = batch.bytes(event);
        made.keyLength = event.keyLength;
        made.eventLineLength = event.eventLineLength;
        made.timeMs = timeMs;
        events.push_back(std::move(made));
    }
}

}  // namespace sluice
