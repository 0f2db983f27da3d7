#pragma once

#include <map>
#include <set>
#include <vector>

#include "Cluster.h"
#include "Reader.h"
#include "Record.h"

namespace sluice::kafka {

/// Notices that a topic was deleted and made anew with more records than our position: then the
/// client goes on in the middle of the new records without a word. The guard keeps one record per
/// partition and reads it again. One thread.
class Guard {
  public:
    /// Shorter: the log ends before the record.
    enum class Verdict { Same, Other, Shorter, Unknown };

    explicit Guard(Cluster& cluster) : cluster_(cluster) {}

    /// The partitions whose records are not those that were read, or not there. isThorough: also
    /// those that gave nothing new since the last look.
    std::set<Partition> replaced(const Reader& reader, const std::vector<Partition>& partitions,
                                 bool isThorough);
    /// Reads the kept record of these again, now. Absent: none is kept, or no answer came.
    std::map<Partition, Verdict> judge(const Reader& reader,
                                       const std::vector<Partition>& partitions);
    /// Whether some partition that was looked at last time gave no answer: look again soon.
    bool hasUnproved() const { return !unproved_.empty(); }
    bool keepsOf(const Reader& reader, const Partition& partition) const;
    /// The partition begins afresh.
    void forget(const Partition& partition) { kept_.erase(partition); }

    static constexpr std::size_t kAtOnceMax = 256;

  private:
    std::map<Partition, Verdict> compare(const std::map<Partition, RecordMark>& marks);

    Cluster& cluster_;
    std::map<Partition, RecordMark> kept_;
    std::set<Partition> unproved_;
    std::size_t turn_ = 0;  // where the next look begins, so that each partition has its turn
};

}  // namespace sluice::kafka
