#include "Starts.h"

#include <utility>

namespace sluice::kafka {
namespace {

std::int64_t nowMs() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Starts::Starts(const Options& options, StartPlan plan)
    : plan_(std::move(plan)), rule_(options.start) {
    if (!plan_.positions.empty()) rule_ = {};
    if (rule_.kind == plugin::StartRule::Kind::Since)
        fromTimeMs_ = rule_.isRelative ? nowMs() - rule_.sinceMs : rule_.sinceMs;
    else if (rule_.kind == plugin::StartRule::Kind::Live && plan_.rewind.count() > 0)
        fromTimeMs_ = nowMs() - plan_.rewind.count();
}

std::vector<Move> Starts::of(Cluster& cluster, const std::vector<Partition>& partitions,
                             const std::map<Partition, Ends>& ends, bool areBorn) {
    std::map<Partition, std::int64_t> byTime;
    if (fromTimeMs_ >= 0 && !areBorn) byTime = cluster.offsetsAt(partitions, fromTimeMs_);
    std::vector<Move> moves;
    for (const Partition& partition : partitions) {
        const auto found = ends.find(partition);
        if (found == ends.end()) continue;
        const std::int64_t start = startOf(partition, found->second, areBorn, byTime);
        Move move = moveFor(partition.index, start, found->second, true);
        move.start = start;
        moves.push_back(move);
    }
    return moves;
}

std::int64_t Starts::startOf(const Partition& partition, const Ends& ends, bool isBorn,
                             const std::map<Partition, std::int64_t>& byTime) const {
    if (const auto found = plan_.positions.find(partition); found != plan_.positions.end())
        return found->second;
    if (isBorn || isOfKnownTopic(partition)) return 0;
    if (rule_.kind == plugin::StartRule::Kind::Earliest) return ends.low;
    const auto found = byTime.find(partition);
    return found == byTime.end() || found->second < 0 ? ends.end : found->second;
}

bool Starts::isOfKnownTopic(const Partition& partition) const {
    const auto first = plan_.positions.lower_bound({partition.topic, 0});
    return first != plan_.positions.end() && first->first.topic == partition.topic;
}

Move moveFor(std::int32_t partition, std::int64_t next, const Ends& ends, bool isSame) {
    Move move;
    move.partition = partition;
    move.readFrom = next;
    if (next > ends.end || (!isSame && next >= ends.low)) {
        move.readFrom = ends.low;
        move.reason = SLUICE_RESET;
    } else if (next < ends.low) {
        move.readFrom = ends.low;
        move.reason = SLUICE_LOST;
    }
    return move;
}

}  // namespace sluice::kafka
