#include <algorithm>
#include <memory>

#include "channel/Hub.h"
#include "channel/HubState.h"

/// What outlives the hub's process: resume.md section 8.
namespace sluice {
namespace {

/// Pieces of a log are gathered until a segment of about this size is full.
constexpr std::size_t kRestoredSegmentBytes = 64u << 10;

/// The higher place of each lane; null: the beginning of every lane.
BaseCutPtr higherOf(const BaseCut* one, const BaseCut* other, std::size_t lanes) {
    auto higher = std::make_shared<BaseCut>(lanes);
    for (LaneIndex lane = 0; lane < lanes; ++lane)
        (*higher)[lane] = std::max(placeIn(one, lane), placeIn(other, lane));
    return higher;
}

}  // namespace

/// Puts logs together again as the journal tells them.
class Hub::Restorer final : public JournalReader {
  public:
    explicit Restorer(Hub& hub) : hub_{hub} {}

    void memory(HubMemory memory) override;
    void log(KeptLog log) override;
    void piece(BaseCutPtr base, std::span<const KeptEvent> events) override;
    /// After the last piece: what goes by time is put in its order.
    void finish();

  private:
    void makeSegment();

    Hub& hub_;
    ChannelLog* log_ = nullptr;
    // Of the segment to come.
    BaseCutPtr base_;
    std::vector<Record> records_;
    std::string bytes_;
    std::vector<Segment*> segments_;
    std::vector<ChannelLog*> logs_;
};

Hub::Hub(HubOptions options, const Clock& clock, Journal* journal)
    : options_{std::move(options)},
      clock_{clock},
      epoch_{journal ? journal->epoch() : randomEpoch()},
      journal_{journal},
      next_{Place{{1, 0}, 0}},
      kept_{Place{{1, 0}, 0}},
      lanes_{std::make_shared<LaneTable>()},
      gapRecords_{std::make_shared<std::vector<GapRecord>>()},
      resets_{std::make_shared<std::vector<LaneReset>>()},
      rewound_{std::make_shared<std::vector<SeqRange>>()} {
    if (journal_) {
        Restorer restorer{*this};
        journal_->restore(restorer);
        restorer.finish();
    }
    beganMs_ = nowMs();
}

void Hub::Restorer::memory(HubMemory memory) {
    hub_.seq_ = memory.seq;
    hub_.lastMs_ = hub_.plainMs_ = memory.lastMs;
    hub_.next_ = std::move(memory.next);
    hub_.kept_ = std::move(memory.kept);
    hub_.gapRecordsEvictedSeq_ = memory.gapRecordsEvictedSeq;
    std::vector<GapRecord>& gaps = memory.gapRecords;
    if (gaps.size() > hub_.options_.gapRecordsMax) {
        const auto end = gaps.end() - static_cast<std::ptrdiff_t>(hub_.options_.gapRecordsMax);
        hub_.gapRecordsEvictedSeq_ = (end - 1)->seq;
        gaps.erase(gaps.begin(), end);
    }
    hub_.gapRecords_ = std::make_shared<std::vector<GapRecord>>(std::move(gaps));
    hub_.resets_ = std::make_shared<std::vector<LaneReset>>(std::move(memory.resets));
    hub_.rewound_ = std::make_shared<std::vector<SeqRange>>(std::move(memory.rewound));
    hub_.lanes_ = std::make_shared<LaneTable>(std::move(memory.lanes));
    hub_.gen_ = memory.gen;
    hub_.mappedBefore_ = std::make_shared<BaseCut>(std::move(memory.mappedBefore));
    hub_.keptForgotten_ = {std::make_shared<BaseCut>(std::move(memory.forgottenBase)),
                           memory.forgottenSeq, hub_.lastMs_};
    // What other channels had is gone with the process.
    hub_.forgotten_ = {hub_.baseNow(), hub_.seq_, hub_.lastMs_};
    hub_.awaitsMappings_ = hub_.seq_ > 0 || hub_.lanes_->lanes.size() > 1;
}

void Hub::Restorer::log(KeptLog log) {
    makeSegment();
    auto made = std::make_unique<ChannelLog>(log.channel, hub_.policyOf(log.channel).history,
                                             ReaderPolicy{},
                                             Forgotten{log.base, log.evictedSeq, hub_.lastMs_});
    log_ = made.get();
    log_->isKept = true;
    log_->setExists();
    hub_.logs_.emplace(log_->name(), std::move(made));
    ++hub_.counts_.channels;
    logs_.push_back(log_);
}

void Hub::Restorer::piece(BaseCutPtr base, std::span<const KeptEvent> events) {
    std::size_t size = records_.size() * sizeof(Record) + bytes_.size();
    for (const KeptEvent& event : events) size += sizeof(Record) + event.bytes.size();
    if (size > kRestoredSegmentBytes) makeSegment();
    if (records_.empty()) base_ = std::move(base);
    for (const KeptEvent& event : events) {
        records_.push_back(event.record);
        bytes_ += event.bytes;
    }
}

void Hub::Restorer::makeSegment() {
    if (records_.empty()) return;
    Segment* const segment =
        Segment::create(records_.size() * sizeof(Record) + bytes_.size(), std::move(base_), *log_);
    log_->addSegment(SegmentPtr{segment});
    std::string_view rest = bytes_;
    for (const Record& record : records_) {
        const std::size_t length =
            std::size_t{record.keyLength} + record.eventLineLength + record.dataLinesLength;
        log_->append(record, rest.substr(0, length));
        rest.remove_prefix(length);
    }
    hub_.counts_.restored += records_.size();
    hub_.counts_.keptEvents += records_.size();
    hub_.counts_.keptBytes += segment->allocatedBytes();
    segments_.push_back(segment);
    records_.clear();
    bytes_.clear();
}

void Hub::Restorer::finish() {
    makeSegment();
    std::sort(segments_.begin(), segments_.end(), [](const Segment* a, const Segment* b) {
        return a->record(0).seq < b->record(0).seq;
    });
    for (Segment* const segment : segments_) {
        segment->older = hub_.newestSegment_;
        (segment->older ? segment->older->newer : hub_.oldestSegment_) = segment;
        hub_.newestSegment_ = segment;
    }
    std::sort(logs_.begin(), logs_.end(), [](const ChannelLog* a, const ChannelLog* b) {
        return a->lastAppendMs() < b->lastAppendMs();
    });
    Garbage garbage;
    for (ChannelLog* const log : logs_) {
        hub_.linkIdle(*log);
        hub_.setReaders(*log, hub_.policyOf(log->name()).readers, garbage);
    }
}

// -- what leaves, and what was there before

void Hub::forgetInto(Forgotten& forgotten, const ChannelLog& log) {
    forgotten.base = higherOf(forgotten.base.get(), log.base().get(), next_.size());
    forgotten.seq = std::max(forgotten.seq, log.evictedSeq());
    forgotten.timeMs = std::max(forgotten.timeMs, log.evictedMs());
}

/// What a channel, or those that a pattern takes, may have had before there was a log.
Forgotten Hub::forgottenOf(std::string_view channel) const {
    if (!journal_) return forgotten_;
    const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
    const bool isChannel = !pattern || pattern->isLiteral();
    if (isChannel ? journal_->keeps(channel) : journal_->keepsAll(*pattern)) return keptForgotten_;
    if (isChannel) return forgotten_;
    return {higherOf(forgotten_.base.get(), keptForgotten_.base.get(), next_.size()),
            std::max(forgotten_.seq, keptForgotten_.seq),
            std::max(forgotten_.timeMs, keptForgotten_.timeMs)};
}

// -- what the journal is told

bool Hub::tellJournal(const Record& record, std::string_view bytes) {
    if (keptNames_.empty()) return false;
    const Place after =
        record.lane == kPlainLane ? Place{{record.seq + 1, 0}, 0} : next_[record.lane];
    journal_->event({record, bytes}, after, keptNames_);
    keptNames_.clear();
    return true;
}

void Hub::commit() noexcept {
    if (journal_ && journal_->commit()) tellEverything();
}

void Hub::tellEverything() noexcept {
    HubMemory memory;
    memory.seq = seq_;
    memory.lastMs = lastMs_;
    memory.next = next_;
    memory.kept = kept_;
    memory.lanes = *lanes_;
    memory.gapRecords = *gapRecords_;
    memory.gapRecordsEvictedSeq = gapRecordsEvictedSeq_;
    memory.resets = *resets_;
    memory.gen = gen_;
    if (mappedBefore_) memory.mappedBefore = *mappedBefore_;
    if (keptForgotten_.base) memory.forgottenBase = *keptForgotten_.base;
    memory.forgottenSeq = keptForgotten_.seq;
    std::vector<KeptLog> logs;
    for (const auto& [name, log] : logs_)
        if (log->isKept && log->exists())
            logs.push_back({log->name(), log->evictedSeq(), log->base()});
    journal_->everything(memory, logs);
}

// -- mappings

/// After a restart with equal mappings nothing was mapped otherwise before (N8).
bool Hub::isRemappedAsBefore(std::uint16_t gen) {
    if (!awaitsMappings_ || gen != gen_) return false;
    awaitsMappings_ = false;
    markCarriedFamilies();
    return true;
}

/// D(CS) goes by the mappings in force since the node's start. What was mapped by earlier ones, and
/// came back from the journal, may be on any channel.
void Hub::markCarriedFamilies() {
    auto changed = std::make_shared<LaneTable>(*lanes_);
    for (const auto& [name, log] : logs_) {
        const LogView view = log->view(0);
        for (const LogView::Part& part : view.parts)
            for (std::uint32_t i = part.begin; i < part.end; ++i) {
                const Record& record = part.segment->record(i);
                if (record.place() >= placeIn(mappedBefore_.get(), record.lane)) continue;
                if (record.lane == kPlainLane)
                    changed->plainMayFeedAll = true;
                else
                    changed->families[changed->lanes[record.lane].family].mayFeedAll = true;
            }
    }
    ++changed->version;
    lanes_ = std::move(changed);
}

}  // namespace sluice
