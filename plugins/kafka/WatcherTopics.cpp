#include <algorithm>
#include <utility>

#include "Watcher.h"

namespace sluice::kafka {
namespace {

sluice_lane_ends laneEnds(const Ends& ends) {
    sluice_lane_ends lane{};
    lane.flags = SLUICE_ENDS_KNOWN;
    lane.low.first = static_cast<std::uint64_t>(ends.low);
    lane.end.first = static_cast<std::uint64_t>(ends.end);
    return lane;
}

std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t kNamedMax = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamedMax); ++i)
        text.append(i == 0 ? "" : ", ").append(names[i]);
    return names.size() > kNamedMax ? text + " and others" : text;
}

}  // namespace

void Watcher::followTopics(Reader& reader, const Wishes& wishes, const Topics& topics) {
    const bool isFirstLook = wishes.isFilterNew || std::exchange(isFilterPending_, false);
    isTooMuch_ = false;
    for (const auto& [name, facts] : topics)
        if (facts.partitions > 0 && wishes.filter.wants(name) && !topics_.contains(name))
            toBegin_.try_emplace(name, !isFirstLook);
    for (auto it = topics_.begin(); it != topics_.end();) {
        if (wishes.filter.wants(it->first)) {
            const auto found = topics.find(it->first);
            if (found == topics.end() || found->second.isMissing())
                miss(reader, it->first, it->second);
            ++it;
            continue;
        }
        reader.post({.topic = it->first, .isLeft = true});
        partitionsFollowed_ -= it->second.partitions;
        it = topics_.erase(it);
    }
    for (const auto& [name, facts] : topics)
        if (facts.partitions > 0 && wishes.filter.wants(name)) follow(reader, name, facts);
}

void Watcher::follow(Reader& reader, const std::string& name, const TopicFacts& facts) {
    const auto toBegin = toBegin_.find(name);
    if (toBegin != toBegin_.end()) {
        if (!begin(reader, name, 0, facts.partitions, toBegin->second)) return;
        toBegin_.erase(toBegin);
        setPartitions(topics_[name], facts.partitions);
        return;
    }
    Followed& topic = topics_[name];
    // Missing for one look only: it may be another topic of that name.
    isDoubtful_ = isDoubtful_ || topic.roundsMissing > 0;
    topic.roundsMissing = 0;
    if (facts.partitions < topic.partitions && !topic.isGone) {
        // Partitions never go: it is another topic.
        reader.post({.topic = name, .isLeft = true, .isDeclared = true, .cluster = clusterId_});
        topic.isGone = true;
    }
    const bool isDone = topic.isGone ? comeBack(reader, name, facts.partitions)
                        : facts.partitions > topic.partitions
                            ? begin(reader, name, topic.partitions, facts.partitions, true)
                            : true;
    if (!isDone) return;
    setPartitions(topic, facts.partitions);
    topic.isGone = false;
}

void Watcher::setPartitions(Followed& topic, std::int32_t partitions) {
    partitionsFollowed_ += partitions - topic.partitions;
    topic.partitions = partitions;
}

void Watcher::miss(Reader& reader, const std::string& name, Followed& topic) {
    if (topic.isGone) return;
    isLater();
    if (++topic.roundsMissing < kRoundsMissing) return;
    topic.isGone = true;
    reader.post({.topic = name, .isLeft = true, .isDeclared = true, .cluster = clusterId_});
}

/// Declares the topic and begins to read its partitions from..to-1; false: not all have answered,
/// so it has to be tried again.
bool Watcher::begin(Reader& reader, const std::string& name, std::int32_t from, std::int32_t to,
                    bool areBorn) {
    const auto partitions = partitionsOf(name, from, to);
    for (bool isBelieved = false;;) {
        const auto ends = cluster_.ends(partitionsOf(name, 0, to));
        auto moves = starts_.of(cluster_, partitions, ends, areBorn);
        const auto cut = std::find_if(moves.begin(), moves.end(),
                                      [](const Move& move) { return move.reason == SLUICE_RESET; });
        if (isBelieved || cut == moves.end()) {
            for (const Partition& partition : partitions) doubts_.erase(partition);
            return declare(reader, name, to, ends, std::move(moves));
        }
        if (doubt({name, cut->partition}) != Belief::Sure) return isLater();
        isBelieved = true;  // of what is looked at from now on
    }
}

