#include "channel/Hub.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "base/Assert.h"
#include "channel/HubState.h"

namespace sluice {
namespace {

/// The lane is at its beginning in the cut from here on.
void forgetIn(BaseCutPtr& cut, LaneIndex lane) {
    if (!cut || lane >= cut->size()) return;
    auto changed = std::make_shared<BaseCut>(*cut);
    (*changed)[lane] = Place{};
    cut = std::move(changed);
}

}  // namespace

Hub::Hub(HubOptions options, const Clock& clock, Epoch epoch)
    : options_{std::move(options)},
      clock_{clock},
      epoch_{epoch},
      next_{Place{{1, 0}, 0}},
      kept_{Place{{1, 0}, 0}},
      lanes_{std::make_shared<LaneTable>()},
      gapRecords_{std::make_shared<std::vector<GapRecord>>()},
      resets_{std::make_shared<std::vector<LaneReset>>()},
      rewound_{std::make_shared<std::vector<SeqRange>>()} {
    beganMs_ = nowMs();
}

Hub::~Hub() = default;

// -- lanes

FamilyIndex Hub::declareFamily(std::string_view input, std::string_view name, std::uint32_t hash,
                               Words words) {
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    const std::vector<Family>& families = lanes_->families;
    for (FamilyIndex i = 0; i < families.size(); ++i) {
        if (families[i].hash != hash || families[i].gone) continue;
        if (families[i].input == input && families[i].name == name) return i;
        throw std::invalid_argument{"the families " + families[i].input + ":" + families[i].name +
                                    " and " + std::string{input} + ":" + std::string{name} +
                                    " have the same hash in event ids; rename one of the inputs"};
    }
    auto changed = std::make_shared<LaneTable>(*lanes_);
    ++changed->version;
    changed->families.push_back(
        {std::string{input}, std::string{name}, hash, words, false, {}, false});
    lanes_ = std::move(changed);
    if (journal_) journal_->family(lanes_->families.back());
    markEverything(toWake);
    const auto index = static_cast<FamilyIndex>(lanes_->families.size() - 1);
    commit();
    lock.unlock();
    wake(toWake);
    return index;
}

LaneIndex Hub::addLane(FamilyIndex family, std::uint32_t index, Position start) {
    auto changed = std::make_shared<LaneTable>(*lanes_);
    ++changed->version;
    const auto lane = static_cast<LaneIndex>(changed->lanes.size());
    SLUICE_ASSERT(changed->families[family].lanes.size() == index);
    changed->families[family].lanes.push_back(lane);
    changed->lanes.push_back({family, index});
    lanes_ = std::move(changed);
    next_.push_back({start, 0});
    kept_.push_back({start, 0});
    if (journal_) journal_->lane(family, start);
    return lane;
}

LaneIndex Hub::declareLane(FamilyIndex family, std::uint32_t index, Position start) {
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    const std::vector<LaneIndex>& known = lanes_->families[family].lanes;
    LaneIndex lane = kPlainLane;
    if (index < known.size()) {
        // Reading goes on behind W: whatever lies between was skipped, and is told.
        lane = known[index];
        lostInLock(lane, start);
    } else {
        lane = addLane(family, index, start);
    }
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
    return lane;
}

LaneIndex Hub::bearLane(FamilyIndex family, std::uint32_t index, Position low) {
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    const LaneIndex lane = addLane(family, index, {});
    lostInLock(lane, low);
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
    return lane;
}

void Hub::retireFamily(FamilyIndex family) noexcept {
    Garbage garbage;
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    for (const LaneIndex lane : lanes_->families[family].lanes) resetInLock(lane, {}, garbage);
    auto changed = std::make_shared<LaneTable>(*lanes_);
    ++changed->version;
    changed->families[family].gone = true;
    lanes_ = std::move(changed);
    if (journal_) journal_->retired(family);
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
}

Place Hub::next(LaneIndex lane) const {
    const std::lock_guard lock{mutex_};
    return lane == kPlainLane ? Place{{seq_ + 1, 0}, 0} : next_[lane];
}

std::shared_ptr<const LaneTable> Hub::lanes() const {
    const std::lock_guard lock{mutex_};
    return lanes_;
}

// -- what sources say besides messages

void Hub::at(LaneIndex lane, Position position) noexcept {
    const std::lock_guard lock{mutex_};
    if (next_[lane] >= Place{position, 0}) return;
    next_[lane] = {position, 0};
    if (journal_) journal_->moved(lane, next_[lane], seq_);
    commit();
}

void Hub::lost(LaneIndex lane, Position to) noexcept {
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    lostInLock(lane, to);
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
}

void Hub::lostInLock(LaneIndex lane, Position to) {
    if (lane == kPlainLane) {
        const Place from{{seq_ + 1, 0}, 0};
        const Place after{{seq_ + 2, 0}, 0};
        noteGap(lane, from, after);
        kept_[lane] = after;
        return;
    }
    const Place after{to, 0};
    if (after <= next_[lane]) return;
    noteGap(lane, next_[lane], after);
    kept_[lane] = next_[lane] = after;
}

void Hub::noteGap(LaneIndex lane, Place from, Place to) {
    auto changed = std::make_shared<std::vector<GapRecord>>(*gapRecords_);
    changed->push_back({++seq_, nowMs(), lane, from, to});
    if (changed->size() > options_.gapRecordsMax) {
        gapRecordsEvictedSeq_ = changed->front().seq;
        changed->erase(changed->begin());
        ++counts_.gapRecordsEvicted;
    }
    gapRecords_ = std::move(changed);
    if (journal_) journal_->gap(gapRecords_->back(), gapRecordsEvictedSeq_);
}

void Hub::reset(LaneIndex lane, Position low) noexcept {
    Garbage garbage;
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    resetInLock(lane, low, garbage);
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
}

void Hub::resetInLock(LaneIndex lane, Position low, Garbage& garbage) {
    ++seq_;
    auto resets = std::make_shared<std::vector<LaneReset>>(*resets_);
    std::erase_if(*resets, [lane](const LaneReset& reset) { return reset.lane == lane; });
    resets->push_back({lane, seq_});
    resets_ = std::move(resets);
    // Whoever was not told of these records is told of the reset, which says more.
    auto records = std::make_shared<std::vector<GapRecord>>(*gapRecords_);
    std::erase_if(*records, [lane](const GapRecord& gap) { return gap.lane == lane; });
    gapRecords_ = std::move(records);

    for (auto& [name, log] : logs_) {
        while (log->holds(lane)) evictOldest(*log, Why::Reset, garbage);
        log->forgetLane(lane);
        forgetLatest(*log, lane, garbage);
    }
    forgetIn(forgotten_.base, lane);
    forgetIn(keptForgotten_.base, lane);
    forgetIn(mappedBefore_, lane);
    next_[lane] = kept_[lane] = {low, 0};
    if (journal_) journal_->reset(resets_->back(), low);
}

void Hub::remapped(std::uint16_t gen) noexcept {
    std::uint64_t toWake = 0;
    std::unique_lock lock{mutex_};
    if (isRemappedAsBefore(gen)) return;
    gen_ = gen;
    mappedBefore_ = baseNow();
    ++remaps_;
    if (journal_) journal_->remapped(gen);
    if (std::exchange(awaitsMappings_, false)) markCarriedFamilies();
    markEverything(toWake);
    commit();
    lock.unlock();
    wake(toWake);
}

void Hub::setHistories(std::vector<ChannelPolicy> policies, const History& others,
                       const ReaderPolicy& readersOfOthers) {
    Garbage garbage;
    const std::lock_guard lock{mutex_};
    options_.policies.swap(policies);
    options_.history = others;
    options_.readers = readersOfOthers;
    // Before the earlier policies go, to which the logs refer.
    for (auto& [name, log] : logs_) {
        const PolicyInForce policy = policyOf(name);
        log->setHistory(policy.history);
        setReaders(*log, policy.readers, garbage);
    }
}

// -- loops

LoopIndex Hub::addLoop(Wakeable& loop) {
    const std::lock_guard lock{mutex_};
    const std::size_t index = loops_.size();
    SLUICE_ASSERT(index < kLoopsMax);
    loops_.emplace_back();
    wakeables_[index] = &loop;
    return static_cast<LoopIndex>(index);
}

ChannelLog* Hub::watch(LoopIndex loop, std::string_view channel) {
    const std::lock_guard lock{mutex_};
    return watchInLock(loop, channel);
}

ChannelLog* Hub::watchInLock(LoopIndex loop, std::string_view channel) {
    const auto found = logs_.find(channel);
    if (found != logs_.end()) {
        found->second->interestedLoops |= std::uint64_t{1} << loop;
        return found->second.get();
    }
    if (counts_.interests >= options_.interestsMax) return nullptr;
    ChannelLog& log = enter(channel);
    log.interestedLoops = std::uint64_t{1} << loop;
    ++counts_.interests;
    return &log;
}

void Hub::unwatch(LoopIndex loop, ChannelLog& log) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << loop;
    const std::lock_guard lock{mutex_};
    log.interestedLoops &= ~bit;
    std::erase(loops_[loop].born, &log);
    if (log.dirtyLoops & bit) {
        std::erase(loops_[loop].dirty, &log);
        log.dirtyLoops &= ~bit;
    }
    if (log.interestedLoops != 0 || log.exists()) return;
    --counts_.interests;
    logs_.erase(logs_.find(log.name()));
}

