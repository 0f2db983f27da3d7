#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "journal/JournalCounts.h"
#include "journal/Ledger.h"
#include "journal/Piece.h"
#include "journal/SharedRing.h"
#include "journal/Store.h"
#include "journal/StoredState.h"

namespace sluice {

/// Follows the ring and brings what it finds to the disk, one transaction a round. One thread at a
/// time; borrows store and counters.
class JournalWriter final : private Ledger::Listener {
  public:
    /// Seqs reserved at a time: so many that a disk that hangs for days does not use them up.
    static constexpr std::uint64_t kSeqBlock = std::uint64_t{1} << 40;
    /// Bytes of the ring that one round follows at most.
    static constexpr std::size_t kRoundBytes = 16u << 20;

    /// Reads the channels. `state` is that of the store. Throws StoreError.
    JournalWriter(Store& store, StoredState state, std::uint64_t diskBytesMax,
                  JournalCounters& counters);

    /// Takes up what stands in the ring from its position on, at most kRoundBytes. False where a
    /// frame is damaged: everything before it was taken up.
    bool follow(const SharedRing& ring);
    /// Writes what was taken up, if anything; then the ring may drop what lies below position().
    /// Throws StoreError, and can be called again.
    void write(bool isClean);

    bool hasPending() const { return pendingFrames_ > 0; }
    std::uint64_t position() const { return state_.position; }
    Ledger& ledger() { return ledger_; }
    StoredState& state() { return state_; }
    std::int64_t idOf(const std::string& channel) const { return ids_.at(channel); }

    /// Drops a channel, as if it had been collected without anything left behind.
    void forget(std::string channel);
    /// What of the channel lies up to this seq is of no use; it counts as evicted.
    void giveUp(const std::string& channel, std::uint64_t upTo);

  private:
    struct Pending {
        std::vector<Piece> pieces;
        bool isEvicted = false;
    };

    // Ledger::Listener
    void event(const std::string& name, const Ledger::Channel& channel, const KeptEvent& event,
               const std::function<BaseCutPtr()>& base) override;
    void changed(const std::string& channel) override;
    void gone(const std::string& channel) override;

    void loadChannels();
    void writeChannels();
    void writeChannel(const std::string& name);
    void writeState(bool isClean);
    void makeRoom();

    Store& store_;
    StoredState state_;  // but its memory, which is the ledger's
    const std::uint64_t diskBytesMax_;
    JournalCounters& counters_;
    Ledger ledger_;
    std::map<std::string, std::int64_t> ids_;  // of channels in the store, or soon in it
    std::int64_t nextId_ = 1;
    std::uint64_t pendingFrames_ = 0;
    std::map<std::string, Pending> pending_;
    std::vector<std::int64_t> dropped_;  // ids
};

}  // namespace sluice
