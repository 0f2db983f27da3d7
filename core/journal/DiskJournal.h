#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "channel/Journal.h"
#include "journal/FolderLock.h"
#include "journal/JournalCounts.h"
#include "journal/JournalOptions.h"
#include "journal/JournalWriter.h"
#include "journal/SharedRing.h"
#include "journal/Store.h"

namespace sluice {

/// Why a journal cannot be used; for people, with what to do.
class JournalError final : public std::runtime_error {
  public:
    /// `isFull`: the disk has no room; the journal is good, but nothing can be written now.
    explicit JournalError(const std::string& text, bool isFull = false)
        : std::runtime_error{text}, isFull_{isFull} {}
    bool isFull() const { return isFull_; }

  private:
    const bool isFull_;
};

/// The journal of one node in one folder.
///
/// What the hub tells goes, frame by frame, into a ring in shared memory: there it is safe from the
/// process's end (kill -9), and no publisher ever waits for the disk. A thread of its own brings it
/// into the store, one transaction per `sync` interval, or sooner when the ring fills; that is safe
/// from the machine's end. When the ring is full, because the disk fails or is too slow, what comes
/// is let go until all before it is on the disk; after a restart that is told as lost.
///
/// Owns folder lock, ring, store and thread. The hub that uses it must have ended before it does.
class DiskJournal final : public Journal {
  public:
    /// Opens the folder, or makes it, and finds out where the journal stands. Throws JournalError.
    explicit DiskJournal(const JournalOptions& options);
    /// Writes what is left. What the disk refuses then is told as lost after the next start.
    ~DiskJournal() override;

    JournalCounts counts() const;
    /// What the last start found; empty where there is nothing to say.
    const std::string& finding() const { return finding_; }

    // Journal
    const Epoch& epoch() const override { return epoch_; }
    bool keeps(std::string_view channel) const override { return options_.keeps(channel); }
    bool keepsAll(const Pattern& channels) const override { return options_.keepsAll(channels); }
    void restore(JournalReader& reader) override;
    void event(const KeptEvent& event, Place after,
               std::span<const std::string_view> channels) noexcept override;
    void moved(LaneIndex lane, Place next, std::uint64_t seq) noexcept override;
    void gap(const GapRecord& gap, std::uint64_t recordsEvictedSeq) noexcept override;
    void reset(const LaneReset& reset, Position low) noexcept override;
    void family(const Family& family) noexcept override;
    void lane(FamilyIndex family, Position start) noexcept override;
    void retired(FamilyIndex family) noexcept override;
    void remapped(std::uint16_t gen) noexcept override;
    void evicted(std::string_view channel, std::uint64_t upTo) noexcept override;
    void collected(std::string_view channel) noexcept override;
    bool commit() noexcept override;
    void everything(const HubMemory& memory, std::span<const KeptLog> logs) noexcept override;

  private:
    // DiskJournalRecovery.cpp
    void recoverOrBeginAnew();
    StoredState stateOfStore();
    void setAside(const std::string& why);
    std::filesystem::path mark() const;
    /// Notes that the node now runs without this journal: what it gives out meanwhile is not in it.
    void noteAbsence() const;
    void tellAbsence();
    void recover(StoredState state);
    /// Why what the ring had is not all there; empty where it is.
    std::string takeUpRing();
    void applyPolicies();
    void makeRing();
    std::uint64_t checkedFloor(const std::string& name, const Ledger::Channel& channel);
    void restoreLog(const std::string& name, JournalReader& reader);
    void showProgress(std::uint64_t bytes);
    std::filesystem::path ringFile() const;
    std::string ringOwner() const;

    void letGo() noexcept;
    void clearFrame() noexcept;
    std::chrono::milliseconds pollInterval() const;
    void run() noexcept;
    bool isDue(std::int64_t nowMs) const;
    void writeRound() noexcept;
    void writeLast() noexcept;
    void noteOutcome(const std::string& error) noexcept;
    void noteCut() noexcept;

    // constant after construction
    const JournalOptions options_;
    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<Store> store_;
    Epoch epoch_{};
    std::string finding_;
    JournalCounters counters_;
    std::unique_ptr<SharedRing> ring_;

    // The writer's thread; before it was started, its owner.
    std::unique_ptr<JournalWriter> writer_;
    std::int64_t triedMs_ = 0;  // when a round last began
    bool isBroken_ = false;     // the ring is damaged: nothing is written any more
    bool cutIsNoted_ = false;
    std::int64_t progressShownMs_ = 0;
    std::uint64_t progressBytes_ = 0;

    // Whoever holds the hub's mutex.
    std::string frame_;               // told since the last commit
    std::uint64_t frameEvents_ = 0;   // copies in it
    std::vector<GapRecord> touched_;  // by lane, what of it the frame has
    std::vector<GapRecord> letGo_;    // by lane, what was let go

    std::atomic<std::int64_t> currentMs_{0};  // up to here all is on disk, or there was nothing
    std::mutex mutex_;
    std::condition_variable changed_;
    bool isStopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace sluice