bool Hub::watchPattern(LoopIndex loop, const Pattern& pattern, std::vector<ChannelLog*>& matches) {
    const std::uint64_t bit = std::uint64_t{1} << loop;
    const std::lock_guard lock{mutex_};
    matches.clear();
    for (const auto& [name, log] : logs_) {
        if (!log->exists() || !pattern.matches(name)) continue;
        if (matches.size() == options_.patternMatchesMax) return false;
        matches.push_back(log.get());
    }
    // What a collected log of the pattern held, and what lies before A, is told through this entry.
    // It needs no care later: from here on the interest keeps logs that match from being collected.
    ChannelLog* const gone = watchInLock(loop, pattern.text());
    if (!gone) return false;
    for (ChannelLog* log : matches) log->interestedLoops |= bit;
    if (std::find(matches.begin(), matches.end(), gone) == matches.end()) matches.push_back(gone);
    const auto known = std::find_if(patterns_.begin(), patterns_.end(),
                                    [&](const PatternInterest& p) { return p.pattern == pattern; });
    if (known != patterns_.end())
        known->loops |= bit;
    else
        patterns_.push_back({pattern, bit});
    return true;
}

void Hub::unwatchPattern(LoopIndex loop, const Pattern& pattern) noexcept {
    const std::lock_guard lock{mutex_};
    for (PatternInterest& interest : patterns_)
        if (interest.pattern == pattern) interest.loops &= ~(std::uint64_t{1} << loop);
    patterns_.remove_if([](const PatternInterest& interest) { return interest.loops == 0; });
}

