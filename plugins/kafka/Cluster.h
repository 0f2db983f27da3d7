#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "Client.h"
#include "Record.h"

namespace sluice::kafka {

/// What the metadata says of a topic.
struct TopicFacts {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::int32_t partitions = 0;
    std::int32_t withoutLeader = 0;
    bool isMissing() const { return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART; }
};
using Topics = std::map<std::string, TopicFacts>;

/// The low mark and the end of a partition; of transactions, the end is that of the last which is
/// decided, as for the reader.
struct Ends {
    std::int64_t low = 0;
    std::int64_t end = 0;
};

/// Asks the brokers, on a handle of its own: on the reader's, every answer would wait for the end
/// of a fetch that waits for records. One thread only; calls block for at most kCallMs.
class Cluster {
  public:
    Cluster(const Options& options, Client::Events& events);

    /// The named topics, or all there are. Throws BrokerError.
    Topics topics(const std::vector<std::string>& names, bool all, int timeoutMs);
    /// Which brokers say that they lead a partition: one that was away, or is cut off from the
    /// others, may go on to believe that it does.
    enum class Leaders { Agree, Few, Disagree };  // Agree: more than half name the same one
    /// Asks the brokers that have a connection. The last answer is what the next requests go by.
    Leaders leadersOf(const Partition& partition);
    /// The cluster's own id; empty if it has none.
    std::string id();

    /// What of these partitions answered. Throws BrokerError if none could be asked.
    std::map<Partition, Ends> ends(std::span<const Partition> partitions);
    /// The first offset at or after the time; -1: there is none yet. Absent: no answer.
    std::map<Partition, std::int64_t> offsetsAt(std::span<const Partition> partitions,
                                                std::int64_t timeMs);

    /// Reads single records again. `mark` is absent where the offset is not there any more: a hole
    /// or below the low mark; `isBeyondEnd` where it is not there yet.
    struct Reread {
        std::optional<RecordMark> mark;
        bool isBeyondEnd = false;
    };
    /// Those that did not answer in time are left out.
    std::map<Partition, Reread> reread(const std::map<Partition, std::int64_t>& offsets);

    /// Lets the events of the handle be called.
    void serve();

    static constexpr int kCallMs = 2'000;
    static constexpr int kFirstCallMs = 500;
    static constexpr int kLeaderAsksMax = 8;  // each goes to any broker

  private:
    std::map<Partition, std::int64_t> listOffsets(std::span<const Partition> partitions,
                                                  std::int64_t timeMs);

    Client client_;
    std::map<std::string, TopicPtr> named_;  // so that metadata can be asked for these alone
};

}  // namespace sluice::kafka
