#include "Playback.h"

#include <algorithm>
#include <utility>

#include "LineReader.h"

namespace sluice::replay {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatchMessages = 1'000;
constexpr std::size_t kBatchBytes = 1u << 20;
/// A recording that took no time at all loops so often at speed 1.
constexpr milliseconds kRoundAtLeast{1'000};

std::size_t bytesOf(const Line& line) {
    return line.family.size() + line.payload.value_or("").size() + line.key.value_or("").size();
}

std::optional<sluice_state> stateOf(const std::string& name) {
    if (name == "connecting") return SLUICE_STATE_CONNECTING;
    if (name == "running") return SLUICE_STATE_RUNNING;
    // It is the recorded instance that failed: the playback of it goes on.
    if (name == "degraded" || name == "failed") return SLUICE_STATE_DEGRADED;
    return std::nullopt;
}

}  // namespace

Playback::Playback(const plugin::Host& host, const Options& options, Starts starts,
                   milliseconds rewind)
    : host_{host}, options_{options}, starts_{std::move(starts)}, rewind_{rewind} {}

void Playback::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
}

void Playback::play() {
    if (!prepare()) return;
    do {
        playRound();
        const std::lock_guard lock{mutex_};
        ++round_;
    } while (options_.loop && recording_.messages > 0 && !stopping_);
    if (!stopping_)
        host_.log(SLUICE_LOG_INFO, "all " + std::to_string(recording_.messages) + " messages of " +
                                       options_.file + " were played");
}

/// Reads the file once; false if it is to stop.
bool Playback::prepare() {
    std::optional<Recording> recording = Recording::read(options_, stopping_);
    if (!recording) return false;
    if (recording->wasCut)
        host_.log(SLUICE_LOG_WARNING, options_.file + " ends in the middle of a line");
    if (options_.startsLive && starts_.empty()) {
        liveSinceMs_ = recording->lastMs - rewind_.count();
        recording->findLive(options_, liveSinceMs_, stopping_);
    }
    const std::lock_guard lock{mutex_};
    recording_ = std::move(*recording);
    round_ = firstRound();
    isResuming_ = std::any_of(starts_.begin(), starts_.end(), [this](const auto& start) {
        const auto* const facts = recording_.find(start.first.first, start.first.second);
        return facts && start.second > facts->begin;
    });
    return !stopping_;
}

/// The round of the loop that the lane which stands furthest behind is in.
std::uint64_t Playback::firstRound() const {
    if (!options_.loop) return 0;
    std::optional<std::uint64_t> round;
    for (const auto& [lane, position] : starts_) {
        const auto* const facts = recording_.find(lane.first, lane.second);
        if (!facts || facts->span() == 0 || position <= facts->begin) continue;
        const std::uint64_t its = (position.first - facts->begin.first) / facts->span();
        round = std::min(round.value_or(its), its);
    }
    return round.value_or(0);
}

void Playback::playRound() {
    hasBegun_ = false;
    LineReader reader{options_.file};
    for (Line line; !stopping_ && reader.next(line);)
        if (line.input == recording_.input) take(std::move(line));
    push();
    endResuming();
    becomeRunning();
    if (!options_.loop || !options_.speed || stopping_) return;
    // The next round begins where the last message was, so that loops without time do not race.
    if (recording_.lastMs == recording_.firstMs) waitUntilDue(beganMs_ + kRoundAtLeast.count());
}

void Playback::take(Line&& line) {
    switch (line.kind) {
        case Line::Kind::Message:
            return takeMessage(std::move(line));
        case Line::Kind::Lanes:
            return takeLanes(std::move(line));
        case Line::Kind::Lost:
            return takeLost(line);
        case Line::Kind::At:
            return takeAt(line);
        case Line::Kind::Health:
            return takeHealth(line);
        case Line::Kind::Header:
        case Line::Kind::Input:
            return;
    }
}

// -- where lanes stand

Position Playback::shifted(const std::string& family, std::uint32_t lane, Position position) const {
    const auto* const facts = recording_.find(family, lane);
    if (facts) position.first += round_ * facts->span();
    return position;
}

/// Whether a message was played before an earlier stop, or lies before a live start.
bool Playback::isPassedOver(const Line& line) const {
    if (line.receivedMs < liveSinceMs_ && round_ == 0) return true;
    if (!line.lane) return isResuming_;
    const auto start = starts_.find({line.family, *line.lane});
    return start != starts_.end() &&
           shifted(line.family, *line.lane, line.position) < start->second;
}

/// Where a lane that the recording began to read at `recorded` is begun now.
Position Playback::startOf(const std::string& family, std::uint32_t lane, Position recorded) const {
    if (const auto given = starts_.find({family, lane}); given != starts_.end())
        return given->second;
    const auto* const facts = recording_.find(family, lane);
    if (liveSinceMs_ > 0 && round_ == 0) return facts->live.value_or(facts->end);
    return shifted(family, lane, recorded);
}

// -- what is said

/// While it passes over what was played before, only the last word on each family counts: an
/// earlier incarnation of a topic must not come back.
void Playback::takeLanes(Line&& line) {
    push();
    if (isResuming_)
        held_[line.family] = std::move(line);
    else
        declare(line);
}

