#include "channel/Hub.h"

/// The latest event of each key, kept beside the logs of channels that want it.
namespace sluice {

/// Takes what the channel keeps into the sums, or out of them, before and after a change.
void Hub::countLatest(const ChannelLog& log, bool isGoing) {
    const LatestPerKey* const latest = log.latest();
    if (!latest) return;
    const auto add = [isGoing](std::uint64_t& sum, std::size_t part) {
        sum += isGoing ? std::uint64_t{0} - part : part;
    };
    add(counts_.latestKeys, latest->keys());
    add(counts_.latestDeletions, latest->deletions());
    add(counts_.latestBytes, latest->bytes());
}

void Hub::keepLatest(ChannelLog& log, const Record& record, std::string_view bytes,
                     Garbage& garbage) {
    countLatest(log, true);
    counts_.latestDeletionsForgotten += log.keepLatest(record, bytes, garbage);
    countLatest(log, false);
    boundLatest(log, garbage);
}

/// The channel that was written to gives up its own oldest keys.
void Hub::boundLatest(ChannelLog& log, Garbage& garbage) {
    const ReaderPolicy& policy = log.readers();
    const auto reached = [&]() -> std::uint64_t* {
        if (log.latest()->keys() > policy.latestKeysMax) return &counts_.latestDroppedByKeys;
        if (log.latest()->bytes() > policy.latestBytesMax) return &counts_.latestDroppedByBytes;
        if (counts_.latestBytes > options_.latestBytesMax) return &counts_.latestDroppedByTotal;
        return nullptr;
    };
    while (log.latest()->entries() > 0) {
        std::uint64_t* const reason = reached();
        if (!reason) return;
        countLatest(log, true);
        if (log.dropOldestLatest(garbage))
            ++*reason;
        else
            ++counts_.latestDeletionsForgotten;
        countLatest(log, false);
    }
}

void Hub::forgetLatest(ChannelLog& log, LaneIndex lane, Garbage& garbage) {
    if (!log.latest()) return;
    countLatest(log, true);
    counts_.latestDroppedByReset += log.forgetLatest(lane, garbage);
    countLatest(log, false);
}

void Hub::setReaders(ChannelLog& log, const ReaderPolicy& readers, Garbage& garbage) {
    countLatest(log, true);
    log.setReaders(readers, garbage);
    countLatest(log, false);
    if (log.latest()) boundLatest(log, garbage);
}

}  // namespace sluice
