#include "channel/LatestPerKey.h"

#include <algorithm>

#include "base/Assert.h"
#include "channel/ChannelLog.h"
#include "channel/ReaderPolicy.h"

namespace sluice {
namespace {

/// Puts runs of records behind each other, so that neighbours share a part.
class Runs {
  public:
    explicit Runs(std::vector<LogView::Part>& parts) : parts_{parts} {}

    void add(const SeqArray::Walk& walk) {
        if (!parts_.empty() && parts_.back().segment.get() == walk.segment().get() &&
            parts_.back().end == walk.index())
            ++parts_.back().end;
        else
            parts_.push_back({walk.segment(), nullptr, walk.index(), walk.index() + 1});
    }

  private:
    std::vector<LogView::Part>& parts_;
};

}  // namespace

LatestPerKey::LatestPerKey(ChannelLog& owner, std::uint64_t lostSeq, const BaseCutPtr& lostBase)
    : bodies_{owner, *this},
      deletions_{owner, *this},
      lostSeq_{lostSeq},
      isComplete_{lostSeq == 0} {
    if (lostBase) lostBase_ = *lostBase;
}

std::size_t LatestPerKey::keep(const Record& record, std::string_view bytes, Garbage& garbage) {
    const bool isDeletion = record.isDeletion != 0;
    SeqArray& array = isDeletion ? deletions_ : bodies_;
    const SeqArray::Location at = array.append(record, bytes, garbage);
    lastSeq_ = record.seq;
    const auto known = entries_.find(bytes.substr(0, record.keyLength));
    if (known == entries_.end()) {
        entries_.insert({at.key(), at, isDeletion});
    } else {
        const SeqArray::Location before = known->at;
        SeqArray& home = arrayOf(*known);
        known->key = at.key();
        known->at = at;
        known->isDeletion = isDeletion;
        home.remove(before, garbage);
    }
    if (deletions_.size() <= kDeletionsRememberedMax) return 0;
    dropOldest(garbage);
    return 1;
}

void LatestPerKey::moved(const SeqArray::Location& to) noexcept {
    const auto found = entries_.find(to.key());
    SLUICE_ASSERT(found != entries_.end());
    found->key = to.key();
    found->at = to;
}

bool LatestPerKey::dropOldest(Garbage& garbage) {
    const bool isKey = deletions_.size() == 0;
    SeqArray& array = isKey ? bodies_ : deletions_;
    const SeqArray::Location oldest = array.oldest();
    const Record record = oldest.record();
    lostSeq_ = std::max(lostSeq_, record.seq);
    if (lostBase_.size() <= record.lane) lostBase_.resize(record.lane + 1);
    const Place above{record.position, record.ordinal + 1u};
    lostBase_[record.lane] = std::max(lostBase_[record.lane], above);
    isComplete_ = isComplete_ && !isKey;
    entries_.erase(entries_.find(oldest.key()));
    array.remove(oldest, garbage);
    return isKey;
}

std::size_t LatestPerKey::forgetLane(LaneIndex lane, Garbage& garbage) {
    if (lane < lostBase_.size()) lostBase_[lane] = Place{};
    std::size_t keys = 0;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        if (entry->at.record().lane != lane) {
            ++entry;
            continue;
        }
        // Out of the table first: removing may move others, and looks them up.
        const SeqArray::Location at = entry->at;
        SeqArray& array = arrayOf(*entry);
        keys += entry->isDeletion ? 0 : 1;
        entry = entries_.erase(entry);
        array.remove(at, garbage);
    }
    return keys;
}

void LatestPerKey::view(const LatestWish& wish, LogView& out) const {
    out.parts.clear();
    out.evictedSeq = lostSeq_;
    out.base = std::make_shared<BaseCut>(lostBase_);
    out.lastSeq = lastSeq_;
    out.cutAt = 0;
    SeqArray::Walk bodies{bodies_, wish.afterSeq};
    SeqArray::Walk deletions{deletions_, std::max(wish.afterSeq, wish.deletionsAfterSeq)};
    Runs runs{out.parts};
    std::size_t bytes = 0;
    std::uint64_t last = 0;
    while (!bodies.atEnd() || !deletions.atEnd()) {
        if (bytes >= wish.bytesMax) {
            out.cutAt = last;
            return;
        }
        const bool isBody =
            deletions.atEnd() || (!bodies.atEnd() && bodies.record().seq < deletions.record().seq);
        SeqArray::Walk& next = isBody ? bodies : deletions;
        const Record& record = next.record();
        bytes += std::size_t{record.eventLineLength} + record.dataLinesLength;
        last = record.seq;
        runs.add(next);
        next.next();
    }
}

}  // namespace sluice
