#include "Guard.h"

namespace sluice::kafka {

std::set<Partition> Guard::replaced(const Reader& reader, const std::vector<Partition>& partitions,
                                    bool isThorough) {
    std::map<Partition, RecordMark> asked, newest;
    for (std::size_t i = 0; i < partitions.size() && asked.size() < kAtOnceMax; ++i) {
        const Partition& partition = partitions[turn_++ % partitions.size()];
        const auto progress = reader.progress(partition);
        if (!progress || progress->last.offset < 0) continue;
        const RecordMark& kept = kept_.try_emplace(partition, progress->first).first->second;
        const bool isDue = isThorough || unproved_.contains(partition);
        if (kept == progress->last && !isDue) continue;
        asked.emplace(partition, kept);
        newest.emplace(partition, progress->last);
    }
    unproved_.clear();
    for (const auto& [partition, mark] : asked) unproved_.insert(partition);
    std::set<Partition> replaced;
    for (const auto& [partition, verdict] : compare(asked)) {
        unproved_.erase(partition);
        // The newest record was read before the kept one was found unchanged: it is as good.
        if (verdict == Verdict::Other || verdict == Verdict::Shorter)
            replaced.insert(partition);
        else
            kept_[partition] = newest[partition];
    }
    return replaced;
}

std::map<Partition, Guard::Verdict> Guard::judge(const Reader& reader,
                                                 const std::vector<Partition>& partitions) {
    std::map<Partition, RecordMark> marks;
    for (const Partition& partition : partitions) {
        const auto kept = kept_.find(partition);
        const auto progress = reader.progress(partition);
        if (kept != kept_.end())
            marks.emplace(partition, kept->second);
        else if (progress && progress->first.offset >= 0)
            marks.emplace(partition, progress->first);
    }
    return compare(marks);
}

bool Guard::keepsOf(const Reader& reader, const Partition& partition) const {
    if (kept_.contains(partition)) return true;
    const auto progress = reader.progress(partition);
    return progress && progress->first.offset >= 0;
}

std::map<Partition, Guard::Verdict> Guard::compare(const std::map<Partition, RecordMark>& marks) {
    std::map<Partition, std::int64_t> offsets;
    for (const auto& [partition, mark] : marks) offsets.emplace(partition, mark.offset);
    std::map<Partition, Verdict> verdicts;
    for (const auto& [partition, found] : cluster_.reread(offsets)) {
        Verdict verdict = found.isBeyondEnd ? Verdict::Shorter : Verdict::Unknown;
        if (found.mark)
            verdict = *found.mark == marks.at(partition) ? Verdict::Same : Verdict::Other;
        verdicts.emplace(partition, verdict);
    }
    return verdicts;
}

}  // namespace sluice::kafka
