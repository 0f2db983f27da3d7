#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "Facts.h"
#include "MemoryJournal.h"
#include "Random.h"
#include "Schedule.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/ReplayLog.h"
#include "event/EventBatch.h"

namespace sluice::property {

/// What each node keeps of its sources over restarts.
struct NodeOptions {
    std::uint32_t index = 0;
    HubOptions hub;
    std::size_t loops = 1;
    bool quiet = false;
    bool replays = false;
    bool isJournalled = false;
    ChannelMask keptChannels = 0;  // whose logs the journal keeps
};

/// One node: a real hub, and what its inputs do - reading the sources with any lag, telling what
/// they skip, noticing births and resets.
class Node final : public Origins {
  public:
    Node(Facts& facts, const NodeOptions& options, Random& random);

    Hub& hub() { return *hub_; }
    std::uint32_t run() const { return run_; }
    std::uint32_t index() const { return options_.index; }
    std::uint32_t generation() const { return generation_; }
    /// Whether the loop was woken since this was last asked.
    bool takeWoken(LoopIndex loop);

    void restart(Random& random);
    void reload();
    void read(Random& random);
    void readAll();
    void redeliver(LaneId lane);
    void publishPlain(Random& random);
    void discover();
    void lose(Random& random);
    /// Time goes by, and what is too old is evicted.
    void age(std::uint32_t ms);
    /// Any of these, at a moment that suits nobody.
    void disturb(Random& random);

    /// The incarnation of every lane as this node knows it, by LaneId; kUnknown: not known here.
    const std::vector<std::uint32_t>& incarnations() const { return incarnations_; }
    static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
    bool knows(LaneId lane) const { return lane < lanes_.size() && lanes_[lane].has_value(); }
    Place next(LaneId lane) const { return hub_->next(lanes_[lane]->index); }
    LaneId laneOf(std::uint32_t hash, std::uint32_t index) const;

    /// Whether lanes are read again for streams that ask for it.
    bool replays() const { return options_.replays; }
    /// Sends at most `count` more messages of a leg; false: it has ended.
    bool sendAgain(ReplayLog& log, std::uint32_t leg, const ReplayLeg& wanted, std::size_t count);
    /// What the sources answer when they are asked now.
    SourceEnds ends(const std::vector<std::uint32_t>& hashes) const;

    // Origins
    std::uint64_t version() const noexcept override { return version_; }
    bool mayFeed(const Family& family, const Pattern& channels) const override;
    std::vector<std::string> plainInputs(const Pattern& channels) const override;
    void query(const std::vector<std::uint32_t>& familyHashes,
               std::function<void(SourceEnds)> answer) override;

  private:
    struct ReadLane {
        LaneIndex index = 0;
        bool owesLoss = false;  // something was skipped, how much shows with the next message
        Position skipTo;
    };
    struct LoopFlag final : Hub::Wakeable {
        void wake() noexcept override { woken = true; }
        bool woken = false;
    };

    void startRun();
    void enter(const SourceFamily& family, std::uint32_t familyId, Random& random);
    Position startOf(const SourceLane& lane, std::uint32_t rewind) const;
    void noteLane(LaneId lane, LaneIndex index);
    void readLane(LaneId lane, std::size_t count, Random& random);
    void publish(LaneId lane, const Message* begin, const Message* end, bool isAgain);
    std::vector<ReplayEvent> mapAgain(LaneId lane, const Message& message, const ReplayLog& log);
    std::string noteEvent(LaneId lane, const Message& message, Place place);
    LaneId laneAt(LaneIndex index) const;
    void addEvents(LaneId lane, const Message& message, Place place);
    ChannelMask fedSinceStart(Topic topic) const;
    LaneId anyKnownLane(Random& random) const;

    Facts& facts_;
    const NodeOptions options_;
    std::unique_ptr<MemoryJournal> journal_;  // before the hub, which tells it everything
    std::unique_ptr<Hub> hub_;
    std::vector<LoopFlag> loops_;
    std::uint32_t starts_ = 0, run_ = 0;
    std::uint32_t generation_ = 0;
    std::uint32_t generations_ = 1;  // bit set of those since the start
    std::uint64_t version_ = 1;
    std::vector<std::optional<ReadLane>> lanes_;  // by LaneId
    std::vector<std::uint32_t> incarnations_;     // by LaneId
    std::vector<FamilyIndex> families_;           // by number in Facts; kNoFamily: not known
    EventBatch batch_;
    std::string data_;
    std::vector<ChannelMask> masks_;
};

}  // namespace sluice::property
