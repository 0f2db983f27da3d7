#include "journal/DiskJournal.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/Log.h"
#include "journal/Records.h"

/// What the hub tells, and the thread that brings it to the disk.
namespace sluice {
namespace {

using records::Kind;
using std::chrono::milliseconds;

constexpr const char* kArea = "journal";
constexpr milliseconds kPollMax{50}, kPollMin{1};
constexpr milliseconds kRetryMin{1'000};  // between rounds while the disk refuses
constexpr std::size_t kFrameBytesKept = 4u << 20;

std::int64_t steadyMs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now).count();
}

void note(std::vector<GapRecord>& gaps, const GapRecord& gap) {
    for (GapRecord& known : gaps) {
        if (known.lane != gap.lane) continue;
        known.seq = gap.seq;
        known.timeMs = gap.timeMs;
        known.to = gap.to;
        return;
    }
    gaps.push_back(gap);
}

}  // namespace

DiskJournal::~DiskJournal() {
    {
        const std::lock_guard lock{mutex_};
        isStopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

JournalCounts DiskJournal::counts() const {
    JournalCounts counts;
    counts.events = counters_.events;
    counts.restored = counters_.restored;
    counts.dropped = counters_.dropped;
    counts.overBytes = counters_.overBytes;
    counts.torn = counters_.torn;
    counts.writes = counters_.writes;
    counts.failures = counters_.failures;
    counts.bytes = counters_.bytes;
    counts.isFailing = counters_.isFailing;
    counts.bufferBytes = ring_->used();
    if (counts.bufferBytes > 0)
        counts.lagMs =
            static_cast<std::uint64_t>(std::max<std::int64_t>(steadyMs() - currentMs_.load(), 0));
    return counts;
}

// -- what the hub tells

void DiskJournal::event(const KeptEvent& event, Place after,
                        std::span<const std::string_view> channels) noexcept {
    const Record& record = event.record;
    records::writeKind(frame_, Kind::Event);
    records::writeEvent(frame_, event);
    ByteWriter to{frame_};
    to.number(channels.size());
    for (const std::string_view channel : channels) to.text(channel);
    frameEvents_ += channels.size();
    note(touched_, {record.seq, record.appendMs, record.lane, record.place(), after});
}

void DiskJournal::moved(LaneIndex lane, Place next, std::uint64_t seq) noexcept {
    records::writeKind(frame_, Kind::Moved);
    ByteWriter to{frame_};
    to.number(lane);
    to.place(next);
    to.number(seq);
}

void DiskJournal::gap(const GapRecord& gap, std::uint64_t recordsEvictedSeq) noexcept {
    records::writeKind(frame_, Kind::Gap);
    records::writeGap(frame_, gap);
    ByteWriter{frame_}.number(recordsEvictedSeq);
}

void DiskJournal::reset(const LaneReset& reset, Position low) noexcept {
    records::writeKind(frame_, Kind::Reset);
    ByteWriter to{frame_};
    to.number(reset.lane);
    to.number(reset.seq);
    to.position(low);
    // What of the lane was let go before is of no more interest than its gap records.
    const auto isOfLane = [&](const GapRecord& gap) { return gap.lane == reset.lane; };
    std::erase_if(letGo_, isOfLane);
    std::erase_if(touched_, isOfLane);
}

void DiskJournal::family(const Family& family) noexcept {
    records::writeKind(frame_, Kind::Family);
    records::writeFamily(frame_, family);
}

void DiskJournal::lane(FamilyIndex family, Position start) noexcept {
    records::writeKind(frame_, Kind::Lane);
    ByteWriter to{frame_};
    to.number(family);
    to.position(start);
}

void DiskJournal::retired(FamilyIndex family) noexcept {
    records::writeKind(frame_, Kind::Retired);
    ByteWriter{frame_}.number(family);
}

void DiskJournal::remapped(std::uint16_t gen) noexcept {
    records::writeKind(frame_, Kind::Remapped);
    ByteWriter{frame_}.number(gen);
}

void DiskJournal::evicted(std::string_view channel, std::uint64_t upTo) noexcept {
    records::writeKind(frame_, Kind::Evicted);
    ByteWriter to{frame_};
    to.text(channel);
    to.number(upTo);
}

void DiskJournal::collected(std::string_view channel) noexcept {
    records::writeKind(frame_, Kind::Collected);
    ByteWriter{frame_}.text(channel);
}

bool DiskJournal::commit() noexcept {
    if (frame_.empty()) return ring_->isCut() && ring_->used() == 0;
    if (!ring_->isCut() && ring_->append(frame_)) {
        counters_.events += frameEvents_;
        clearFrame();
        return false;
    }
    ring_->setCut(true);
    letGo();
    return ring_->used() == 0;
}

void DiskJournal::letGo() noexcept {
    counters_.dropped += frameEvents_;
    for (const GapRecord& gap : touched_) note(letGo_, gap);
    clearFrame();
}

void DiskJournal::clearFrame() noexcept {
    frame_.clear();
    if (frame_.capacity() > kFrameBytesKept) frame_.shrink_to_fit();
    touched_.clear();
    frameEvents_ = 0;
}

/// What was let go stands among the gap records that come back after a restart; living streams had
/// all of it.
void DiskJournal::everything(const HubMemory& memory, std::span<const KeptLog> logs) noexcept {
    HubMemory told = memory;
    for (const GapRecord& gap : letGo_) {
        told.kept[gap.lane] = std::max(told.kept[gap.lane], gap.to);
        told.gapRecords.push_back(gap);
    }
    clearFrame();
    records::writeKind(frame_, Kind::Everything);
    records::writeMemory(frame_, told);
    ByteWriter{frame_}.number(logs.size());
    for (const KeptLog& log : logs) records::writeLog(frame_, log);
    if (ring_->append(frame_)) {
        ring_->setCut(false);
        letGo_.clear();
    }
    clearFrame();
}

// -- the writer's thread

std::chrono::milliseconds DiskJournal::pollInterval() const {
    return std::clamp(options_.sync, kPollMin, kPollMax);
}

void DiskJournal::run() noexcept {
    for (;;) {
        {
            std::unique_lock lock{mutex_};
            if (changed_.wait_for(lock, pollInterval(), [this] { return isStopping_; })) break;
        }
        noteCut();
        const std::int64_t now = steadyMs();
        if (ring_->used() == 0 && !writer_->hasPending())
            currentMs_ = now;
        else if (!isBroken_ && isDue(now))
            writeRound();
    }
    writeLast();
}

bool DiskJournal::isDue(std::int64_t nowMs) const {
    const std::int64_t waited = nowMs - triedMs_;
    if (counters_.isFailing) return waited >= std::max(options_.sync, kRetryMin).count();
    return waited >= options_.sync.count() || ring_->used() >= ring_->capacity() / 4;
}

void DiskJournal::writeRound() noexcept {
    triedMs_ = steadyMs();
    try {
        // While the disk refuses nothing more is taken up, so that memory stays bounded.
        if (!writer_->hasPending() && !writer_->follow(*ring_)) {
            isBroken_ = true;
            ++counters_.torn;
        }
        writer_->write(false);
        ring_->drop(writer_->position());
        currentMs_ = triedMs_;
        noteOutcome(isBroken_ ? "its buffer is damaged; what comes now is not kept" : "");
    } catch (const std::exception& error) {
        noteOutcome(error.what());
    }
}

void DiskJournal::writeLast() noexcept {
    try {
        while (!isBroken_ && (writer_->hasPending() || writer_->position() != ring_->end())) {
            if (!writer_->hasPending() && !writer_->follow(*ring_)) return;
            writer_->write(false);
            ring_->drop(writer_->position());
        }
        if (isBroken_ || ring_->isCut()) return;
        writer_->write(true);
        // Whoever dies between these finds everything in the ring.
        lock_->leaveInOrder();
        std::filesystem::remove(ringFile());
    } catch (const std::exception& error) {
        noteOutcome(error.what());
    }
}

void DiskJournal::noteOutcome(const std::string& error) noexcept {
    if (counters_.isFailing.exchange(!error.empty()) == !error.empty()) return;
    if (error.empty())
        log::info(kArea, "is written again");
    else
        log::error(kArea, "cannot be written: " + error + "; the node goes on, and up to " +
                              std::to_string(ring_->capacity() >> 20) +
                              " MiB wait in memory. After a restart what is not on disk is told as "
                              "lost");
}

void DiskJournal::noteCut() noexcept {
    const bool isCut = ring_->isCut();
    if (std::exchange(cutIsNoted_, isCut) == isCut) return;
    if (isCut)
        log::warning(kArea,
                     "the disk cannot keep up: its buffer is full, and what comes is not kept "
                     "until all of it is written");
    else
        log::info(kArea, "keeps up again; " + std::to_string(counters_.dropped) +
                             " events were not kept in all");
}

}  // namespace sluice
