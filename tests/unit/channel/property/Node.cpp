#include "Node.h"

#include <algorithm>

namespace sluice::property {
namespace {

std::string epochOf(std::uint32_t node, std::uint32_t start) {
    std::string text = "bbbbbbbb";
    text[0] = static_cast<char>('b' + node);
    for (std::size_t i = 7; start > 0; --i, start /= 24)
        text[i] = static_cast<char>('b' + start % 24);
    return text;
}

Epoch toEpoch(const std::string& text) {
    Epoch epoch;
    std::copy_n(text.begin(), epoch.size(), epoch.begin());
    return epoch;
}

std::uint16_t codeOf(std::uint32_t generation) {
    return static_cast<std::uint16_t>(0x1001 + generation * 0x111);
}

ChannelMask maskOf(const Pattern& pattern) {
    ChannelMask mask = 0;
    for (std::size_t i = 0; i < kChannels; ++i)
        if (pattern.matches(channelName(i))) mask |= 1u << i;
    return mask;
}

}  // namespace

Node::Node(Facts& facts, const NodeOptions& options, Random& random)
    : facts_{facts}, options_{options}, loops_(options.loops) {
    restart(random);
}

bool Node::takeWoken(LoopIndex loop) {
    return std::exchange(loops_[loop].woken, false);
}

/// With a journal a node goes on as what it was.
void Node::restart(Random& random) {
    const bool goesOn = journal_ != nullptr;
    if (!goesOn) startRun();
    hub_.reset();
    if (journal_)
        hub_ = std::make_unique<Hub>(options_.hub, facts_.clock, journal_.get());
    else
        hub_ = std::make_unique<Hub>(options_.hub, facts_.clock, toEpoch(facts_.runs[run_].epoch));
    hub_->remapped(codeOf(generation_));
    generations_ = 1u << generation_;
    ++version_;
    facts_.runs[run_].plainFeeds = fedSinceStart(0);
    for (LoopFlag& loop : loops_) {
        loop.woken = false;
        hub_->addLoop(loop);
    }
    for (std::uint32_t i = 0; i < facts_.families.size(); ++i)
        if (!facts_.families[i].gone) enter(facts_.families[i], i, random);
}

void Node::startRun() {
    Run run;
    run.epoch = epochOf(options_.index, ++starts_);
    if (options_.isJournalled)
        journal_ = std::make_unique<MemoryJournal>(toEpoch(run.epoch), options_.keptChannels);
    run_ = static_cast<std::uint32_t>(facts_.runs.size());
    facts_.runs.push_back(std::move(run));
    lanes_.clear();
    incarnations_.clear();
    families_.clear();
}

void Node::enter(const SourceFamily& family, std::uint32_t familyId, Random& random) {
    families_.resize(std::max<std::size_t>(families_.size(), familyId + 1), kNoFamily);
    const bool isKnown = families_[familyId] != kNoFamily;
    families_[familyId] = hub_->declareFamily("in", family.name, family.hash, family.words);
    const std::uint32_t rewind = options_.quiet ? 1'000 : random.oneOf({0u, 1u, 2u, 5u, 1'000u});
    for (std::uint32_t i = 0; i < family.lanes.size(); ++i) {
        const LaneId lane = family.lanes[i];
        const SourceLane& source = facts_.lanes[lane];
        if (knows(lane)) {
            hub_->declareLane(families_[familyId], i, startOf(source, rewind));
            lanes_[lane]->owesLoss = false;
        } else {
            noteLane(lane,
                     isKnown ? hub_->bearLane(families_[familyId], i, source.low)
                             : hub_->declareLane(families_[familyId], i, startOf(source, rewind)));
        }
    }
}

Position Node::startOf(const SourceLane& lane, std::uint32_t rewind) const {
    if (rewind == 0) return lane.end;
    if (rewind > lane.kept.size()) return lane.low;
    return lane.kept[lane.kept.size() - rewind].position;
}

void Node::noteLane(LaneId lane, LaneIndex index) {
    lanes_.resize(std::max<std::size_t>(lanes_.size(), lane + 1));
    incarnations_.resize(lanes_.size(), kUnknown);
    lanes_[lane] = ReadLane{index, false, {}};
    incarnations_[lane] = facts_.lanes[lane].incarnation;
}

void Node::reload() {
    generation_ = 1 - generation_;
    generations_ |= 1u << generation_;
    ++version_;
    hub_->remapped(codeOf(generation_));
    facts_.runs[run_].plainFeeds = fedSinceStart(0);
}

LaneId Node::anyKnownLane(Random& random) const {
    if (lanes_.empty()) return kPlain;
    const LaneId lane = random.below(lanes_.size());
    return lanes_[lane] ? lane : kPlain;
}