void Hub::offerToPatterns(ChannelLog& log, std::uint64_t& toWake) {
    std::uint64_t loops = 0;
    for (const PatternInterest& interest : patterns_)
        if ((interest.loops & ~loops) != 0 && interest.pattern.matches(log.name()))
            loops |= interest.loops;
    log.interestedLoops |= loops;
    for (std::uint64_t rest = loops; rest != 0; rest &= rest - 1) {
        Loop& loop = loops_[static_cast<std::size_t>(std::countr_zero(rest))];
        if (!loop.hasWork()) toWake |= rest & (~rest + 1);
        loop.born.push_back(&log);
    }
}

void Hub::markDirty(ChannelLog& log, std::uint64_t& toWake) {
    for (std::uint64_t rest = log.interestedLoops & ~log.dirtyLoops; rest != 0; rest &= rest - 1) {
        Loop& loop = loops_[static_cast<std::size_t>(std::countr_zero(rest))];
        if (!loop.hasWork()) toWake |= rest & (~rest + 1);
        loop.dirty.push_back(&log);
    }
    log.dirtyLoops |= log.interestedLoops;
}

void Hub::markEverything(std::uint64_t& toWake) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        if (!loops_[i].hasWork()) toWake |= std::uint64_t{1} << i;
        loops_[i].everything = true;
    }
}

