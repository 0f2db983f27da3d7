#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sluice/plugin.hpp>

#include "BackOff.h"
#include "Connection.h"
#include "Entry.h"
#include "Health.h"
#include "Options.h"
#include "PlainLane.h"
#include "Signal.h"
#include "TopicPlan.h"

namespace sluice::redis {

/// Reads channels by SUBSCRIBE and PSUBSCRIBE over a connection of its own and pushes what every
/// read gave as one batch. What was missed while it was not connected is told as lost.
class PubSub {
  public:
    /// Borrows everything but the plan.
    PubSub(const plugin::Host& host, const Options& options, Health& health, PlainLane& lane,
           TopicPlan plan);
    PubSub(const PubSub&) = delete;
    PubSub& operator=(const PubSub&) = delete;

    /// Returns after stop(), or when the host closes.
    void run();

    // any thread
    void stop() noexcept { stop_.raise(); }
    void watch(TopicPlan plan);

    /// Until a channel or glob that the server refuses is asked for again.
    static constexpr std::chrono::seconds kRefusedAgain{30};
    /// Messages of one push.
    static constexpr std::size_t kBatchMax = 10'000;
    /// Channels whose glob is remembered; when it is full it begins anew.
    static constexpr std::size_t kRoutesMax = 10'000;

  private:
    using Clock = std::chrono::steady_clock;
    enum class Kind { Channel, Glob };
    struct Command {
        Kind kind;
        bool isSubscribe;
        std::string name;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    void session();
    void takePlan();
    void waitForPlan();
    void adopt();
    void change(Kind kind, bool isSubscribe, const std::string& name);
    void askRefusedAgain();
    void waitAndRead();
    void keepAlive();
    Clock::time_point deadline() const;

    void read();
    void handle(const Reply& reply);
    void handleConfirmation(const Reply& reply);
    void handleRefusal(std::string_view error);
    void answered();
    void add(const Reply& channel, const Reply& payload);
    bool isOwner(std::string_view glob, std::string_view channel);
    std::string_view ownerOf(std::string_view channel) const;
    void loseTooLong(const Reply& channel);

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    Health& health_;
    PlainLane& lane_;

    plugin::Signal stop_, wake_;
    std::mutex mutex_;
    // guarded by mutex_
    std::optional<TopicPlan> newPlan_;

    // pub/sub's thread only
    TopicPlan plan_;
    Connection connection_{options_, stop_};
    BackOff backOff_;
    bool hasMissed_;                  // since what was pushed last
    std::set<std::string> asked_[2];  // by Kind: subscribed to, or about to be
    std::deque<Command> pending_;     // sent, without an answer
    // As the server stands at this point of its stream: each was confirmed.
    std::set<std::string, std::less<>> channels_;
    std::vector<std::string> globs_;
    std::unordered_map<std::string, std::string_view, Hash, std::equal_to<>> routes_;
    std::vector<Command> refused_;
    Fault refusal_;  // of the first of them
    Clock::time_point refusedAt_{};
    Clock::time_point heardAt_{};
    bool isPinged_ = false;
    plugin::Batch batch_;
    TooLongLog tooLong_;
};

}  // namespace sluice::redis