/// The topic was gone. Where the records that were read are still there, only the brokers had
/// forgotten it for a while; else it is a new one.
bool Watcher::comeBack(Reader& reader, const std::string& name, std::int32_t partitions) {
    if (reader.isBehind()) return isLater();
    const auto all = partitionsOf(name, 0, partitions);
    const auto ends = cluster_.ends(all);
    const auto verdicts = guard_.judge(reader, all);
    std::vector<Move> moves;
    std::vector<Partition> unread;
    for (const auto& [partition, found] : ends) {
        const auto progress = reader.progress(partition);
        if (!progress) {
            unread.push_back(partition);
            continue;
        }
        const auto verdict = verdicts.find(partition);
        const bool isSame = verdict != verdicts.end() && verdict->second == Guard::Verdict::Same;
        Move move = moveFor(partition.index, progress->next, found, isSame);
        // To the host the lanes are new ones since the topic went.
        move.start = isSame ? progress->next : found.low;
        moves.push_back(move);
        if (!isSame) guard_.forget(partition);
    }
    for (const Move& move : starts_.of(cluster_, unread, ends, true)) moves.push_back(move);
    return declare(reader, name, partitions, ends, std::move(moves));
}

bool Watcher::declare(Reader& reader, const std::string& name, std::int32_t partitions,
                      const std::map<Partition, Ends>& ends, std::vector<Move> moves) {
    if (ends.size() < static_cast<std::size_t>(partitions)) return isLater();
    const auto known = topics_.find(name);
    const std::int64_t others =
        partitionsFollowed_ - (known == topics_.end() ? 0 : known->second.partitions);
    if (others + partitions > kPartitionsMax) {
        isTooMuch_ = true;
        return false;
    }
    Update update{.topic = name, .isDeclared = true, .cluster = clusterId_};
    for (const auto& [partition, found] : ends) update.ends.push_back(laneEnds(found));
    for (const Move& move : moves) {
        if (!move.start) continue;
        sluice_lane_ends& lane = update.ends[static_cast<std::size_t>(move.partition)];
        lane.flags |= SLUICE_ENDS_HAS_START;
        lane.start.first = static_cast<std::uint64_t>(*move.start);
    }
    update.moves = std::move(moves);
    reader.post(std::move(update));
    return true;
}

/// To be tried again soon.
bool Watcher::isLater() {
    pause_ = std::min(pause_, kRetryRound);
    return false;
}

void Watcher::repair(Reader& reader, const std::set<Partition>& wanted) {
    if (wanted.empty()) return;
    if (reader.isBehind()) {
        toRepair_.insert(wanted.begin(), wanted.end());
        isLater();
        return;
    }
    const std::vector<Partition> partitions(wanted.begin(), wanted.end());
    const auto found = look(reader, partitions);
    for (const Partition& partition : partitions) {
        const auto topic = topics_.find(partition.topic);
        if (topic == topics_.end() || topic->second.isGone || !reader.progress(partition)) continue;
        const auto finding = found.find(partition);
        std::optional<Finding> done;
        if (finding != found.end())
            done = finding->second.isClear ? finding->second : settle(reader, partition);
        if (!done) {
            toRepair_.insert(partition);
            isLater();
            continue;
        }
        doubts_.erase(partition);
        if (done->move.reason == SLUICE_RESET) guard_.forget(partition);
        reader.post({.topic = partition.topic, .moves = {done->move}});
    }
}

/// Absent: no answer. A log that ends before our place, or in which our records cannot be looked
/// at, is not clear.
std::map<Partition, Watcher::Finding> Watcher::look(Reader& reader,
                                                    const std::vector<Partition>& partitions) {
    const auto ends = cluster_.ends(partitions);
    const auto verdicts = guard_.judge(reader, partitions);
    std::map<Partition, Finding> findings;
    for (const Partition& partition : partitions) {
        const auto progress = reader.progress(partition);
        const auto end = ends.find(partition);
        const auto verdict = verdicts.find(partition);
        const bool hasVerdict = verdict != verdicts.end();
        if (!progress || end == ends.end()) continue;
        if (!hasVerdict && guard_.keepsOf(reader, partition)) continue;
        const bool isSame = hasVerdict && verdict->second == Guard::Verdict::Same;
        const bool isOther = hasVerdict && verdict->second == Guard::Verdict::Other;
        const Move move = moveFor(partition.index, progress->next, end->second, isSame);
        findings.emplace(partition, Finding{move, isOther || move.reason != SLUICE_RESET});
    }
    return findings;
}

