#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "Facts.h"
#include "channel/Journal.h"

namespace sluice::property {

/// A journal whose disk is memory and takes everything at once: what a hub was told of before its
/// end is there after it. It asks for all that the hub knows at every commit, and keeps the events
/// itself, each with what W was before it.
class MemoryJournal final : public Journal {
  public:
    MemoryJournal(const Epoch& epoch, ChannelMask keptChannels)
        : epoch_{epoch}, keptChannels_{keptChannels} {}

    const Epoch& epoch() const override { return epoch_; }
    bool keeps(std::string_view channel) const override;
    bool keepsAll(const Pattern& channels) const override;
    void restore(JournalReader& reader) override;
    void event(const KeptEvent& event, Place after,
               std::span<const std::string_view> channels) noexcept override;
    void evicted(std::string_view channel, std::uint64_t upTo) noexcept override;
    void collected(std::string_view channel) noexcept override;
    bool commit() noexcept override { return true; }
    void everything(const HubMemory& memory, std::span<const KeptLog> logs) noexcept override;

    // All of it is in what `everything` tells.
    void moved(LaneIndex, Place, std::uint64_t) noexcept override {}
    void gap(const GapRecord&, std::uint64_t) noexcept override {}
    void reset(const LaneReset&, Position) noexcept override {}
    void family(const Family&) noexcept override {}
    void lane(FamilyIndex, Position) noexcept override {}
    void retired(FamilyIndex) noexcept override {}
    void remapped(std::uint16_t) noexcept override {}

  private:
    struct Event {
        Record record;
        std::string bytes;
        BaseCutPtr base;
    };

    const Epoch epoch_;
    const ChannelMask keptChannels_;
    bool isFresh_ = true;
    HubMemory memory_;
    std::vector<KeptLog> logs_;
    std::map<std::string, std::deque<Event>, std::less<>> events_;  // by channel, ascending
};

}  // namespace sluice::property