void Node::read(Random& random) {
    for (LaneId lane = 1; lane < lanes_.size(); ++lane)
        if (lanes_[lane] && random.chance(60))
            readLane(lane, random.oneOf({1u, 2u, 5u, 50u}), random);
}

void Node::readAll() {
    Random random{1};
    for (LaneId lane = 1; lane < lanes_.size(); ++lane)
        if (lanes_[lane]) readLane(lane, 1'000'000, random);
}

void Node::readLane(LaneId id, std::size_t count, Random& random) {
    ReadLane& lane = *lanes_[id];
    const SourceLane& source = facts_.lanes[id];
    if (!facts_.atSource(id)) return;
    Position next = hub_->next(lane.index).position;
    if (source.end < next) {  // truncated or made again, and the source does not say
        hub_->reset(lane.index, source.low);
        noteLane(id, lane.index);
        return;
    }
    if (next < source.low && !lane.owesLoss) hub_->lost(lane.index, next = source.low);
    if (lane.owesLoss) next = std::max(next, lane.skipTo);
    const Message* const end = source.kept.data() + source.kept.size();
    const Message* const begin = source.kept.empty() ? end : firstFrom(source.kept, next);
    const std::size_t there = static_cast<std::size_t>(end - begin);
    if (lane.owesLoss) {
        const Position to = there > 0 ? begin->position : source.end;
        if (hub_->next(lane.index).position < to) hub_->lost(lane.index, to);
        lane.owesLoss = false;
    }
    const std::size_t taken = std::min(there, count);
    for (std::size_t at = 0; at < taken;) {
        const std::size_t batch = std::min<std::size_t>(taken - at, 1 + random.below(4));
        publish(id, begin + at, begin + at + batch, false);
        at += batch;
    }
    if (taken == there && !lane.owesLoss) {
        hub_->at(lane.index, source.end);
    } else if (taken > 0 && random.chance(30)) {
        hub_->at(lane.index, begin[taken].position);
    }
}

void Node::publish(LaneId id, const Message* begin, const Message* end, bool isAgain) {
    batch_.clear();
    for (const Message* message = begin; message != end; ++message) {
        batch_.beginMessage(lanes_[id]->index, message->position);
        addEvents(id, *message, {message->position, 0});
    }
    const PublishResult result = hub_->publish(batch_);
    if (result.redelivered != (isAgain ? static_cast<std::uint32_t>(end - begin) : 0))
        throw Violation{"N2: the hub took a redelivery or dropped a message"};
}

void Node::addEvents(LaneId id, const Message& message, Place place) {
    facts_.rules[generation_].events(facts_.topicOf(id), message.payload, masks_);
    for (const ChannelMask mask : masks_) {
        std::string names[kChannels];
        std::string_view channels[kChannels];
        std::size_t count = 0;
        for (std::size_t i = 0; i < kChannels; ++i) {
            if (!(mask >> i & 1)) continue;
            names[count] = channelName(i);
            channels[count] = names[count];
            ++count;
        }
        data_ = noteEvent(id, message, place);
        batch_.addEvent({channels, count}, kTypes[typeOf(message.uid, place.ordinal)], "key",
                        data_);
        ++place.ordinal;
    }
}

/// The data of a new event, which says which one it is.
std::string Node::noteEvent(LaneId lane, const Message& message, Place place) {
    std::string data = "#" + std::to_string(facts_.events.size());
    data.append(message.uid % 7 == 0 ? 400 : message.uid % 5, 'x');
    if (message.uid % 4 == 1) data += "\nsecond line";
    data += ';';
    facts_.events.push_back({lane, place, message.uid, run_, generation_});
    return data;
}

void Node::redeliver(LaneId id) {
    if (!knows(id) || !facts_.atSource(id)) return;
    const std::vector<Message>& kept = facts_.lanes[id].kept;
    if (kept.empty()) return;
    const Message* const end = firstFrom(kept, next(id).position);
    const auto below = std::min<std::ptrdiff_t>(4, end - kept.data());
    publish(id, end - below, end, true);
}

void Node::publishPlain(Random& random) {
    if (!facts_.plain) return;
    const Message message{{}, random.below(6), ++facts_.messages};
    facts_.rules[generation_].events(0, message.payload, masks_);
    // One event per batch, so that `lastSeq` is its place.
    const std::vector<ChannelMask> masks = masks_;
    for (const ChannelMask mask : masks) {
        batch_.clear();
        batch_.beginMessage(kPlainLane, {});
        const std::size_t event = facts_.events.size();
        std::string_view channel;
        std::string names[kChannels];
        std::vector<std::string_view> channels;
        for (std::size_t i = 0; i < kChannels; ++i)
            if (mask >> i & 1) channels.push_back(names[i] = channelName(i));
        data_ = "#" + std::to_string(event) + ";";
        batch_.addEvent(channels, kTypes[typeOf(message.uid, 0)], "", data_);
        const PublishResult result = hub_->publish(batch_);
        facts_.events.push_back({kPlain, {{result.lastSeq, 0}, 0}, message.uid, run_, generation_});
        // Where there was no room for a channel the hub tells a loss instead.
        if (result.noRoomForChannel == 0)
            facts_.runs[run_].plain.push_back({result.lastSeq, mask, message.uid});
    }
}

