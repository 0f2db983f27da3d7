#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "channel/SeqArray.h"

namespace sluice {

struct LogView;

/// What a reader asks the latest events of a channel for.
struct LatestWish {
    std::uint64_t afterSeq = 0;
    std::uint64_t deletionsAfterSeq = 0;     // deletions up to here are of keys it never got
    std::size_t bytesMax = ~std::size_t{0};  // about; `LogView::cutAt` says where it was reached
};

/// The latest event of each key of a channel, in the order of seq, and the latest deletions: read
/// from 0 it is the channel's snapshot, read from a lagging reader's place it is all that matters
/// of what the reader missed (design.md section 4). An event without a key has the key "".
///
/// Like a log it has lost what was dropped at a bound: `lostSeq` and the base of its view are
/// above it, so a turn tells that as it tells what left a log. Superseded is not lost.
///
/// Owned by its ChannelLog. One thread at a time.
class LatestPerKey final : private SeqArray::Mover {
  public:
    using Garbage = SeqArray::Garbage;

    /// What came before it is lost: all events up to `lostSeq`, places below `lostBase`.
    LatestPerKey(ChannelLog& owner, std::uint64_t lostSeq, const BaseCutPtr& lostBase);

    /// Takes the place of the event that its key had; one that deletes its key is remembered among
    /// the latest kDeletionsRememberedMax. How many older deletions were forgotten for it.
    std::size_t keep(const Record& record, std::string_view bytes, Garbage& garbage);
    /// Drops the oldest deletion, or the oldest key if there is none; false for a deletion.
    /// REQUIRES: entries() > 0.
    bool dropOldest(Garbage& garbage);
    /// N7: the events of the lane mean nothing any more. How many keys that were.
    std::size_t forgetLane(LaneIndex lane, Garbage& garbage);

    std::size_t keys() const { return bodies_.size(); }
    std::size_t deletions() const { return deletions_.size(); }
    std::size_t entries() const { return keys() + deletions(); }
    /// Memory, with what an entry costs beside its event.
    std::size_t bytes() const {
        return bodies_.bytes() + deletions_.bytes() + entries() * kEntryBytes;
    }
    /// Whether no key was ever dropped, and none was there before.
    bool isComplete() const { return isComplete_; }

    /// The entries that live, merged in the order of seq.
    void view(const LatestWish& wish, LogView& out) const;

  private:
    static constexpr std::size_t kEntryBytes = 80;  // of the table of keys, about

    /// Its key lies in the segment. Moving the event changes neither the key nor its hash.
    struct Entry {
        mutable std::string_view key;
        mutable SeqArray::Location at;
        mutable bool isDeletion = false;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Entry& entry) const noexcept { return (*this)(entry.key); }
        std::size_t operator()(std::string_view key) const noexcept {
            return std::hash<std::string_view>{}(key);
        }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Entry& a, const Entry& b) const { return a.key == b.key; }
        bool operator()(std::string_view a, const Entry& b) const { return a == b.key; }
        bool operator()(const Entry& a, std::string_view b) const { return a.key == b; }
    };

    void moved(const SeqArray::Location& to) noexcept override;
    SeqArray& arrayOf(const Entry& entry) { return entry.isDeletion ? deletions_ : bodies_; }

    SeqArray bodies_, deletions_;
    std::unordered_set<Entry, Hash, Equal> entries_;
    std::uint64_t lastSeq_ = 0;
    std::uint64_t lostSeq_;
    BaseCut lostBase_;
    bool isComplete_;
};

}  // namespace sluice