void Playback::endResuming() {
    isResuming_ = false;
    for (const auto& [family, line] : std::exchange(held_, {})) declare(line);
}

void Playback::declare(const Line& line) {
    const Declared now{line.lanes.size(), line.words, line.cluster, line.incarnation};
    const std::lock_guard lock{mutex_};
    const auto [known, isNew] = declared_.try_emplace(line.family, now);
    // Once more the same, in a later round.
    if (!isNew && known->second == now && round_ > 0) return;
    known->second = now;
    std::vector<sluice_lane_ends> all = ends(line.family, now.lanes);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (!line.lanes[i].start) continue;
        all[i].flags |= SLUICE_ENDS_HAS_START;
        all[i].start = startOf(line.family, i, *line.lanes[i].start).raw();
    }
    host_.lanes(line.family, all, line.words, line.cluster, line.incarnation);
}

/// What the recording has of the lanes of a family. REQUIRES: mutex_ is held.
std::vector<sluice_lane_ends> Playback::ends(const std::string& family, std::size_t lanes) const {
    std::vector<sluice_lane_ends> all(lanes);
    for (std::uint32_t i = 0; i < lanes; ++i) {
        const auto* const facts = recording_.find(family, i);
        all[i].flags = SLUICE_ENDS_KNOWN;
        all[i].low = shifted(family, i, facts->begin).raw();
        all[i].end = shifted(family, i, facts->end).raw();
    }
    return all;
}

void Playback::takeMessage(Line&& line) {
    if (isPassedOver(line)) return;
    if (isResuming_) endResuming();
    if (!hasBegun_) begin(line.receivedMs);
    if (!waitUntilDue(line.receivedMs)) return;
    waitingBytes_ += bytesOf(line);
    waiting_.push_back(std::move(line));
    if (waiting_.size() >= kBatchMessages || waitingBytes_ >= kBatchBytes) push();
}

void Playback::begin(std::int64_t receivedMs) {
    push();
    becomeRunning();
    hasBegun_ = true;
    began_ = Steady::now();
    beganMs_ = receivedMs;
}

/// False if it is to stop. What waits is pushed before.
bool Playback::waitUntilDue(std::int64_t receivedMs) {
    if (!options_.speed) return !stopping_;
    const double pastMs = static_cast<double>(receivedMs - beganMs_) / *options_.speed;
    const auto due = began_ + std::chrono::duration_cast<Steady::duration>(
                                  std::chrono::duration<double, std::milli>{pastMs});
    if (due <= Steady::now()) return !stopping_;
    push();
    std::unique_lock lock{mutex_};
    return !stopped_.wait_until(lock, due, [this] { return stopping_.load(); });
}

void Playback::push() {
    if (waiting_.empty()) return;
    for (const Line& line : waiting_) {
        auto message = batch_.add(line.family);
        if (line.lane) {
            const Position place = shifted(line.family, *line.lane, line.position);
            message.lane(line.family, *line.lane, place.first, place.second);
        }
        if (line.key) message.key(*line.key);
        if (line.timeMs) message.timeMs(*line.timeMs);
        line.payload ? message.payload(*line.payload) : message.tombstone();
        for (const auto& [name, value] : line.headers) message.header(name, value);
        for (const auto& [name, value] : line.variables)
            message.variable(name, value ? std::string_view{*value} : "");
    }
    host_.push(batch_);
    waiting_.clear();
    waitingBytes_ = 0;
}

void Playback::takeLost(const Line& line) {
    push();
    if (!line.lane) {
        if (!isResuming_) host_.lost("", 0, {}, {}, SLUICE_LOST);
        return;
    }
    const sluice_position to = shifted(line.family, *line.lane, line.position).raw();
    if (isPassedOver(line)) return;
    host_.lost(line.family, *line.lane, to, to, line.isReset ? SLUICE_RESET : SLUICE_LOST);
}

void Playback::takeAt(const Line& line) {
    push();
    if (isPassedOver(line)) return;
    host_.at(line.family, *line.lane, shifted(line.family, *line.lane, line.position).raw());
}

void Playback::takeHealth(const Line& line) {
    const std::optional<sluice_state> state = stateOf(line.state);
    // Until the first message the playback itself is what is coming up.
    if (!state || !hasBegun_ || isResuming_ || !waitUntilDue(line.receivedMs)) return;
    push();
    host_.health(*state, line.code, line.text);
}

void Playback::becomeRunning() {
    if (std::exchange(isRunning_, true)) return;
    host_.health(SLUICE_STATE_RUNNING, "", "");
}

/// Families that the recording has and that were not declared yet are not spoken of: saying that
/// they are not there would end them.
void Playback::query(std::span<const sluice_text> families) {
    const std::lock_guard lock{mutex_};
    if (recording_.input.empty()) return;
    for (const sluice_text& text : families) {
        const std::string family{plugin::view(text)};
        const auto known = declared_.find(family);
        if (known != declared_.end()) {
            const Declared& declared = known->second;
            host_.lanes(family, ends(family, declared.lanes), declared.words, declared.cluster,
                        declared.incarnation);
        } else if (!recording_.find(family, 0)) {
            host_.lanes(family, {});
        }
    }
}

}  // namespace sluice::replay
