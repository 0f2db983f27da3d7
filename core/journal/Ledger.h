#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "channel/Journal.h"
#include "journal/Bytes.h"

namespace sluice {

/// What the journal knows of the hub at one point of its one order: follows, record by record, what
/// the hub did. Events themselves are passed on. One thread at a time.
class Ledger final {
  public:
    struct Channel {
        std::uint64_t evictedSeq = 0;
        std::uint64_t lastSeq = 0;  // of the newest event that it ever had, 0: none
        BaseCutPtr base;            // its floor; null: W before the oldest event that is kept
    };
    using Channels = std::map<std::string, Channel, std::less<>>;

    /// What an owner does about what it follows.
    class Listener {
      public:
        /// An event for a kept channel. `base` is W before it, made when it is asked for. The
        /// channel's lastSeq is that of the event before.
        virtual void event(const std::string& name, const Channel& channel, const KeptEvent& event,
                           const std::function<BaseCutPtr()>& base) = 0;
        virtual void changed(const std::string& channel) = 0;
        /// The log of the channel and all of its events are gone.
        virtual void gone(const std::string& channel) = 0;

      protected:
        ~Listener() = default;
    };

    /// Gap records that it remembers at most; beyond, the oldest count as evicted.
    static constexpr std::size_t kGapRecordsMax = 2'000;
    /// Ranges of seqs given before restarts; beyond, the oldest two become one.
    static constexpr std::size_t kRewoundMax = 100;

    /// Follows all records of one frame. Throws BadBytes, and is of no use then.
    void follow(std::string_view frame, Listener& listener);

    /// What came after it is not known, but that no seq above `upTo` was given: goes on there. What
    /// plain inputs had in between is lost (section 8).
    void skipTo(std::uint64_t upTo);

    /// The channel has nothing up to this seq any more.
    void evict(Channel& channel, std::uint64_t upTo) const;
    /// W, with the plain lane.
    BaseCut now() const;

    HubMemory memory;
    Channels channels;

  private:
    void followOne(ByteReader& in, Listener& listener);
    void followEvent(ByteReader& in, Listener& listener);
    void followGap(ByteReader& in);
    void followReset(ByteReader& in, Listener& listener);
    void followEvicted(ByteReader& in, Listener& listener);
    void followCollected(ByteReader& in, Listener& listener);
    void followEverything(ByteReader& in, Listener& listener);
    void boundGapRecords();
    LaneIndex laneIn(ByteReader& in) const;
};

/// `base` without the lanes that were reset after `firstSeq` (N7).
BaseCutPtr withoutResets(BaseCutPtr base, std::uint64_t firstSeq,
                         const std::vector<LaneReset>& resets);

}  // namespace sluice
