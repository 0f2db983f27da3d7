#include "input/Intake.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "input/CText.h"
#include "input/IntakeScratch.h"
#include "input/MapAccount.h"

namespace sluice {
namespace {

/// What a message of ABI 1 must reach: its last field when ABI 1 was made. Later fields are looked
/// at where `size` covers them.
constexpr std::size_t kMessageBytesMin =
    offsetof(sluice_message, variable_count) + sizeof(sluice_message::variable_count);

std::string laneText(const sluice_lane& lane) {
    return std::string{viewOf(lane.family)} + "/" + std::to_string(lane.index);
}

/// Of the years 1 to 9999, as RFC 3339 can write them; others say nothing.
bool isTime(std::int64_t ms) {
    return ms >= -62'135'596'800'000 && ms <= 253'402'300'799'999;
}

std::optional<std::string_view> textIf(bool isThere, const sluice_text& text) {
    return isThere ? std::optional{viewOf(text)} : std::nullopt;
}

/// Pairs of texts; of a list with a length.
template <class Pair>
bool arePairs(const Pair* pairs, std::size_t count) {
    return count == 0 || (pairs && std::all_of(pairs, pairs + count, [](const Pair& pair) {
                              return isText(pair.name) && isText(pair.value);
                          }));
}

bool checkTexts(const sluice_message& message) {
    return isText(message.topic) && isText(message.key) && isText(message.payload) &&
           isText(message.lane.family) && arePairs(message.headers, message.header_count) &&
           arePairs(message.variables, message.variable_count);
}

/// What the hub knows of the input's lanes: from before a restart, or before it was removed.
std::shared_ptr<const LaneBook> bookOf(const std::string& input, const Hub& hub) {
    auto book = std::make_shared<LaneBook>();
    const std::shared_ptr<const LaneTable> table = hub.lanes();
    for (FamilyIndex f = 0; f < table->families.size(); ++f) {
        const Family& known = table->families[f];
        if (known.input != input || known.gone) continue;
        FamilyLanes family{known.name, known.hash, f, known.words, {}};
        for (const LaneIndex lane : known.lanes)
            family.lanes.push_back(std::make_shared<LaneState>(lane, hub.next(lane).position));
        (*book)[known.name] = std::make_shared<const FamilyLanes>(std::move(family));
    }
    return book;
}

}  // namespace

/// Checks the messages of a push and finds their lanes, before anything is changed.
class Intake::Resolver {
  public:
    Resolver(const Intake& intake, Scratch& scratch) : intake_{intake}, scratch_{scratch} {}

    std::string resolve(const sluice_message* messages, std::size_t count) {
        std::string broken = checkShape(messages, count);
        if (!broken.empty() || count == 0) return broken;
        scratch_.families.assign(count, nullptr);
        scratch_.lanes.assign(count, nullptr);
        for (std::size_t i = 0; i < count; ++i) {
            const sluice_message& message = messageAt(messages, i);
            if (!has(message, SLUICE_MESSAGE_HAS_LANE)) continue;
            broken = findLane(message, i);
            if (!broken.empty()) return broken;
        }
        return {};
    }

  private:
    std::string findLane(const sluice_message& message, std::size_t i) {
        const std::string_view name = viewOf(message.lane.family);
        if (!scratch_.book) scratch_.book = intake_.book();
        if (!family_ || family_->name != name) {
            const auto found = scratch_.book->find(name);
            family_ = found == scratch_.book->end() ? nullptr : found->second.get();
        }
        if (!family_ || message.lane.index >= family_->lanes.size())
            return "pushed a message of the lane " + laneText(message.lane) +
                   " which it did not declare";
        if (viewOf(message.topic) != name)
            return "pushed a message whose topic is not the family of its lane " +
                   laneText(message.lane);
        if (family_->words == Words::One && message.position.second != 0)
            return "pushed a position of two words in the lane " + laneText(message.lane);
        scratch_.families[i] = family_;
        scratch_.lanes[i] = family_->lanes[message.lane.index].get();
        return {};
    }

