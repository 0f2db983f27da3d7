#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "Cluster.h"
#include "Guard.h"
#include "Health.h"
#include "Options.h"
#include "Reader.h"
#include "Starts.h"
#include "TopicFilter.h"

namespace sluice::kafka {

/// Looks after the topics on a thread of its own, in rounds: which are there, where their
/// partitions begin, whether they are still the same. It asks, the reader acts.
class Watcher final : public Reader::Listener, private Client::Events {
  public:
    /// Makes the client: throws std::runtime_error.
    Watcher(const plugin::Host& host, const Options& options, Health& health, TopicFilter filter,
            StartPlan plan);

    /// Returns after stop(). REQUIRES: the reader outlives it.
    void run(Reader& reader);

    // any thread
    void stop() noexcept;
    void watch(TopicFilter filter);
    /// Asks for the ends of these topics afresh; the answer comes through lanes().
    void query(std::span<const sluice_text> topics);
    /// Asks where the partitions of these topics stood at a time; answers through sought().
    void seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text> topics);
    void onFault(rd_kafka_resp_err_t error, std::string_view reason) override;
    void onOutOfRange(const Partition& partition) override;

    static constexpr std::chrono::milliseconds kRound{5'000};
    static constexpr std::chrono::milliseconds kMissingRound{1'000};  // a topic is missing
    static constexpr std::chrono::milliseconds kRetryRound{500};      // something has to be redone
    static constexpr std::chrono::milliseconds kHurry{200};           // least, after a fault
    static constexpr std::chrono::milliseconds kDeclareMax{1'000};    // the reader's first lanes
    static constexpr std::chrono::milliseconds kProveAll{30'000};     // also where nothing is new
    static constexpr std::chrono::milliseconds kDoubt{2'000};         // before a cut is believed
    static constexpr std::chrono::milliseconds kDoubtOfFew{30'000};   // where few brokers answer
    static constexpr std::int64_t kPartitionsMax = 20'000;            // of all topics
    static constexpr int kRoundsMissing = 2;  // a broker that just started knows no topics

  private:
    using Clock = std::chrono::steady_clock;
    /// A topic that is read, or was.
    struct Followed {
        std::int32_t partitions = 0;
        int roundsMissing = 0;
        bool isGone = false;
    };
    /// Where a partition is to be read on, and whether no other answer can change that.
    struct Finding {
        Move move;
        bool isClear = true;
    };
    enum class Belief { Wait, Open, Sure };  // Open: the brokers do not say the same
    /// A log that seems to have been cut.
    struct Doubt {
        Clock::time_point since, seen;
    };
    struct Question {
        std::uint64_t id;
        std::int64_t timeMs;
        std::vector<std::string> topics;
    };
    /// What others asked for since the last round.
    struct Wishes {
        TopicFilter filter;
        bool isFilterNew = false;
        std::set<std::string> queried;
        std::set<Partition> outOfRange;
        std::vector<Question> questions;
    };

    void onError(rd_kafka_resp_err_t error, std::string_view reason) override;
    void onLog(std::string_view line) override;

    bool waitForRound();
    Wishes takeWishes();
    void round(Reader& reader, const Wishes& wishes);
    Topics askForTopics(const Wishes& wishes);
    void redo(const Wishes& wishes);
    bool hasBegun(Reader& reader);
    void answerQuestions(const std::vector<Question>& questions);
    std::vector<sluice_position> positionsAt(const std::string& topic, std::int64_t timeMs);

    // WatcherTopics.cpp
    void followTopics(Reader& reader, const Wishes& wishes, const Topics& topics);
    void follow(Reader& reader, const std::string& name, const TopicFacts& facts);
    void setPartitions(Followed& topic, std::int32_t partitions);
    void miss(Reader& reader, const std::string& name, Followed& topic);
    bool begin(Reader& reader, const std::string& name, std::int32_t from, std::int32_t to,
               bool areBorn);
    bool comeBack(Reader& reader, const std::string& name, std::int32_t partitions);
    bool declare(Reader& reader, const std::string& name, std::int32_t partitions,
                 const std::map<Partition, Ends>& ends, std::vector<Move> moves);
    bool isLater();
    void repair(Reader& reader, const std::set<Partition>& partitions);
    std::map<Partition, Finding> look(Reader& reader, const std::vector<Partition>& partitions);
    Belief doubt(const Partition& partition);
    std::optional<Finding> settle(Reader& reader, const Partition& partition);
    void verify(Reader& reader);
    void answer(Reader& reader, const std::set<std::string>& queried, const Topics& topics);
    Fault problemOf(const TopicFilter& filter, const Topics& topics) const;

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    Health& health_;

    std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    bool isStopping_ = false;
    bool isHurried_ = false;
    Wishes wishes_;

    // watcher's thread only
    Cluster cluster_;
    Starts starts_;
    Guard guard_;
    std::string clusterId_;
    std::map<std::string, Followed> topics_;
    std::int64_t partitionsFollowed_ = 0;  // of all of topics_
    std::map<std::string, bool> toBegin_;  // topic: whether it was born while we ran
    std::set<Partition> toRepair_;
    std::map<Partition, Doubt> doubts_;
    std::set<std::string> toAnswer_;
    bool isFilterPending_ = false;  // no round has been finished with a new filter yet
    bool isTooMuch_ = false;
    bool hasBegun_ = false;  // all lanes of the first look are declared
    Clock::time_point roundEnd_ = Clock::now();
    bool isDoubtful_ = false;  // some topic may have been replaced
    Clock::time_point verified_ = Clock::now();
    Clock::time_point provedAll_ = Clock::now();
    std::chrono::milliseconds pause_{0};
};

}  // namespace sluice::kafka
