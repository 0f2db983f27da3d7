#include "delivery/SourceQueries.h"

#include <algorithm>

namespace sluice {

std::uint64_t SourceQueries::ask(std::span<const std::uint32_t> familyHashes) {
    for (const std::uint32_t hash : familyHashes)
        if (std::find(next_.begin(), next_.end(), hash) == next_.end()) next_.push_back(hash);
    return nextQuery_;
}

std::uint64_t SourceQueries::seek(const std::vector<std::uint32_t>& familyHashes,
                                  std::int64_t timeMs) {
    if (seeksUnderWay_ == kSeeksMax) return 0;
    ++seeksUnderWay_;
    const std::uint64_t query = nextSeek_++;
    origins_.seek(familyHashes, timeMs, [inbox = inbox_, query](SourcePlaces places) {
        if (const std::shared_ptr<Inbox> box = inbox.lock())
            box->answer({query, {}, std::move(places)});
    });
    return query;
}

void SourceQueries::flush(std::int64_t nowMs) {
    const bool isFree = underWay_ == 0 || nowMs - askedMs_ >= kAnswerTimeoutMs;
    if (next_.empty() || !isFree) return;
    underWay_ = nextQuery_++;
    askedMs_ = nowMs;
    const std::vector<std::uint32_t> families = std::exchange(next_, {});
    origins_.query(families, [inbox = inbox_, query = underWay_](SourceEnds ends) {
        if (const std::shared_ptr<Inbox> box = inbox.lock())
            box->answer({query, std::move(ends), {}});
    });
}

bool SourceQueries::accept(const SourceAnswer& answer) {
    if (answer.query >= kFirstSeek) {
        --seeksUnderWay_;
        return true;
    }
    if (answer.query != underWay_) return false;
    underWay_ = 0;
    return true;
}

}  // namespace sluice
