#include "Recording.h"

#include <algorithm>

#include "LineReader.h"

namespace sluice::replay {
namespace {

/// The place behind a message.
Position behind(Position position, std::uint32_t words) {
    if (words == 1) return {position.first + 1, 0};
    return {position.first, position.second + 1};
}

[[noreturn]] void refuseSeveral(const Options& options, const std::string& one,
                                const std::string& other) {
    throw RecordingError{options.file + " has several inputs, such as " + one + " and " + other +
                         ": choose one with input:"};
}

[[noreturn]] void refuseNone(const Options& options) {
    throw RecordingError{options.file + (options.input ? " has no input " + *options.input
                                                       : " has no input at all")};
}

}  // namespace

const Recording::LaneFacts* Recording::find(const std::string& family, std::uint32_t lane) const {
    const auto found = lanes.find({family, lane});
    return found == lanes.end() ? nullptr : &found->second;
}

void Recording::learnPlace(const std::string& family, std::uint32_t lane, Position from,
                           Position to) {
    const auto [entry, isNew] = lanes.try_emplace({family, lane});
    LaneFacts& facts = entry->second;
    facts.begin = isNew ? from : std::min(facts.begin, from);
    facts.end = isNew ? to : std::max(facts.end, to);
}

void Recording::learn(const Line& line) {
    switch (line.kind) {
        case Line::Kind::Message:
            if (messages++ == 0) firstMs = line.receivedMs;
            lastMs = std::max(lastMs, line.receivedMs);
            if (!line.lane) return;
            learnPlace(line.family, *line.lane, line.position,
                       behind(line.position, lanes[{line.family, *line.lane}].words));
            return;
        case Line::Kind::Lanes:
            for (std::uint32_t i = 0; i < line.lanes.size(); ++i) {
                const Position start =
                    line.lanes[i].start.value_or(line.lanes[i].low.value_or(Position{}));
                learnPlace(line.family, i, start, start);
                lanes[{line.family, i}].words = line.words;
            }
            return;
        case Line::Kind::At:
        case Line::Kind::Lost:
            if (line.lane) learnPlace(line.family, *line.lane, line.position, line.position);
            return;
        case Line::Kind::Header:
        case Line::Kind::Input:
        case Line::Kind::Health:
            return;
    }
}

std::optional<Recording> Recording::read(const Options& options, const std::atomic<bool>& stop) {
    Recording recording;
    LineReader reader{options.file};
    for (Line line; reader.next(line);) {
        if (stop) return std::nullopt;
        if (options.input && line.input != *options.input) continue;
        if (recording.input.empty()) recording.input = line.input;
        if (line.input != recording.input) refuseSeveral(options, recording.input, line.input);
        if (line.kind == Line::Kind::Message && line.lane &&
            !recording.find(line.family, *line.lane))
            throw RecordingError{options.file + ", line " + std::to_string(reader.number()) +
                                 ": its lane was not declared before"};
        recording.learn(line);
    }
    recording.wasCut = reader.wasCut();
    if (recording.input.empty()) refuseNone(options);
    return recording;
}

void Recording::findLive(const Options& options, std::int64_t sinceMs,
                         const std::atomic<bool>& stop) {
    LineReader reader{options.file};
    for (Line line; !stop && reader.next(line);) {
        if (line.kind != Line::Kind::Message || line.input != input || !line.lane ||
            line.receivedMs < sinceMs)
            continue;
        LaneFacts& facts = lanes[{line.family, *line.lane}];
        if (!facts.live) facts.live = line.position;
    }
}

Head readHead(const Options& options) {
    LineReader reader{options.file};
    for (Line line; reader.next(line);) {
        const bool isMine = !options.input || line.input == *options.input;
        if (line.kind == Line::Kind::Input && isMine) return {line.isPlain, line.positionsOf};
    }
    refuseNone(options);
}

}  // namespace sluice::replay