    const Intake& intake_;
    Scratch& scratch_;
    const FamilyLanes* family_ = nullptr;  // of the message before: mostly the same
};

Intake::Intake(std::string name, Hub& hub, MappingsInForce& mappings, const Clock& clock,
               EndsListener onEnds)
    : name_{std::move(name)},
      hub_{hub},
      mappings_{mappings},
      clock_{clock},
      onEnds_{std::move(onEnds)},
      book_{bookOf(name_, hub)} {}

std::string Intake::checkShape(const sluice_message* messages, std::size_t count) {
    if (count == 0) return {};
    if (!messages) return "pushed a null list";
    if (count > kPushMessagesMax)
        return "pushed " + std::to_string(count) + " messages at once; 65536 is the most";
    if (messages->size < kMessageBytesMin || messages->size % alignof(sluice_message) != 0)
        return "pushed messages of " + std::to_string(messages->size) + " bytes; ABI 1 has " +
               std::to_string(kMessageBytesMin);
    for (std::size_t i = 0; i < count; ++i) {
        const sluice_message& message = messageAt(messages, i);
        if (message.size != messages->size) return "pushed messages of different sizes";
        if (!checkTexts(message)) return "pushed a null text with a length";
    }
    return {};
}

Intake::Scratch& Intake::scratch() {
    static thread_local Scratch scratch;
    return scratch;
}

// -- messages

std::string Intake::push(const sluice_message* messages, std::size_t count) {
    Scratch& scratch = Intake::scratch();
    std::string broken = Resolver{*this, scratch}.resolve(messages, count);
    if (broken.empty() && count > 0)
        tap_ ? tapMessages(messages, count, scratch) : mapPieces(messages, count, scratch);
    scratch.book.reset();
    return broken;
}

void Intake::mapPieces(const sluice_message* messages, std::size_t count, Scratch& scratch) {
    for (std::size_t begin = 0; begin < count;) begin = mapPiece(messages, begin, count, scratch);
}

/// What a message of the C border says; lives until the next call.
const Message& Intake::Scratch::converted(const sluice_message& given, std::size_t i) {
    const LaneState* const lane = lanes[i];
    message.topic = viewOf(given.topic);
    message.lane = lane ? lane->lane : kPlainLane;
    message.words = lane ? families[i]->words : Words::One;
    message.laneOfFamily = lane ? given.lane.index : 0;
    message.position = lane ? positionOf(given.position) : Position{};
    message.key = textIf(has(given, SLUICE_MESSAGE_HAS_KEY), given.key);
    message.payload = textIf(!has(given, SLUICE_MESSAGE_TOMBSTONE), given.payload);
    message.timeMs.reset();
    if (has(given, SLUICE_MESSAGE_HAS_TIME) && isTime(given.time_ms))
        message.timeMs = given.time_ms;
    headers.clear();
    for (std::size_t n = 0; n < given.header_count; ++n) {
        const sluice_header& header = given.headers[n];
        headers.push_back({viewOf(header.name), std::nullopt});
        if (header.value_is_null == 0) headers.back().value = viewOf(header.value);
    }
    variables.clear();
    for (std::size_t n = 0; n < given.variable_count; ++n)
        variables.push_back({viewOf(given.variables[n].name), viewOf(given.variables[n].value)});
    message.headers = headers;
    message.variables = variables;
    return message;
}

void Intake::Scratch::begin(const Intake& intake,
                            const std::shared_ptr<const MappingTable>& table) {
    if (owner != &intake || !mapper || mapper->table().serial() != table->serial()) {
        mapper.emplace(table, intake.name());
        owner = &intake;
        outcome.eventsByRule.clear();
    }
    batch.clear();
    outcome.clear();
}

/// The lanes move on as if the messages were in their logs.
void Intake::tapMessages(const sluice_message* messages, std::size_t count, Scratch& scratch) {
    for (std::size_t i = 0; i < count; ++i) {
        LaneState* const lane = scratch.lanes[i];
        const Message& message = scratch.converted(messageAt(messages, i), i);
        if (lane && message.position < lane->next()) continue;
        tap_->message(name_, message);
        if (!lane) continue;
        lane->setNext(sluice::next(message.position, message.words));
        hub_.at(lane->lane, lane->next());
    }
}

void Intake::tapDeclaration(const FamilyLanes& family, std::string_view cluster,
                            std::string_view incarnation, std::span<const sluice_lane_ends> ends) {
    std::vector<Tap::LaneEnds> lanes;
    for (const sluice_lane_ends& given : ends) {
        Tap::LaneEnds& lane = lanes.emplace_back();
        if ((given.flags & SLUICE_ENDS_HAS_START) != 0) lane.start = positionOf(given.start);
        if ((given.flags & SLUICE_ENDS_KNOWN) == 0) continue;
        lane.low = positionOf(given.low);
        lane.end = positionOf(given.end);
    }
    tap_->lanes(name_, {family.name, family.words, cluster, incarnation, lanes});
}

Tap::Lane Intake::tapped(const sluice_lane& lane) const {
    const std::shared_ptr<const LaneBook> known = book();
    const auto family = known->find(viewOf(lane.family));
    const Words words = family == known->end() ? Words::One : family->second->words;
    return {viewOf(lane.family), lane.index, words};
}

/// Maps and publishes messages from `begin` on, as many as one piece takes; returns the next.
std::size_t Intake::mapPiece(const sluice_message* messages, std::size_t begin, std::size_t count,
                             Scratch& scratch) {
    std::optional<MappingsInForce::Hold> hold{mappings_.hold()};
    scratch.begin(*this, hold->table());
    std::optional<IngestDelays> delays;
    const bool isSeen = mappings_.liveTap().isWanted();
    std::optional<std::int64_t> nowMs;  // asked for once, where something wants it
    std::uint64_t redelivered = 0;
    std::size_t bytes = 0, i = begin;
    for (; i < count && i - begin < kPieceMessages && bytes < kPieceBytes; ++i) {
        LaneState* const lane = scratch.lanes[i];
        const Message& message = scratch.converted(messageAt(messages, i), i);
        if (lane && message.position < lane->next()) {
            ++redelivered;
            continue;
        }
        const std::size_t madeBefore = scratch.made();
        const std::size_t mappedBefore = scratch.batch.messages().size();
        scratch.mapper->map(message, scratch.batch, scratch.outcome);
        if (!nowMs && (isSeen || message.timeMs)) nowMs = clock_.wallMs();
        if (isSeen) mappings_.liveTap().see(name_, message, scratch.batch, mappedBefore, *nowMs);
        if (lane) lane->setNext(sluice::next(message.position, message.words));
        if (message.timeMs) (delays ? *delays : delays.emplace()).add(*nowMs - *message.timeMs);
        if (message.payload) bytes += message.payload->size() * (scratch.made() - madeBefore);
    }
    if (!scratch.batch.empty()) hub_.publish(scratch.batch);
    hold->count(scratch.outcome.eventsByRule);
    hold.reset();  // no reload waits for the disk
    counters_.add(i - begin, redelivered, scratch.outcome, delays);
    account(name_, scratch.outcome, scratch.mapper->table(), mappings_.deadLetterFiles(), counters_,
            samples_);
    return i;
}

// -- lanes

std::shared_ptr<const LaneBook> Intake::book() const {
    const std::lock_guard lock{bookMutex_};
    return book_;
}

void Intake::replaceBook(std::shared_ptr<const LaneBook> book) {
    const std::lock_guard lock{bookMutex_};
    book_.swap(book);
}

std::string Intake::lanes(std::string_view name, std::uint32_t words, std::string_view cluster,
                          std::string_view incarnation, std::span<const sluice_lane_ends> ends) {
    if (name.empty()) return "declared a family without a name";
    if (words != 1 && words != 2)
        return "declared positions of " + std::to_string(words) + " words";
    SourceEnds::Family answer{familyHash(name_, name, cluster, incarnation), {}};
    FamilyLanes family;
    family.name = name;
    family.hash = answer.hash;
    family.words = words == 1 ? Words::One : Words::Two;
    try {
        enterFamily(family, ends);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    if (tap_) tapDeclaration(family, cluster, incarnation, ends);
    bool isAnswer = true;
    for (const sluice_lane_ends& lane : ends) {
        isAnswer = isAnswer && (lane.flags & SLUICE_ENDS_KNOWN) != 0;
        answer.lanes.push_back({true, positionOf(lane.low), positionOf(lane.end)});
    }
    if (isAnswer) onEnds_(name, answer);
    return {};
}

/// Throws std::invalid_argument where the declaration cannot be.
void Intake::enterFamily(FamilyLanes family, std::span<const sluice_lane_ends> ends) {
    const std::lock_guard lock{declareMutex_};
    auto changed = std::make_shared<LaneBook>(*book());
    const auto found = changed->find(family.name);
    std::shared_ptr<const FamilyLanes> known = found == changed->end() ? nullptr : found->second;
    if (known && (ends.empty() || known->hash != family.hash)) {
        hub_.retireFamily(known->index);
        changed->erase(found);
        known = nullptr;
    }
    if (known && ends.size() < known->lanes.size())
        throw std::invalid_argument{"declared fewer lanes of " + family.name + " than before"};
    if (!ends.empty()) {
        const std::string name = family.name;
        (*changed)[name] = declare(known.get(), std::move(family), ends);
    }
    replaceBook(std::move(changed));
}

/// Lanes of a family that this node did not know begin where the plugin says; lanes born later
/// begin at their beginning, what the source has dropped of it told as lost (resume.md N6).
std::shared_ptr<const FamilyLanes> Intake::declare(const FamilyLanes* known, FamilyLanes family,
                                                   std::span<const sluice_lane_ends> ends) {
    family.index = hub_.declareFamily(name_, family.name, family.hash, family.words);
    for (std::uint32_t i = 0; i < ends.size(); ++i) {
        const sluice_lane_ends& lane = ends[i];
        const bool hasStart = (lane.flags & SLUICE_ENDS_HAS_START) != 0;
        const Position start = positionOf(hasStart ? lane.start : lane.low);
        std::shared_ptr<LaneState> state;
        if (known && i < known->lanes.size()) {
            state = known->lanes[i];
            if (hasStart) {
                hub_.declareLane(family.index, i, start);
                state->setNext(hub_.next(state->lane).position);
            }
        } else {
            const bool born = known || !hasStart;
            const LaneIndex index = born ? hub_.bearLane(family.index, i, start)
                                         : hub_.declareLane(family.index, i, start);
            state = std::make_shared<LaneState>(index, hub_.next(index).position);
        }
        if ((lane.flags & SLUICE_ENDS_KNOWN) != 0) state->setEnd(positionOf(lane.end));
        family.lanes.push_back(std::move(state));
    }
    return std::make_shared<FamilyLanes>(std::move(family));
}

void Intake::retireAll() {
    const std::lock_guard lock{declareMutex_};
    const std::shared_ptr<const LaneBook> known = book();
    for (const auto& [name, family] : *known) hub_.retireFamily(family->index);
    replaceBook(std::make_shared<LaneBook>());
}

std::shared_ptr<LaneState> Intake::find(const sluice_lane& lane) const {
    const std::shared_ptr<const LaneBook> known = book();
    const auto family = known->find(viewOf(lane.family));
    if (family == known->end() || lane.index >= family->second->lanes.size()) return nullptr;
    return family->second->lanes[lane.index];
}

std::string Intake::lost(const sluice_lane& lane, Position to, std::uint32_t reason) {
    if (reason != SLUICE_LOST && reason != SLUICE_RESET)
        return "reported a loss for the unknown reason " + std::to_string(reason);
    counters_.addLost();
    if (lane.family.length == 0) {
        hub_.lost(kPlainLane, {});
        if (tap_) tap_->lost(name_, {}, {}, false);
        return {};
    }
    const std::shared_ptr<LaneState> state = find(lane);
    if (!state)
        return "reported a loss in the lane " + laneText(lane) + " which it did not declare";
    if (reason == SLUICE_RESET)
        hub_.reset(state->lane, to);
    else
        hub_.lost(state->lane, to);
    state->setNext(hub_.next(state->lane).position);
    if (tap_) tap_->lost(name_, tapped(lane), to, reason == SLUICE_RESET);
    return {};
}

std::string Intake::at(const sluice_lane& lane, Position position) {
    const std::shared_ptr<LaneState> state = find(lane);
    if (!state) return "told a place in the lane " + laneText(lane) + " which it did not declare";
    if (position <= state->next()) return {};
    hub_.at(state->lane, position);
    state->setNext(position);
    if (tap_) tap_->at(name_, tapped(lane), position);
    return {};
}

std::uint64_t Intake::lag() const {
    std::uint64_t lag = 0;
    const std::shared_ptr<const LaneBook> known = book();
    for (const auto& [name, family] : *known)
        for (const auto& lane : family->lanes) lag += lane->lag();
    return lag;
}

bool Intake::reachedStartEnds() const {
    const std::shared_ptr<const LaneBook> known = book();
    return std::all_of(known->begin(), known->end(), [](const auto& entry) {
        return std::all_of(entry.second->lanes.begin(), entry.second->lanes.end(),
                           [](const auto& lane) { return lane->reachedStartEnd(); });
    });
}

}  // namespace sluice
