#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "channel/Hub.h"
#include "channel/Origins.h"
#include "channel/ReplayLog.h"
#include "input/InputCounters.h"
#include "input/LaneBook.h"
#include "input/MappingsInForce.h"
#include "input/RejectedSamples.h"
#include "input/Tap.h"
#include "sluice/plugin.h"

namespace sluice {

/// The way of an input's messages into the hub: checks a plugin's calls, maps, publishes, keeps
/// the lanes. Knows nothing of the plugin's life.
///
/// Any thread may call; of one lane one thread at a time. Every function answers in finite time
/// and waits for no reader. What breaks the contract of plugin.h changes nothing: the answer is a
/// text that says how it was broken, empty otherwise.
class Intake {
  public:
    /// Called with the answer of the source about one family, on the plugin's thread.
    using EndsListener = std::function<void(std::string_view family, const SourceEnds::Family&)>;

    /// Borrows hub, mappings and clock.
    Intake(std::string name, Hub& hub, MappingsInForce& mappings, const Clock& clock,
           EndsListener onEnds);

    /// Everything goes to the tap from now on, nothing to mappings and channels. REQUIRES: nothing
    /// was said yet.
    void setTap(Tap& tap) { tap_ = &tap; }

    std::string push(const sluice_message* messages, std::size_t count);
    std::string lanes(std::string_view family, std::uint32_t words, std::string_view cluster,
                      std::string_view incarnation, std::span<const sluice_lane_ends> ends);
    std::string lost(const sluice_lane& lane, Position to, std::uint32_t reason);
    std::string at(const sluice_lane& lane, Position position);

    /// What a lane's source sends again.
    struct Again {
        std::string_view family;
        std::uint32_t index = 0;  // of the lane in its family
        LaneIndex lane = kPlainLane;
        Words words = Words::One;
        Position from, to;     // below it breaks the contract, from here on it is of no use
        const ReplayLog& log;  // whose channels' events are wanted
        /// Takes the events of a message, those of the log's channels, and the position behind it;
        /// may wait. False: no more.
        std::function<bool(Position next, std::vector<ReplayEvent>)> take;
    };
    /// Maps them with the mappings in force; publishes and counts nothing. `wants` becomes whether
    /// more may come.
    std::string mapAgain(const sluice_message* messages, std::size_t count, const Again& again,
                         bool& wants);

    /// The source is another one from here on: nothing that it declared is there any more.
    void retireAll();

    const std::string& name() const { return name_; }
    InputCounters& counters() { return counters_; }
    const InputCounters& counters() const { return counters_; }
    std::shared_ptr<const LaneBook> book() const;
    /// Over all lanes: positions between here and the ends that the source told last.
    std::uint64_t lag() const;
    /// The last sample of each reason for which messages were rejected.
    std::vector<RejectedSample> samples() const { return samples_.all(); }
    /// Whether every lane has come to the end that was seen first.
    bool reachedStartEnds() const;

    /// Most messages of one push (plugin.h).
    static constexpr std::size_t kPushMessagesMax = 65'536;
    /// A push is published in pieces of about this size, so that the hub's lock is held shortly and
    /// the memory of a batch stays bounded.
    static constexpr std::size_t kPieceMessages = 1'024;
    static constexpr std::size_t kPieceBytes = 1u << 20;

  private:
    struct Scratch;
    class Resolver;

    static Scratch& scratch();
    static std::string checkShape(const sluice_message* messages, std::size_t count);
    void mapMessageAgain(const sluice_message& given, const Again& again, Scratch& scratch,
                         std::vector<ReplayEvent>& events);
    void tapMessages(const sluice_message* messages, std::size_t count, Scratch& scratch);
    void tapDeclaration(const FamilyLanes& family, std::string_view cluster,
                        std::string_view incarnation, std::span<const sluice_lane_ends> ends);
    Tap::Lane tapped(const sluice_lane& lane) const;
    void mapPieces(const sluice_message* messages, std::size_t count, Scratch& scratch);
    std::size_t mapPiece(const sluice_message* messages, std::size_t begin, std::size_t count,
                         Scratch& scratch);
    std::shared_ptr<LaneState> find(const sluice_lane& lane) const;
    void enterFamily(FamilyLanes family, std::span<const sluice_lane_ends> ends);
    std::shared_ptr<const FamilyLanes> declare(const FamilyLanes* known, FamilyLanes family,
                                               std::span<const sluice_lane_ends> ends);
    void replaceBook(std::shared_ptr<const LaneBook> book);

    const std::string name_;
    Hub& hub_;
    MappingsInForce& mappings_;
    const Clock& clock_;
    const EndsListener onEnds_;
    InputCounters counters_;
    RejectedSamples samples_;
    Tap* tap_ = nullptr;  // constant once something was said

    std::mutex declareMutex_;  // one declaration at a time; taken before bookMutex_
    mutable std::mutex bookMutex_;
    // guarded by bookMutex_
    std::shared_ptr<const LaneBook> book_;
};

}  // namespace sluice
