#include "channel/Gap.h"

#include <cstdio>

#include "base/JsonText.h"

namespace sluice {
namespace {

Words wordsOf(LaneIndex lane, const LaneTable& lanes) {
    if (lane == kPlainLane) return Words::One;
    return lanes.families[lanes.lanes[lane].family].words;
}

void appendPlace(std::string& out, const std::optional<Place>& place, Words words) {
    if (place)
        appendJsonString(out, placeText(*place, words));
    else
        out += "null";
}

void appendLane(std::string& out, std::string_view name, const std::optional<Place>& from,
                const std::optional<Place>& to, Words words) {
    out += R"({"lane":)";
    appendJsonString(out, name);
    out += R"(,"from":)";
    appendPlace(out, from, words);
    out += R"(,"to":)";
    appendPlace(out, to, words);
    out += '}';
}

void appendLanes(std::string& out, const Gap& gap, const LaneTable& lanes) {
    if (!gap.lanes) {
        out += "null";
        return;
    }
    out += '[';
    const char* comma = "";
    for (const Gap::Lane& lane : *gap.lanes) {
        out += std::exchange(comma, ",");
        appendLane(out, laneName(lane.lane, lanes), lane.from, lane.to, wordsOf(lane.lane, lanes));
    }
    for (const std::string& name : gap.foreignLanes) {
        out += std::exchange(comma, ",");
        appendLane(out, name, {}, {}, Words::One);
    }
    out += ']';
}

/// How many messages are gone at most, where positions of one word can tell.
std::optional<std::uint64_t> atMost(const Gap& gap, const LaneTable& lanes) {
    if (!gap.lanes || mayRepeat(gap.reason) || !gap.foreignLanes.empty()) return {};
    std::uint64_t sum = 0;
    for (const Gap::Lane& lane : *gap.lanes) {
        // A loss in the plain lane has one place, however many messages it was.
        if (lane.lane == kPlainLane && gap.reason == GapReason::Lost) return {};
        if (!lane.from || !lane.to || wordsOf(lane.lane, lanes) != Words::One) return {};
        const std::uint64_t from = lane.from->position.first;
        const std::uint64_t to = lane.to->position.first + (lane.to->ordinal > 0 ? 1 : 0);
        sum += to > from ? to - from : 0;
    }
    return sum;
}

}  // namespace

bool mayRepeat(GapReason reason) {
    return reason == GapReason::Reset || reason == GapReason::Approximate ||
           reason == GapReason::BadId;
}

std::string laneName(LaneIndex lane, const LaneTable& lanes) {
    if (lane == kPlainLane) return "plain";
    const LaneRef ref = lanes.lanes[lane];
    const Family& family = lanes.families[ref.family];
    return family.input + ":" + family.name + "/" + std::to_string(ref.index);
}

std::string foreignLaneName(std::uint32_t familyHash, std::uint32_t index) {
    char name[32];
    std::snprintf(name, sizeof name, "?:%08x/%u", familyHash, index);
    return name;
}

std::string placeText(Place place, Words words) {
    std::string text = std::to_string(place.position.first);
    if (words == Words::Two) text += "-" + std::to_string(place.position.second);
    if (place.ordinal != 0) text += "+" + std::to_string(place.ordinal);
    return text;
}

std::string gapJson(const Gap& gap, const LaneTable& lanes) {
    std::string out = R"({"reason":")";
    out += nameOf(gap.reason);
    out += '"';
    if (!gap.channel.empty()) {
        out += R"(,"channel":)";
        appendJsonString(out, gap.channel);
    }
    if (!gap.input.empty()) {
        out += R"(,"input":)";
        appendJsonString(out, gap.input);
    }
    out += R"(,"lanes":)";
    appendLanes(out, gap, lanes);
    const std::optional<std::uint64_t> most = gap.count ? gap.count : atMost(gap, lanes);
    out += R"(,"atMost":)" + (most ? std::to_string(*most) : "null");
    out += R"(,"mayRepeat":)";
    out += mayRepeat(gap.reason) ? "true}" : "false}";
    return out;
}

}  // namespace sluice
