#include "Watcher.h"

#include <algorithm>
#include <utility>

namespace sluice::kafka {

Watcher::Watcher(const plugin::Host& host, const Options& options, Health& health,
                 TopicFilter filter, StartPlan plan)
    : host_(host),
      options_(options),
      health_(health),
      cluster_(options, *this),
      starts_(options, std::move(plan)),
      guard_(cluster_) {
    wishes_.filter = std::move(filter);
    wishes_.isFilterNew = true;
}

void Watcher::run(Reader& reader) {
    health_.connecting();
    while (waitForRound()) {
        const Wishes wishes = takeWishes();
        answerQuestions(wishes.questions);
        pause_ = kRound;
        try {
            round(reader, wishes);
        } catch (const BrokerError&) {
            redo(wishes);
            health_.unanswered();
            pause_ = kRetryRound;
        }
        roundEnd_ = Clock::now();
    }
}

void Watcher::stop() noexcept {
    const std::lock_guard lock(mutex_);
    isStopping_ = true;
    changed_.notify_all();
}

void Watcher::watch(TopicFilter filter) {
    const std::lock_guard lock(mutex_);
    wishes_.filter = std::move(filter);
    wishes_.isFilterNew = true;
    changed_.notify_all();
}

void Watcher::query(std::span<const sluice_text> topics) {
    const std::lock_guard lock(mutex_);
    for (const sluice_text topic : topics) wishes_.queried.emplace(plugin::view(topic));
    changed_.notify_all();
}

void Watcher::seek(std::uint64_t question, std::int64_t timeMs,
                   std::span<const sluice_text> topics) {
    const std::lock_guard lock(mutex_);
    Question& added = wishes_.questions.emplace_back(Question{question, timeMs, {}});
    for (const sluice_text topic : topics) added.topics.emplace_back(plugin::view(topic));
    changed_.notify_all();
}

void Watcher::onFault(rd_kafka_resp_err_t error, std::string_view reason) {
    health_.note(error, reason);
    const std::lock_guard lock(mutex_);
    isHurried_ = true;
    changed_.notify_all();
}

void Watcher::onOutOfRange(const Partition& partition) {
    const std::lock_guard lock(mutex_);
    wishes_.outOfRange.insert(partition);
    changed_.notify_all();
}

void Watcher::onError(rd_kafka_resp_err_t error, std::string_view reason) {
    // Of our own handle, inside a round: the round's outcome says the rest.
    health_.note(error, reason);
}

void Watcher::onLog(std::string_view line) {
    host_.log(SLUICE_LOG_DEBUG, options_.scrub(withoutGuess(line)));
}

bool Watcher::waitForRound() {
    std::unique_lock lock(mutex_);
    while (!isStopping_) {
        const bool isWanted =
            wishes_.isFilterNew || !wishes_.queried.empty() || !wishes_.questions.empty();
        const bool isSoon = isHurried_ || !wishes_.outOfRange.empty();
        const auto pause = isWanted ? std::chrono::milliseconds{0}
                           : isSoon ? std::min(kHurry, pause_)
                                    : pause_;
        if (Clock::now() >= roundEnd_ + pause) return true;
        changed_.wait_until(lock, roundEnd_ + pause);
    }
    return false;
}

Watcher::Wishes Watcher::takeWishes() {
    const std::lock_guard lock(mutex_);
    isHurried_ = false;
    Wishes wishes = wishes_;
    wishes_.isFilterNew = false;
    wishes_.queried.clear();
    wishes_.outOfRange.clear();
    wishes_.questions.clear();
    wishes.queried.merge(toAnswer_);
    wishes.outOfRange.merge(toRepair_);
    toAnswer_.clear();
    toRepair_.clear();
    return wishes;
}

/// The round could not be finished: what it was to do is done in the next one. A repeated answer or
/// repair does no harm.
void Watcher::redo(const Wishes& wishes) {
    toRepair_.insert(wishes.outOfRange.begin(), wishes.outOfRange.end());
    toAnswer_.insert(wishes.queried.begin(), wishes.queried.end());
    // Not through wishes_: that would begin the next round at once.
    isFilterPending_ = isFilterPending_ || wishes.isFilterNew;
}

void Watcher::answerQuestions(const std::vector<Question>& questions) {
    for (const Question& question : questions)
        for (const std::string& topic : question.topics)
            host_.sought(question.id, topic, positionsAt(topic, question.timeMs));
}

/// Empty: it cannot be found out.
std::vector<sluice_position> Watcher::positionsAt(const std::string& topic, std::int64_t timeMs) {
    const auto followed = topics_.find(topic);
    if (followed == topics_.end() || followed->second.isGone) return {};
    const auto partitions = partitionsOf(topic, 0, followed->second.partitions);
    std::vector<sluice_position> positions;
    try {
        const auto ends = cluster_.ends(partitions);
        const auto offsets = cluster_.offsetsAt(partitions, std::max<std::int64_t>(timeMs, 0));
        for (const Partition& partition : partitions) {
            const auto end = ends.find(partition);
            const auto offset = offsets.find(partition);
            if (end == ends.end() || offset == offsets.end()) return {};
            const std::int64_t place = offset->second < 0 ? end->second.end : offset->second;
            positions.push_back({static_cast<std::uint64_t>(std::max(place, end->second.low)), 0});
        }
    } catch (const BrokerError&) {
        return {};
    }
    return positions;
}

void Watcher::round(Reader& reader, const Wishes& wishes) {
    const Topics topics = askForTopics(wishes);
    if (clusterId_.empty()) clusterId_ = cluster_.id();
    followTopics(reader, wishes, topics);
    answer(reader, wishes.queried, topics);
    repair(reader, wishes.outOfRange);
    verify(reader);
    const Fault problem = problemOf(wishes.filter, topics);
    if (problem.code == "topic-missing") pause_ = std::min(pause_, kMissingRound);
    if (problem.code.empty() && !hasBegun(reader)) return;
    health_.answered(problem);
}

/// Whether the host knows all lanes that were there at the start. Running before that, a node would
/// serve readers whose ids name lanes that it does not know yet.
bool Watcher::hasBegun(Reader& reader) {
    if (!hasBegun_) hasBegun_ = toBegin_.empty() && reader.catchUp(kDeclareMax);
    return hasBegun_ || isLater();
}

Topics Watcher::askForTopics(const Wishes& wishes) {
    std::vector<std::string> names(wishes.filter.literals().begin(),
                                   wishes.filter.literals().end());
    names.insert(names.end(), wishes.queried.begin(), wishes.queried.end());
    const bool all = wishes.filter.hasPatterns() || names.empty();
    try {
        return cluster_.topics(names, all, Cluster::kFirstCallMs);
    } catch (const BrokerError&) {
        // Known to be refused: say so now. Else it may only be slow.
        if (health_.hasReason()) throw;
    }
    return cluster_.topics(names, all, Cluster::kCallMs);
}

}  // namespace sluice::kafka