void Hub::wake(std::uint64_t loops) noexcept {
    for (; loops != 0; loops &= loops - 1)
        wakeables_[static_cast<std::size_t>(std::countr_zero(loops))]->wake();
}

void Hub::snapshot(HubSnapshot& out) const {
    const std::lock_guard lock{mutex_};
    fill(out);
}

void Hub::collect(LoopIndex loop, LoopWork& work, HubSnapshot& out) {
    work.dirty.clear();
    work.born.clear();
    const std::uint64_t bit = std::uint64_t{1} << loop;
    const std::lock_guard lock{mutex_};
    Loop& mine = loops_[loop];
    work.dirty.swap(mine.dirty);
    work.born.swap(mine.born);
    work.everything = std::exchange(mine.everything, false);
    for (ChannelLog* log : work.dirty) log->dirtyLoops &= ~bit;
    fill(out);
}

void Hub::fill(HubSnapshot& out) const {
    out.horizon = seq_;
    out.timeMs = nowMs();
    out.beganMs = beganMs_;
    out.plainMs = plainMs_;
    out.next = next_;
    out.next[kPlainLane] = {{seq_ + 1, 0}, 0};
    out.kept = kept_;
    out.lanes = lanes_;
    out.gapRecords = gapRecords_;
    out.gapRecordsEvictedSeq = gapRecordsEvictedSeq_;
    out.resets = resets_;
    out.gen = gen_;
    out.mappedBefore = mappedBefore_;
    out.remaps = remaps_;
    out.rewound = rewound_;
}

std::int64_t Hub::nowMs() const {
    // Times of events never step back, so that `since` and resume by time find one place.
    lastMs_ = std::max(lastMs_, clock_.wallMs());
    return lastMs_;
}

std::shared_ptr<BaseCut> Hub::baseNow() const {
    auto base = std::make_shared<BaseCut>(next_);
    (*base)[kPlainLane] = {{seq_ + 1, 0}, 0};
    return base;
}

// -- what the operator sees

LogView Hub::view(std::string_view channel) const {
    const std::lock_guard lock{mutex_};
    const auto found = logs_.find(channel);
    if (found != logs_.end()) return found->second->view(0);
    LogView none;
    const Forgotten forgotten = forgottenOf(channel);
    none.base = forgotten.base;
    none.evictedSeq = none.bornEvictedSeq = forgotten.seq;
    none.evictedMs = forgotten.timeMs;
    return none;
}

HubCounts Hub::counts() const {
    const std::lock_guard lock{mutex_};
    HubCounts counts = counts_;
    counts.gapRecords = gapRecords_->size();
    counts.seq = seq_;
    return counts;
}

std::vector<ChannelSummary> Hub::channels(std::string_view part, std::size_t max) const {
    std::vector<ChannelSummary> found;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, log] : logs_) {
        if (found.size() == max) break;
        if (name.find(part) == std::string_view::npos) continue;
        found.push_back({log->name(), log->events(), log->bytes(), log->evictedSeq(),
                         log->lastAppendMs(), log->interestedLoops != 0, log->readers()});
        if (const LatestPerKey* const latest = log->latest()) {
            found.back().keys = latest->keys();
            found.back().keysBytes = latest->bytes();
            found.back().isLatestComplete = latest->isComplete();
        }
    }
    return found;
}

}  // namespace sluice
