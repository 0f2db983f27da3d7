#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <sluice/plugin.hpp>

#include "BackOff.h"
#include "Connection.h"
#include "Health.h"
#include "LaneReading.h"
#include "Look.h"
#include "Options.h"
#include "PlainLane.h"
#include "Reading.h"
#include "Scanner.h"
#include "Signal.h"
#include "TopicPlan.h"

namespace sluice::redis {

/// Looks after the streams on a thread of its own: which are there, which come and go, what the
/// host asks about them; a Reading does the rest. Two connections: one reads, and waits in XREAD
/// for what comes; the other asks meanwhile.
class Streams {
  public:
    /// Borrows everything but the plans.
    Streams(const plugin::Host& host, const Options& options, Health& health, PlainLane& plain,
            TopicPlan plan, StartPlan start);
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    /// Leaves by Stopping, after stop() or when the host closes.
    void run();

    // any thread
    void stop() noexcept { stop_.raise(); }
    void watch(TopicPlan plan);
    /// Asks for the ends of these streams afresh; the answer comes through lanes().
    void query(std::span<const sluice_text> keys);
    /// Asks where these streams stood at a time; answers through sought().
    void seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text> keys);

    static constexpr std::chrono::milliseconds kBlock{1'000};  // of one XREAD
    /// Between two looks at all streams; the second for each of them.
    static constexpr std::chrono::milliseconds kRound{1'000}, kRoundOfEach{1};
    static constexpr std::chrono::milliseconds kRefusedRound{5'000};  // after reads that failed
    static constexpr std::size_t kStreamsMax = 10'000;

  private:
    using Clock = std::chrono::steady_clock;
    enum class Place { New, Missing, Here, Troubled };
    struct Known {
        Place place = Place::New;
        bool isBorn = false;  // it appears while we run
        Fault trouble{};
    };
    struct Question {
        std::uint64_t id;
        std::int64_t timeMs;
        std::vector<std::string> keys;
    };
    using KnownStreams = std::map<std::string, Known>;

    void waitForPlan();
    bool takeWishes();
    void session();
    void adopt();
    void leaveUnwanted();
    void scan();
    void lookAtAll();
    void look(const std::vector<std::string>& keys);
    void apply(KnownStreams::iterator stream, const Look& look);
    void lost(KnownStreams::iterator stream, Place place, Fault trouble);
    void answerQueries();
    void answerQuestions();
    void giveUpQuestions();
    void read();
    void waitForReply(std::chrono::milliseconds block);
    void takeReply(const Reply& reply);
    void takeRefusal(Fault fault);
    void report();
    Fault problem() const;

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    Health& health_;

    plugin::Signal stop_, wake_;
    std::mutex mutex_;
    // guarded by mutex_
    std::optional<TopicPlan> newPlan_;
    std::set<std::string> newQueries_;
    std::vector<Question> newQuestions_;

    // the streams' thread only
    TopicPlan plan_;
    Connection reader_{options_, stop_};
    Connection asker_{options_, stop_};
    Scanner scanner_{asker_, options_};
    std::unique_ptr<Reading> reading_;
    BackOff backOff_;
    KnownStreams known_;
    std::set<std::string> queried_, toLook_;
    std::vector<Question> questions_;
    bool isPlanNew_ = true;     // it was not adopted yet
    bool isFirstSweep_ = true;  // what it finds has been there all the time
    bool isTooMany_ = false;
    bool hasReported_ = false;  // since the connection was made
    Fault readFault_;           // of reads that failed in a row
    unsigned readFailures_ = 0;
    Clock::time_point lookDue_{}, scanDue_{}, readDue_{};
};

}  // namespace sluice::redis