/// Where a log seems to have been cut. A broker that was away, or that is cut off from the others,
/// goes on to answer for a partition that another one leads by now, and its log ends earlier. So a
/// cut is believed only once it has looked like one for a while and the brokers agree on who leads;
/// whoever is asked next is that one.
Watcher::Belief Watcher::doubt(const Partition& partition) {
    const auto now = Clock::now();
    Doubt& known = doubts_.try_emplace(partition, Doubt{now, now}).first->second;
    if (now - known.seen > kDoubtOfFew) known.since = now;  // it is another one
    known.seen = now;
    if (now - known.since < kDoubt) return Belief::Wait;
    const Cluster::Leaders leaders = cluster_.leadersOf(partition);
    if (leaders == Cluster::Leaders::Disagree) known.since = now;
    if (leaders == Cluster::Leaders::Agree || now - known.since >= kDoubtOfFew) return Belief::Sure;
    return Belief::Open;
}

/// What is clear by now, if anything. Where brokers differ, the reader may know better.
std::optional<Watcher::Finding> Watcher::settle(Reader& reader, const Partition& partition) {
    const Belief belief = doubt(partition);
    if (belief == Belief::Sure) {
        const auto found = look(reader, {partition});
        const auto finding = found.find(partition);
        return finding == found.end() ? std::nullopt : std::optional{finding->second};
    }
    const auto progress = reader.progress(partition);
    if (!progress || belief == Belief::Wait) return {};
    Move move;
    move.partition = partition.index;
    move.readFrom = progress->next;
    reader.post({.topic = partition.topic, .moves = {move}});
    return {};
}

void Watcher::verify(Reader& reader) {
    // Else a reset that waits would be found a second time.
    if (reader.isBehind()) return;
    const auto now = Clock::now();
    const bool isRecovered = health_.takeRecovered();
    const bool isThorough = isRecovered || isDoubtful_ || now - provedAll_ >= kProveAll;
    if (!isThorough && !guard_.hasUnproved() && now - verified_ < kRound) return;
    verified_ = now;
    if (isThorough) provedAll_ = now;
    isDoubtful_ = false;
    std::vector<Partition> partitions;
    for (const auto& [name, topic] : topics_)
        if (!topic.isGone && topic.roundsMissing == 0)
            for (std::int32_t i = 0; i < topic.partitions; ++i) partitions.push_back({name, i});
    const std::set<Partition> replaced = guard_.replaced(reader, partitions, isThorough);
    if (!replaced.empty()) repair(reader, replaced);
}

void Watcher::answer(Reader& reader, const std::set<std::string>& queried, const Topics& topics) {
    if (reader.isBehind()) toAnswer_ = queried;
    for (const std::string& name : queried) {
        if (toAnswer_.contains(name)) continue;
        const auto facts = topics.find(name);
        const auto followed = topics_.find(name);
        const bool isThere = facts != topics.end() && facts->second.partitions > 0;
        const bool isRead = followed != topics_.end() && !followed->second.isGone;
        // Missing for the first time is not certain yet, and what has not begun is not declared.
        if (isThere != isRead) {
            if (isRead || toBegin_.contains(name)) toAnswer_.insert(name);
            if (isRead || isThere) continue;
        }
        Update update{.topic = name, .isDeclared = true, .cluster = clusterId_};
        const auto all = partitionsOf(name, 0, isThere ? followed->second.partitions : 0);
        const auto ends = cluster_.ends(all);
        for (const Partition& partition : all) {
            const auto found = ends.find(partition);
            update.ends.push_back(found == ends.end() ? sluice_lane_ends{}
                                                      : laneEnds(found->second));
        }
        reader.post(std::move(update));
    }
    if (!toAnswer_.empty()) isLater();
}

Fault Watcher::problemOf(const TopicFilter& filter, const Topics& topics) const {
    using enum Fault::Weight;
    std::vector<std::string> missing, refused, leaderless;
    for (const std::string& name : filter.literals())
        if (const auto found = topics.find(name);
            found == topics.end() || found->second.isMissing())
            missing.push_back(name);
    for (const auto& [name, facts] : topics) {
        if (!filter.wants(name)) continue;
        if (facts.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) refused.push_back(name);
        if (facts.withoutLeader > 0) leaderless.push_back(name);
    }
    if (!refused.empty()) return {Definite, "not-authorized", "may not read " + joined(refused)};
    if (!missing.empty())
        return {Definite, "topic-missing",
                "not at " + options_.brokers + " yet: topic " + joined(missing)};
    if (filter.literals().empty() && topics_.empty() && toBegin_.empty())
        return {Definite, "topic-missing", "no topic matches yet"};
    if (isTooMuch_)
        return {Definite, "too-many-partitions",
                "more than " + std::to_string(kPartitionsMax) + " partitions match"};
    if (!leaderless.empty())
        return {Definite, "no-leader", "partitions without a leader: " + joined(leaderless)};
    return {};
}

}  // namespace sluice::kafka
