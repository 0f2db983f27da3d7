#include "StreamReplays.h"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "PlainLane.h"

namespace sluice::redis {

StreamReplays::StreamReplays(const plugin::Host& host, const Options& options,
                             plugin::ReplayGroup& group)
    : host_(host),
      options_(options),
      group_(group),
      connection_(options, group.stopSignal()),
      writer_(host, options.payloadField) {}

void StreamReplays::run() {
    auto idleAt = Clock::now();
    while (!group_.isStopping()) {
        takeNew();
        if (!lanes_.empty()) {
            readAll();
            idleAt = Clock::now();
        } else if (const auto until = idleAt + kLinger; Clock::now() < until) {
            waitFor(group_.wakeSignal().fd(), POLLIN, group_.stopSignal(), until);
        } else if (group_.end()) {
            return;
        }
    }
}

void StreamReplays::takeNew() {
    std::erase_if(lanes_, [&](const Lane& lane) { return !group_.isOpen(lane.replay.id); });
    if (lanes_.empty()) readAt_ = Clock::now();
    for (plugin::Replay& replay : group_.takeNew()) {
        if (!plugin::isBelow(replay.from, replay.to)) {
            group_.done(replay);
            continue;
        }
        Lane& lane = lanes_.emplace_back();
        lane.to = {replay.to.first, replay.to.second};
        lane.progress.next = {replay.from.first, replay.from.second};
        lane.replay = std::move(replay);
    }
}

/// A page of each.
void StreamReplays::readAll() {
    backOff_.attempt();
    try {
        if (!connection_.isOpen()) connection_.open();
        for (auto lane = lanes_.begin(); lane != lanes_.end();) {
            const bool isOver = !group_.isOpen(lane->replay.id) ||
                                (!group_.isStopping() && readPage(*lane) == Outcome::Ended);
            connection_.forget();
            readAt_ = Clock::now();
            lane = isOver ? lanes_.erase(lane) : std::next(lane);
        }
    } catch (const Failure& failure) {
        batch_.clear();
        failedToRead(failure.fault());
    }
}

void StreamReplays::failedToRead(const Fault& fault) {
    if (Clock::now() - readAt_ < options_.replayTimeout)
        return sleepUntil(Clock::now() + backOff_.next(), group_.stopSignal());
    host_.log(SLUICE_LOG_WARNING, "a replay is given up: " + fault.text);
    for (const Lane& lane : lanes_) group_.fail(lane.replay, lane.progress.next.position());
    lanes_.clear();
}

StreamReplays::Outcome StreamReplays::readPage(Lane& lane) {
    const std::string& key = lane.replay.family;
    const std::size_t count = lane.size.of(1);
    connection_.put({"MULTI"});
    connection_.put(
        {"XREAD", "COUNT", std::to_string(count), "STREAMS", key, lane.progress.next.readBehind()});
    connection_.put({"XINFO", "STREAM", key});
    connection_.put({"EXEC"});
    connection_.flush();
    std::string refusal;
    for (int i = 0; i < 3; ++i)
        if (const Reply& reply = connection_.receive(); reply.kind == Reply::Kind::Error)
            if (refusal.empty()) refusal = reply.text;
    const Reply& all = connection_.receive();
    if (refusal.empty() && all.kind == Reply::Kind::Error) refusal = all.text;
    if (!refusal.empty()) return refused(lane, refusal);
    if (!all.isArray(2)) failToUnderstand();
    for (const Reply& reply : all.items)
        if (reply.kind == Reply::Kind::Error) return refused(lane, std::string(reply.text));
    const auto now = StreamInfo::parse(all.items[1]);
    if (!now) failToUnderstand();
    EntryPage page;
    for (const Reply& stream : all.items[0].items)
        if (!stream.isArray(2) || !page.take(stream.items[1], lane.size.isLeast()))
            failToUnderstand();
    if (page.isCut)
        lane.size.tooMuch();
    else
        lane.size.enough();
    return take(lane, page, *now, page.entries.size() < count && !page.isCut);
}

/// `isLast`: the stream has nothing behind the page.
StreamReplays::Outcome StreamReplays::take(Lane& lane, const EntryPage& page, const StreamInfo& now,
                                           bool isLast) {
    const bool isCounted = now.added != StreamInfo::kUncounted;
    const bool hasAll = isCounted && (lane.progress.next == StreamId{} || now.low() == StreamId{});
    // Nothing lies before it, or nothing was ever taken away: that can be proved from there on.
    if (!std::exchange(lane.hasBegun, true) && hasAll) lane.progress.added = 0;
    const StreamId next = lane.progress.next;
    const Verdict verdict = judge(lane.progress, page.ids, now);
    if (verdict.kind == Verdict::Kind::Reset) {
        group_.reset(lane.replay, next.position());
        return Outcome::Ended;
    }
    if (verdict.kind == Verdict::Kind::Lost &&
        !group_.lost(lane.replay, next.position(), verdict.to.position()))
        return Outcome::Ended;
    if (!send(lane, page)) return Outcome::Ended;
    lane.progress = verdict.after;
    const StreamId reached = isLast ? std::max(lane.progress.next, now.end()) : lane.progress.next;
    if (reached >= lane.to) {
        group_.done(lane.replay);
        return Outcome::Ended;
    }
    if (!isLast) return Outcome::GoesOn;
    group_.reset(lane.replay, lane.progress.next.position());
    return Outcome::Ended;
}

/// What lies before the end of the replay.
bool StreamReplays::send(Lane& lane, const EntryPage& page) {
    const std::string& key = lane.replay.family;
    for (const Entry& entry : page.entries) {
        if (entry.id >= lane.to) break;
        if (entry.kind == Entry::Kind::TooLong) {
            tooLong_.note(host_, "entry " + std::string(entry.idText) + " of " + key);
            if (!push(lane)) return false;
            if (!group_.lost(lane.replay, entry.id.position(), entry.id.next().position()))
                return false;
            continue;
        }
        writer_.add(batch_, key, entry, connection_).lane(key, 0, entry.id.ms, entry.id.seq);
    }
    return push(lane);
}

bool StreamReplays::push(const Lane& lane) {
    return batch_.empty() ? group_.isOpen(lane.replay.id) : group_.push(lane.replay, batch_);
}

/// The server has no such stream, or does not let us read it.
StreamReplays::Outcome StreamReplays::refused(Lane& lane, const std::string& error) {
    const Fault fault = describe(error, options_);
    if (isOfServer(fault)) connection_.fail(fault);
    const sluice_position position = lane.progress.next.position();
    if (error.starts_with("ERR no such key") || fault.code == "wrong-type") {
        group_.reset(lane.replay, position);
    } else {
        host_.log(SLUICE_LOG_WARNING,
                  "a replay of " + lane.replay.family + " is given up: " + fault.text);
        group_.fail(lane.replay, position);
    }
    return Outcome::Ended;
}

void StreamReplays::failToUnderstand() {
    connection_.fail({Fault::Weight::Definite, "protocol",
                      options_.shown + " answered XREAD with something else"});
}

}  // namespace sluice::redis
