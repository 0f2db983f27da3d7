#include "Oracle.h"

#include <algorithm>
#include <charconv>

#include "Node.h"

namespace sluice::property {
namespace {

constexpr Place kEnd{{~std::uint64_t{0}, ~std::uint64_t{0}}, ~std::uint32_t{0}};

std::string text(Place place) {
    return std::to_string(place.position.first) + "-" + std::to_string(place.position.second) +
           "+" + std::to_string(place.ordinal);
}

Place wholeMessage(Place place) {
    return {place.position, 0};
}

}  // namespace

void Oracle::fail(const std::string& what) const {
    throw Violation{what};
}

std::string Oracle::nameOf(LaneId lane) const {
    if (lane == kPlain) return "plain";
    return facts_.families[facts_.lanes[lane].family].name + "/" +
           std::to_string(facts_.lanes[lane].index);
}

void Oracle::begin() {
    lanes_.clear();
    hashes_.clear();
    plainRun_ = kNoRun;
    hasExcused_ = false;
}

void Oracle::connect(const std::vector<std::uint32_t>& incarnations, std::string_view idSent) {
    incarnations_ = incarnations;
    idSent_ = idSent;
    isSentReadable_ = readId(idSent_, sent_);
    isFirstBlock_ = true;
}

void Oracle::noteIncarnations(const std::vector<std::uint32_t>& incarnations) {
    incarnations_.resize(std::max(incarnations_.size(), incarnations.size()), Node::kUnknown);
    for (std::size_t i = 0; i < incarnations.size(); ++i)
        if (incarnations_[i] == Node::kUnknown) incarnations_[i] = incarnations[i];
}

Oracle::LaneState& Oracle::state(LaneId lane) {
    if (lanes_.size() < facts_.lanes.size()) lanes_.resize(facts_.lanes.size());
    return lanes_[lane];
}

// A lane whose positions went back without its source or its node having said so: nobody can tell.
bool Oracle::isDirty(LaneId id) {
    if (id == kPlain) return false;
    LaneState& lane = state(id);
    const std::uint32_t now = facts_.lanes[id].incarnation;
    const std::uint32_t seen = id < incarnations_.size() ? incarnations_[id] : Node::kUnknown;
    if (seen != Node::kUnknown && seen != now) lane.isDirty = true;
    if (!lane.hasIncarnation) {
        lane.hasIncarnation = true;
        lane.incarnation = now;
    }
    return lane.isDirty || lane.incarnation != now;
}

void Oracle::accept(const ReadBlock& block, const std::string& lastEventId,
                    const std::vector<std::uint32_t>& gapIncarnations) {
    if (isFirstBlock_) checkOpen(block, lastEventId);
    if (block.event == "sluice.gap") {
        acceptGaps(block.data, gapIncarnations);
    } else if (block.comment.starts_with("sluice.gap ")) {
        acceptGaps(block.comment.substr(11), gapIncarnations);
    } else if (block.hasData && !block.event.starts_with("sluice.")) {
        acceptEvent(block);
    }
    if (!block.hasId || lastEventId.empty()) return;
    if (lastEventId.size() > 1'024) fail("an id longer than 1,024");
    if (readId(lastEventId, id_)) {
        if (id_.isFull) checkFull(id_);
    } else if (lastEventId != "0" && !block.atEnd) {
        fail("an id that cannot be read: " + lastEventId);
    }
}

void Oracle::checkOpen(const ReadBlock& block, const std::string& lastEventId) {
    isFirstBlock_ = false;
    if (block.comment.starts_with("sluice.open ")) return;
    if (block.event != "sluice.open") fail("the first block is not sluice.open");
    if (!block.hasId) {
        if (!block.atEnd) fail("sluice.open without an id");
    } else if (!idSent_.empty() && !block.atEnd && kind_ != ReaderKind::ForgetsEmpty &&
               lastEventId != idSent_ && lastEventId != "0") {
        fail("sluice.open carries another id than the one that came");
    }
}

void Oracle::acceptGaps(std::string_view json, const std::vector<std::uint32_t>& incarnations) {
    if (isQuiet_) fail("a gap though nothing was lost: " + std::string{json});
    const std::vector<ReadGap> gaps = readGaps(json);
    std::vector<LaneId> anew;
    for (const ReadGap& gap : gaps) {
        checkReason(gap);
        if (!gap.mayRepeat) continue;
        if (gap.allLanes) {
            hashes_.clear();
            for (LaneId lane = 0; lane < facts_.lanes.size(); ++lane) anew.push_back(lane);
        }
        for (const ReadGap::Lane& lane : gap.lanes) {
            for (const LaneId id : lanesNamed(lane.name)) {
                anew.push_back(id);
                if (gap.reason == "reset" && id < incarnations_.size() && id < incarnations.size())
                    incarnations_[id] = incarnations[id];
            }
        }
    }
    for (const LaneId lane : anew) startAnew(lane);
    for (const ReadGap& gap : gaps)
        if (!gap.mayRepeat)
            for (const ReadGap::Lane& lane : gap.lanes) addGap(gap, lane);
}

// What excuses repeats is told only where there is a reason; a node that is merely behind has none.
void Oracle::checkReason(const ReadGap& gap) {
    if (gap.reason == "bad-id" && isSentReadable_) fail("bad-id for an id that can be read");
    if (gap.reason == "approximate" && gap.allLanes && (!isSentReadable_ || sent_.isFull))
        fail("approximate in all lanes, though the id names its lanes");
    for (const ReadGap::Lane& lane : gap.lanes) {
        if (lane.name == "plain") continue;
        const LaneId id = lanesNamed(lane.name).front();
        const SourceFamily& family = facts_.families[facts_.lanes[id].family];
        if (gap.reason == "reset" && facts_.lanes[id].incarnation == 0 && !family.gone)
            fail("a reset of a lane that never went back: " + lane.name);
        if (gap.reason != "approximate" || lane.name.starts_with("?:")) continue;
        for (const ReadId::Lane& named : sent_.lanes)
            if (named.hash == family.hash)
                fail("approximate in a family that the id names: " + lane.name);
    }
}

void Oracle::startAnew(LaneId id) {
    state(id) = LaneState{};
    state(id).isAnew = true;
    if (id == kPlain) plainRun_ = kNoRun;
}

ChannelMask Oracle::maskOf(std::string_view channel) const {
    for (std::size_t i = 0; i < kChannels; ++i)
        if (channelName(i) == channel) return 1u << i;
    if (channel == kAllChannels) return ~ChannelMask{0};  // of those that are gone
    fail("an unknown channel: " + std::string{channel});
}

void Oracle::excusePlain(Place below) {
    state(kPlain).gaps.push_back({{}, below, ~ChannelMask{0}});
}

void Oracle::addGap(const ReadGap& gap, const ReadGap::Lane& told) {
    const ChannelMask channels = gap.channel ? maskOf(*gap.channel) : ~ChannelMask{0};
    for (const LaneId lane : lanesNamed(told.name))
        state(lane).gaps.push_back({told.from.value_or(Place{}), told.to.value_or(kEnd), channels});
}

// Of a family that is gone and back all incarnations: they share their name with nothing else.
std::vector<LaneId> Oracle::lanesNamed(std::string_view name) const {
    if (name == "plain") return {kPlain};
    const std::size_t colon = name.find(':');
    const std::size_t slash = name.rfind('/');
    if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon)
        fail("a lane named " + std::string{name});
    std::uint32_t index = 0;
    std::from_chars(name.data() + slash + 1, name.data() + name.size(), index);
    const std::string_view family = name.substr(colon + 1, slash - colon - 1);
    std::uint32_t hash = 0;
    if (name.starts_with("?:"))
        std::from_chars(family.data(), family.data() + family.size(), hash, 16);
    for (const SourceFamily& one : facts_.families) {
        if (one.hash != hash && one.name != family) continue;
        if (index < one.lanes.size()) return {one.lanes[index]};
    }
    fail("a lane that never was: " + std::string{name});
}

void Oracle::acceptEvent(const ReadBlock& block) {
    std::size_t index = 0;
    const char* const begin = block.data.data();
    const auto read = std::from_chars(begin + 1, begin + block.data.size(), index);
    const bool isOurs = block.data.starts_with('#') && block.data.ends_with(';');
    if (!isOurs || read.ec != std::errc{} || index >= facts_.events.size())
        fail("data that nobody sent: " + std::string{block.data});
    const MadeEvent& event = facts_.events[index];
    if (block.event != kTypes[typeOf(event.uid, event.lane == kPlain ? 0 : event.place.ordinal)])
        fail("an event of the wrong type");
    if (!isDirty(event.lane)) acceptPlaced(event, block.atEnd);
}

void Oracle::acceptPlaced(const MadeEvent& event, bool atEnd) {
    LaneState& lane = state(event.lane);
    const bool isLoose = facts_.mayRepeatMappings();
    const bool isPlain = event.lane == kPlain;
    const Place place = event.place;
    const std::uint32_t run = isPlain ? event.run : 0;
    Received* const again = const_cast<Received*>(find(lane, place, run));
    if (again && !again->isExcused && !(isLoose && !isPlain))
        fail("doubled: " + nameOf(event.lane) + " " + text(place));
    const bool sameRun = !isPlain || event.run == plainRun_;
    if (!again && !isLoose && !hasExcused_ && lane.hasLast && place <= lane.last && sameRun)
        fail("out of order: " + nameOf(event.lane) + " " + text(place) + " after " +
             text(lane.last));
    if (lane.hasStarted && sameRun) {
        const bool isBefore =
            isLoose ? wholeMessage(place) < wholeMessage(lane.first) : place < lane.first;
        if (isBefore && !isCovered(lane, place, 0))
            fail("before the start: " + nameOf(event.lane) + " " + text(place));
    }
    const std::uint32_t generation = 1u << event.generation;
    if (again) {
        again->generations |= generation;
        again->isExcused |= atEnd;
    } else {
        lane.received.push_back({place, run, generation, atEnd});
    }
    hasExcused_ |= atEnd;
    lane.last = lane.hasLast ? std::max(lane.last, place) : place;
    if (isPlain && !sameRun) lane.last = place;
    lane.hasLast = true;
}

const Oracle::Received* Oracle::find(const LaneState& lane, Place place, std::uint32_t run) const {
    for (auto at = lane.received.rbegin(); at != lane.received.rend(); ++at)
        if (at->place == place && at->run == run) return &*at;
    return nullptr;
}

void Oracle::checkFull(const ReadId& id) {
    for (const ReadId::Lane& one : id.lanes) {
        const SourceFamily* const family = facts_.family(one.hash);
        if (!family) fail("an id names a family that never was");
        if (one.index >= family->lanes.size()) fail("an id names a lane that never was");
        const LaneId laneId = family->lanes[one.index];
        if (isDirty(laneId)) continue;
        LaneState& lane = state(laneId);
        if (!lane.hasStarted) startLane(laneId, lane, one.place);
        const bool mayLag = facts_.mayRepeatMappings() || kind_ == ReaderKind::EndsDispatching;
        if (lane.hasLast && lane.last >= one.place && !mayLag)
            fail("the id's " + text(one.place) +
                 " does not cover what was dispatched: " + nameOf(laneId) + " " + text(lane.last));
        checkLane(laneId, lane, one.place);
    }
    for (const ReadId::Lane& one : id.lanes)
        if (std::find(hashes_.begin(), hashes_.end(), one.hash) == hashes_.end())
            hashes_.push_back(one.hash);
    checkPlain(id);
}

void Oracle::startLane(LaneId id, LaneState& lane, Place place) {
    const std::uint32_t hash = facts_.families[facts_.lanes[id].family].hash;
    const bool isBornLater =
        !lane.isAnew && std::find(hashes_.begin(), hashes_.end(), hash) != hashes_.end();
    lane.hasStarted = true;
    lane.first = isBornLater ? Place{} : place;
    for (const Received& received : lane.received)
        lane.first = std::min(lane.first, received.place);
    lane.checked = lane.first;
}

void Oracle::checkLane(LaneId id, LaneState& lane, Place upTo) {
    if (!(lane.checked < upTo)) return;
    for (const Message& message : facts_.lanes[id].truth) {
        if (!(Place{message.position, 0} < upTo)) break;
        const Place end{positionAfter(message.position, facts_.lanes[id].words), 0};
        if (message.compacted || !(lane.checked < end)) continue;
        bool isThereOnce = false;
        Place missing;
        for (std::uint32_t g = 0; g < facts_.rules.size() && !isThereOnce; ++g)
            isThereOnce = isThere(lane, id, message, lane.checked, upTo, g, missing);
        if (!isThereOnce)
            fail("lost: " + nameOf(id) + " " + text(missing) + ", the id covers up to " +
                 text(upTo));
    }
    lane.checked = upTo;
}

bool Oracle::isThere(const LaneState& lane, LaneId id, const Message& message, Place from, Place to,
                     std::uint32_t generation, Place& missing) {
    facts_.rules[generation].events(facts_.topicOf(id), message.payload, masks_);
    for (std::uint32_t ordinal = 0; ordinal < masks_.size(); ++ordinal) {
        const Place place{message.position, ordinal};
        if (!wish_.takes(masks_[ordinal], message.uid, ordinal)) continue;
        if (facts_.mayRepeatMappings()) {
            // A message that was cut may come in another shape: only whole ones are judged.
            if (wholeMessage(place) <= wholeMessage(lane.first)) continue;
            if (wholeMessage(to) <= wholeMessage(place)) continue;
        } else if (place < from || !(place < to)) {
            continue;
        }
        const Received* const received = find(lane, place, 0);
        if (received && (received->generations >> generation & 1)) continue;
        if (isCovered(lane, place, masks_[ordinal] & wish_.channels)) continue;
        missing = place;
        return false;
    }
    return true;
}

// On every channel that would have brought it; 0: on any.
bool Oracle::isCovered(const LaneState& lane, Place place, ChannelMask channels) const {
    ChannelMask covered = 0;
    for (const Told& gap : lane.gaps)
        if (gap.from <= place && place < gap.to) covered |= gap.channels;
    return covered != 0 && (channels & ~covered) == 0;
}

void Oracle::checkPlain(const ReadId& id) {
    if (!facts_.plain) return;
    std::uint32_t run = 0;
    while (run < facts_.runs.size() && facts_.runs[run].epoch != id.epoch) ++run;
    if (run == facts_.runs.size()) fail("an epoch that never was: " + std::string{id.epoch});
    const Run& facts = facts_.runs[run];
    if ((facts.plainFeeds & wish_.channels) == 0) return;
    if (plainRun_ != run) return startPlain(run, id.seq);
    LaneState& lane = state(kPlain);
    if (lane.hasLast && lane.last.position.first > id.seq && kind_ != ReaderKind::EndsDispatching &&
        find(lane, lane.last, run))
        fail("the id's seq does not cover a plain event that was dispatched");
    for (const PlainFact& fact : facts.plain) {
        const Place place{{fact.seq, 0}, 0};
        if (place < lane.checked || fact.seq > id.seq) continue;
        const bool isLoss = fact.channels == 0;
        if (!isLoss && !wish_.takes(fact.channels, fact.uid, 0)) continue;
        if (!isLoss && find(lane, place, run)) continue;
        if (!isCovered(lane, place, fact.channels & wish_.channels))
            fail((isLoss ? "not told: plain " : "lost: plain ") + text(place));
    }
    lane.checked = std::max(lane.checked, Place{{id.seq + 1, 0}, 0});
}

void Oracle::startPlain(std::uint32_t run, std::uint64_t seq) {
    if (plainRun_ != kNoRun && !facts_.mayRepeatMappings())
        fail("plain of another epoch without a gap");
    plainRun_ = run;
    LaneState& lane = state(kPlain);
    lane.hasStarted = true;
    lane.first = Place{{seq + 1, 0}, 0};
    for (const Received& received : lane.received)
        if (received.run == run) lane.first = std::min(lane.first, received.place);
    lane.checked = lane.first;
}

// What is not fed by a lane any more begins anew if it comes back, and so does what was not fed by
// it before: an id that came from elsewhere may still have named the lane.
void Oracle::change(const ReadId& before, ChannelMask channels, const ReadId& now) {
    checkFull(before);
    wish_.channels = channels;
    const auto names = [](const ReadId& id, std::uint32_t hash) {
        return std::any_of(id.lanes.begin(), id.lanes.end(),
                           [hash](const ReadId::Lane& lane) { return lane.hash == hash; });
    };
    const auto goesOn = [&](std::uint32_t hash) { return names(before, hash) && names(now, hash); };
    for (LaneId lane = 1; lane < facts_.lanes.size(); ++lane)
        if (!goesOn(facts_.families[facts_.lanes[lane].family].hash)) startAnew(lane);
    std::erase_if(hashes_, [&](std::uint32_t hash) { return !goesOn(hash); });
    for (const Run& run : facts_.runs)
        if (run.epoch == now.epoch && (run.plainFeeds & channels) == 0) startAnew(kPlain);
}

void Oracle::finish(const ReadId& id) {
    checkFull(id);
}

}  // namespace sluice::property
