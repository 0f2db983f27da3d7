#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sluice/plugin.hpp>

#include "Client.h"
#include "Options.h"
#include "Record.h"
#include "Signal.h"

namespace sluice::kafka {

/// Where a lane goes on reading.
struct Move {
    std::int32_t partition = 0;
    /// Absent: from where the lane is. Present: the lane is declared to begin here.
    std::optional<std::int64_t> start;
    /// Absent: from `start`, or where the lane is.
    std::optional<std::int64_t> readFrom;
    /// Present: what lies between is told as lost or reset first.
    std::optional<sluice_lost_reason> reason;
};

/// What the watcher found out about a topic, for the reader to act on.
struct Update {
    std::string topic;
    bool isLeft = false;      // stop reading it
    bool isDeclared = false;  // tell the host `ends`, of all lanes; none: the topic is not there
    std::string cluster{};    // its own id
    std::vector<sluice_lane_ends> ends{};
    std::vector<Move> moves{};
};

/// How far a lane was read.
struct Progress {
    std::int64_t next = 0;
    RecordMark first;  // of the first record since the lane began (again)
    RecordMark last;   // of the record that was pushed last
};

/// Reads partitions on one thread and hands whole batches to the host. All calls to
/// the host that name a lane come from this thread.
class Reader final : private Client::Events {
  public:
    /// What the reader tells; called on its thread.
    class Listener {
      public:
        virtual void onFault(rd_kafka_resp_err_t error, std::string_view reason) = 0;
        /// The offset is not there: retention went past it, or the topic is another one. The
        /// partition stands still until it is moved.
        virtual void onOutOfRange(const Partition& partition) = 0;

      protected:
        ~Listener() = default;
    };

    /// Makes the client: throws std::runtime_error.
    Reader(const plugin::Host& host, const Options& options, Listener& listener);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// Reads until stop(), or until the host says that it is closing.
    void run();

    // any thread
    void stop() noexcept;
    void post(Update update);
    /// Whether something posted has not been done yet, such as during a long push. What progress()
    /// says is then about to change.
    bool isBehind() const;
    /// Waits until it is not, at most so long: whether that came.
    bool catchUp(std::chrono::milliseconds within);
    /// Messages pushed after its return come with their headers; before the first call they come
    /// without. Waits for the batch in hand, at most kHandoverMax.
    void wantHeaders();
    /// Absent: the lane was never declared.
    std::optional<Progress> progress(const Partition& partition) const;

    static constexpr std::size_t kBatchMax = 1'000;
    static constexpr int kWaitMs = 1'000;
    static constexpr std::chrono::milliseconds kHandoverMax{500};

  private:
    struct Lane {
        std::int64_t next = 0;  // W
        bool toldEnd = false;   // since it was moved
        // Within one batch: the message that came last, to be marked after the push.
        const rd_kafka_message_t* newest = nullptr;
        // guarded by mutex_
        Progress progress;
    };
    struct Topic {
        std::string name;
        std::vector<Lane> lanes;
    };
    struct End {
        Topic* topic;
        std::int32_t partition;
        std::int64_t offset;
    };

    void onError(rd_kafka_resp_err_t error, std::string_view reason) override;
    void onLog(std::string_view line) override;

    void wait() noexcept;
    void applyUpdates();
    void apply(const Update& update);
    Topic& enter(const std::string& name);
    void leave(const Topic& topic);
    void growTo(Topic& topic, std::size_t lanes);
    void move(Topic& topic, const Move& move);
    void drain();
    void take(std::size_t count);
    void add(const rd_kafka_message_t& message, Topic& topic);
    void takeError(const rd_kafka_message_t& message, Topic* topic);
    Topic* topicOf(const rd_kafka_message_t& message);
    void tellEnds();
    void publishProgress();
    void beginBatch();
    void endBatch() noexcept;
    void check(sluice_result result);

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    Listener& listener_;
    plugin::Signal wake_;  // before the client, whose threads write to it
    Client client_;

    std::atomic<bool> isStopping_{false};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::deque<Update> updates_;
    std::size_t pending_ = 0;  // posted and not yet done
    std::condition_variable caughtUp_;
    // librdkafka parses headers when they are asked for, at a third of what a message costs.
    bool wantsHeaders_ = false;
    bool hasBatch_ = false;  // one is being made or pushed
    std::condition_variable batchDone_;

    // reader's thread; topics are entered, and progress is written, under mutex_
    std::unordered_map<std::string_view, std::unique_ptr<Topic>> topics_;  // keys: their names
    std::vector<rd_kafka_message_t*> messages_;
    plugin::Batch batch_;
    bool withHeaders_ = false;  // of the batch in hand
    std::vector<End> ends_;
    std::vector<Lane*> touched_;
    const rd_kafka_topic_t* lastHandle_ = nullptr;  // of the message before, within one batch
    Topic* lastTopic_ = nullptr;
};

}  // namespace sluice::kafka
