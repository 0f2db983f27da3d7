#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "Facts.h"
#include "GapReader.h"
#include "IdReader.h"
#include "SseReader.h"

namespace sluice::property {

/// What a client subscribed to.
struct Wish {
    ChannelMask channels = 0;
    std::uint32_t types = 0;  // bit set of kTypes; 0: all
    bool takes(ChannelMask mask, std::uint32_t uid, std::uint32_t ordinal) const {
        return (mask & channels) != 0 && (types == 0 || (types >> typeOf(uid, ordinal) & 1) != 0);
    }
};

/// Judges what one client dispatches by the theorem of resume.md section 7: exactly the events at
/// or after its first cut and before the cut of its last id, minus told gaps, each once, in lane
/// order, until a gap with mayRepeat is told, and again from the id of that block on.
class Oracle {
  public:
    Oracle(const Facts& facts, const Wish& wish, ReaderKind kind, bool isQuiet)
        : facts_{facts}, wish_{wish}, kind_{kind}, isQuiet_{isQuiet} {}

    /// A client without an id begins anew.
    void begin();
    /// A connection to a node that sees the lanes in these incarnations.
    void connect(const std::vector<std::uint32_t>& incarnations, std::string_view idSent);
    /// The node has found lanes that it did not know.
    void noteIncarnations(const std::vector<std::uint32_t>& incarnations);
    /// Plain events below a place are nothing that the client asked for.
    void excusePlain(Place below);
    /// `gapIncarnations`: of the lanes as its node saw them when it told a gap.
    void accept(const ReadBlock& block, const std::string& lastEventId,
                const std::vector<std::uint32_t>& gapIncarnations);
    /// The stream has other channels from here on. It had all up to the id `before`; the lanes of
    /// the new ones are those of `now`.
    void change(const ReadId& before, ChannelMask channels, const ReadId& now);
    /// Everything was read: what a full id of this run and cut would cover must be there.
    void finish(const ReadId& id);

  private:
    struct Told {
        Place from, to;
        ChannelMask channels = 0;
    };
    struct Received {
        Place place;
        std::uint32_t run = 0;          // of a plain event
        std::uint32_t generations = 0;  // bit set
        bool isExcused = false;         // dispatched at the end of a connection
    };
    struct LaneState {
        bool hasStarted = false, hasLast = false, isAnew = false, isDirty = false;
        bool hasIncarnation = false;
        std::uint32_t incarnation = 0;
        Place first, checked, last;
        std::vector<Received> received;
        std::vector<Told> gaps;
    };

    LaneState& state(LaneId lane);
    bool isDirty(LaneId lane);
    void checkOpen(const ReadBlock& block, const std::string& lastEventId);
    void acceptGaps(std::string_view json, const std::vector<std::uint32_t>& incarnations);
    void checkReason(const ReadGap& gap);
    void startAnew(LaneId lane);
    ChannelMask maskOf(std::string_view channel) const;
    void addGap(const ReadGap& gap, const ReadGap::Lane& told);
    std::vector<LaneId> lanesNamed(std::string_view name) const;
    void acceptEvent(const ReadBlock& block);
    void acceptPlaced(const MadeEvent& event, bool atEnd);
    void checkFull(const ReadId& id);
    void startLane(LaneId id, LaneState& lane, Place place);
    void checkLane(LaneId id, LaneState& lane, Place upTo);
    bool isThere(const LaneState& lane, LaneId id, const Message& message, Place from, Place to,
                 std::uint32_t generation, Place& missing);
    const Received* find(const LaneState& lane, Place place, std::uint32_t run) const;
    bool isCovered(const LaneState& lane, Place place, ChannelMask channels) const;
    void checkPlain(const ReadId& id);
    void startPlain(std::uint32_t run, std::uint64_t seq);
    [[noreturn]] void fail(const std::string& what) const;
    std::string nameOf(LaneId lane) const;

    const Facts& facts_;
    Wish wish_;
    const ReaderKind kind_;
    const bool isQuiet_;
    std::vector<LaneState> lanes_;
    std::vector<std::uint32_t> hashes_;        // families that full ids named
    std::vector<std::uint32_t> incarnations_;  // as the present connection's node sees the lanes
    std::string idSent_;
    ReadId sent_;
    bool isSentReadable_ = false;
    bool isFirstBlock_ = true;
    bool hasExcused_ = false;
    std::uint32_t plainRun_ = kNoRun;
    ReadId id_;
    std::vector<ChannelMask> masks_;

    static constexpr std::uint32_t kNoRun = ~std::uint32_t{0};
};

}  // namespace sluice::property
