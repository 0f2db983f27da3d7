#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "Cluster.h"
#include "Options.h"
#include "Reader.h"

namespace sluice::kafka {

/// How a run of the input begins.
struct StartPlan {
    std::map<Partition, std::int64_t> positions;  // of an earlier run
    std::chrono::milliseconds rewind{0};
};

/// Decides where partitions begin. One thread.
class Starts {
  public:
    /// `start` of the options counts when the plan has no positions: on a first start.
    Starts(const Options& options, StartPlan plan);

    /// Of those partitions for which the brokers answered: the move that begins to read it.
    /// areBorn: the topic appeared while the node runs, so it is read from its beginning, as is a
    /// new partition of a topic that was read before (resume.md N6). Throws BrokerError.
    std::vector<Move> of(Cluster& cluster, const std::vector<Partition>& partitions,
                         const std::map<Partition, Ends>& ends, bool areBorn);

  private:
    std::int64_t startOf(const Partition& partition, const Ends& ends, bool isBorn,
                         const std::map<Partition, std::int64_t>& byTime) const;
    bool isOfKnownTopic(const Partition& partition) const;

    const StartPlan plan_;
    plugin::StartRule rule_;
    std::int64_t fromTimeMs_ = -1;  // -1: not by time
};

/// The move of a partition that was read up to `next` and has these ends now; isSame: its records
/// are proved to be those that were read.
Move moveFor(std::int32_t partition, std::int64_t next, const Ends& ends, bool isSame);

}  // namespace sluice::kafka
