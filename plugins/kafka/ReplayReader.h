#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

#include "Client.h"
#include "Cluster.h"
#include "Options.h"
#include "Record.h"
#include "ReplayGroups.h"

namespace sluice::kafka {

/// Reads partitions again for one group of replays: all of them over one handle of librdkafka, in
/// the order in which their records come. A replay is done when the position has come to its end:
/// by a record at or behind it, or by the end of the partition, which passes what is no record
/// (markers of transactions, aborted records, what compaction took). One thread.
class ReplayReader final : private Client::Events {
  public:
    /// Borrows all. Throws std::runtime_error where no client can be made.
    ReplayReader(const plugin::Host& host, const Options& options, plugin::ReplayGroup& group);
    ReplayReader(const ReplayReader&) = delete;
    ReplayReader& operator=(const ReplayReader&) = delete;

    /// Reads until the group has ended.
    void run();

    static constexpr std::size_t kBatchMax = 1'000;
    /// Without a sign of a partition for so long, the brokers are asked what it has.
    static constexpr std::chrono::milliseconds kLookAfter{1'000};
    /// For so long it must be gone, or end too soon, to be taken at its word: just after another
    /// broker took it over it may seem so.
    static constexpr std::chrono::milliseconds kDoubt{2'000};
    /// So long the handle is kept for the next replay of the group.
    static constexpr std::chrono::milliseconds kLinger{1'000};

  private:
    using Clock = std::chrono::steady_clock;
    struct Lane {
        plugin::Replay replay;
        std::int64_t to = 0;
        std::int64_t position = 0;
        bool isOutside = false;  // the position is not there: the partition stands still
        Clock::time_point progressAt{}, lookAt{};
        std::optional<Clock::time_point> doubtedSince;
    };
    using Lanes = std::map<Partition, Lane>;

    void onError(rd_kafka_resp_err_t, std::string_view) override {}
    void onLog(std::string_view line) override;

    void takeNew();
    void begin(plugin::Replay replay);
    void dropClosed();
    Lanes::iterator end(Lanes::iterator lane);
    void drain();
    void take(std::size_t count);
    void takeOne(const rd_kafka_message_t& message);
    void add(Lanes::iterator lane, const rd_kafka_message_t& message);
    void passTo(Lanes::iterator lane, std::int64_t position);
    void finish(Lanes::iterator lane);
    void flush();
    Lanes::iterator laneOf(const rd_kafka_message_t& message);
    void lookAtSilent();
    void look(Lanes::iterator lane, const std::map<Partition, Ends>& ends);
    void compare(Lanes::iterator lane, const Ends& ends);
    void giveUpInTime(Lanes::iterator lane);
    void doubt(Lanes::iterator lane);
    bool isGone(const Partition& partition);
    void wait(std::chrono::milliseconds most) noexcept;

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    plugin::ReplayGroup& group_;

    Client client_;
    std::optional<Cluster> cluster_;      // made when something has to be asked
    Lanes lanes_;                         // being read
    std::deque<plugin::Replay> waiting_;  // for a partition that is being read
    std::vector<rd_kafka_message_t*> messages_;
    plugin::Batch batch_;
    Lanes::iterator batched_ = lanes_.end();  // whose messages are in the batch
};

}  // namespace sluice::kafka