void Node::discover() {
    for (std::uint32_t i = 0; i < facts_.families.size(); ++i) {
        const SourceFamily& family = facts_.families[i];
        families_.resize(std::max<std::size_t>(families_.size(), i + 1), kNoFamily);
        if (family.gone) {
            if (families_[i] == kNoFamily) continue;
            hub_->retireFamily(families_[i]);
            families_[i] = kNoFamily;
            for (const LaneId lane : family.lanes) {
                if (!knows(lane)) continue;
                lanes_[lane].reset();
                incarnations_[lane] = kUnknown;
            }
            continue;
        }
        if (families_[i] == kNoFamily)
            families_[i] = hub_->declareFamily("in", family.name, family.hash, family.words);
        for (std::uint32_t lane = 0; lane < family.lanes.size(); ++lane) {
            if (knows(family.lanes[lane])) continue;
            noteLane(family.lanes[lane],
                     hub_->bearLane(families_[i], lane, facts_.lanes[family.lanes[lane]].low));
        }
    }
}

void Node::lose(Random& random) {
    if (facts_.plain && random.chance(20)) {
        hub_->lost(kPlainLane, {});
        HubSnapshot now;
        hub_->snapshot(now);
        facts_.runs[run_].plain.push_back({now.horizon, 0, 0});
        return;
    }
    const LaneId id = anyKnownLane(random);
    if (id == kPlain || !facts_.atSource(id) || lanes_[id]->owesLoss) return;
    const std::vector<Message>& kept = facts_.lanes[id].kept;
    if (kept.empty()) return;
    const Message* const begin = firstFrom(kept, next(id).position);
    const auto there = static_cast<std::size_t>(kept.data() + kept.size() - begin);
    if (there == 0) return;
    const Message& last = begin[std::min<std::size_t>(there, random.between(1, 3)) - 1];
    const Position to = positionAfter(last.position, facts_.lanes[id].words);
    if (random.chance(70)) {
        hub_->lost(lanes_[id]->index, to);
    } else {
        lanes_[id]->owesLoss = true;
        lanes_[id]->skipTo = to;
    }
}

void Node::age(std::uint32_t ms) {
    facts_.clock.advance(std::chrono::milliseconds{ms});
    if (!options_.quiet) hub_->sweep();
}

void Node::disturb(Random& random) {
    const std::uint32_t kind = random.below(100);
    if (kind < 45) {
        const LaneId lane = anyKnownLane(random);
        if (lane != kPlain) readLane(lane, random.between(1, 3), random);
    } else if (kind < 70) {
        age(random.oneOf({0u, 3u, 10u}));
    } else if (kind < 90) {
        publishPlain(random);
    } else if (!options_.quiet) {
        lose(random);
    }
}

LaneId Node::laneOf(std::uint32_t hash, std::uint32_t index) const {
    const SourceFamily* const family = facts_.family(hash);
    return family && index < family->lanes.size() ? family->lanes[index] : kPlain;
}

SourceEnds Node::ends(const std::vector<std::uint32_t>& hashes) const {
    SourceEnds all;
    for (const std::uint32_t hash : hashes) {
        SourceEnds::Family& answer = all.families.emplace_back();
        answer.hash = hash;
        const SourceFamily* const family = facts_.family(hash);
        if (!family || family->gone) continue;
        for (const LaneId lane : family->lanes)
            answer.lanes.push_back({true, facts_.lanes[lane].low, facts_.lanes[lane].end});
    }
    return all;
}

ChannelMask Node::fedSinceStart(Topic topic) const {
    if (topic == 0 && !facts_.plain) return 0;
    ChannelMask mask = 0;
    for (std::uint32_t i = 0; i < facts_.rules.size(); ++i)
        if (generations_ >> i & 1) mask |= facts_.rules[i].feeds(topic);
    return mask;
}

bool Node::mayFeed(const Family& family, const Pattern& channels) const {
    const Topic topic = static_cast<Topic>(family.name[1] - '0');
    return (fedSinceStart(topic) & maskOf(channels)) != 0;
}

std::vector<std::string> Node::plainInputs(const Pattern& channels) const {
    if ((fedSinceStart(0) & maskOf(channels)) == 0) return {};
    return {"plain-input"};
}

void Node::query(const std::vector<std::uint32_t>& familyHashes,
                 std::function<void(SourceEnds)> answer) {
    answer(ends(familyHashes));
}

}  // namespace sluice::property
