#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "Node.h"
#include "Random.h"
#include "channel/Resume.h"
#include "channel/Stream.h"

namespace sluice::property {

/// What a stream is asked for and how it begins.
struct Asking {
    SubscriptionSpec spec;
    std::optional<std::string> id;
    Start start;
    std::optional<std::uint64_t> limit;
};

/// How a turn meets the world: with other things happening between any two of its steps, with a
/// socket that takes only a part - or at rest, to the end.
enum class Pace : std::uint8_t { Restless, Calm };

/// One stream on a node, driven as delivery drives it: interest in the logs, snapshots and views,
/// turns, and a copy of the rest of an interrupted block.
class Connection {
  public:
    Connection(Node& node, LoopIndex loop, const Asking& asking, Random& random, Pace pace);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Node& node() { return node_; }
    const Stream& stream() const { return stream_; }
    /// Live, at the node's horizon, and all bytes are on the wire.
    bool isAtRest() const;
    /// The stream ended by its limit and everything was written.
    bool hasEnded() const { return stream_.hasEnded() && rest_.empty(); }
    void turn(Random& random, Pace pace, bool pingDue);
    /// PATCH: at rest, at the horizon, it goes on with other channels. REQUIRES: isAtRest(), and no
    /// patterns, before and after.
    void change(const SubscriptionSpec& spec);

    /// As a drain ends it: all of the block that was cut, and its last blocks.
    void farewell(Random& random);

    /// Of a stream that began with the earliest: where the plain lane began.
    Place earliestPlain;
    /// What was written and not yet read by the client.
    std::string wire;
    /// For each gap block of the stream, in order: the incarnations its node saw.
    std::deque<std::vector<std::uint32_t>> incarnationsTold;

  private:
    void watch();
    void takeBorn(const std::vector<ChannelLog*>& born);
    void snapshot(bool ofTheLoop);
    void noteFirstKept();
    void refit();
    void ask(const std::vector<std::uint32_t>& hashes);
    void look(std::uint64_t after, Random& random, Pace pace);
    void disturb(Random& random, Pace pace, unsigned percent);
    TurnContext context(std::size_t quantumBytes, bool pingDue) const;
    bool sendsRest(Random& random, Pace pace);
    void send(Random& random, Pace pace);
    void write(std::string_view bytes);
    void feedReplay(Random& random, Pace pace);
    void goOnReplaying(Random& random, Pace pace);
    void dropReplay();
    void checkIdle(bool hadWork) const;
    void checkContinuation(Random& random);
    void checkTwin(const ResumeRequest& request);

    Node& node_;
    const LoopIndex loop_;
    SubscriptionSpec spec_;
    std::vector<std::string> names_;  // of the views, which borrow them
    std::vector<ChannelLog*> logs_;
    std::vector<ChannelView> views_;
    HubSnapshot now_;
    std::vector<std::uint32_t> incarnationsNow_;
    LoopWork work_;
    Feed feed_;
    Stream stream_;
    TurnOutput out_;
    std::size_t itemsAtOnce_ = 1'024;
    struct Leg {
        std::uint32_t number = 0;
        ReplayLeg wanted;
        bool hasEnded = false;
    };
    std::unique_ptr<ReplayReader> replay_;
    std::vector<Leg> legs_;
    std::optional<ReplayView> replayView_;
    std::optional<SourceEnds> ends_;
    std::string rest_;        // of an interrupted block
    bool isResumed_ = false;  // channels that come from now on are new to the stream
    bool wantsTurn_ = true;
    bool wasDisturbed_ = false;
};

}  // namespace sluice::property
