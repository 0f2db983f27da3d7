#include "Judge.h"

namespace sluice::redis {
namespace {

using Kind = Verdict::Kind;

class Judgement {
  public:
    Judgement(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now)
        : progress_(progress), entries_(entries), now_(now) {}

    Verdict make() const {
        if (isReplaced()) return reset();
        const bool isLost = isSomethingLost();
        Verdict verdict;
        verdict.kind = isLost ? Kind::Lost : Kind::Whole;
        verdict.to = isLost ? oldest() : progress_.next;
        verdict.after.next = entries_.empty() ? verdict.to : entries_.back().next();
        verdict.after.added = addedAfter(isLost, verdict.after.next);
        return verdict;
    }

  private:
    /// The first position of which the stream still has something to give.
    StreamId oldest() const { return now_.first.value_or(now_.end()); }
    bool isAtEnd(StreamId next) const { return next > now_.last; }
    /// An entry that was read is still there. Entries go from the front, so all behind it are.
    bool hasOneThatWasRead() const { return now_.first && *now_.first < progress_.next; }

    bool isReplaced() const {
        if (progress_.next > now_.end()) return true;
        if (!progress_.added || now_.added == StreamInfo::kUncounted) return false;
        if (now_.added < *progress_.added + entries_.size()) return true;
        // All that were read lie before the first: so many must have been added before it.
        return !hasOneThatWasRead() && now_.addedBeforeFirst() < *progress_.added;
    }

    Verdict reset() const {
        Verdict verdict;
        verdict.kind = Kind::Reset;
        verdict.to = verdict.after.next = now_.low();
        if (verdict.to == StreamId{})
            verdict.after.added = 0;
        else if (!now_.hasHoles())
            verdict.after.added = now_.addedBeforeFirst();
        return verdict;
    }

    bool isSomethingLost() const {
        if (hasOneThatWasRead() || isAtEnd(progress_.next)) return false;
        if (oldest() == progress_.next) return false;  // no room for any between
        return !progress_.added || now_.addedBeforeFirst() > *progress_.added;
    }

    std::optional<std::uint64_t> addedAfter(bool isLost, StreamId next) const {
        if (now_.added == StreamInfo::kUncounted) return std::nullopt;
        if (isAtEnd(next)) return now_.added;
        if (!isLost && !progress_.added) return std::nullopt;
        if (!isLost) return *progress_.added + entries_.size();
        // All that were added before the first are counted, and behind us.
        return now_.hasHoles() ? std::nullopt
                               : std::optional(now_.addedBeforeFirst() + entries_.size());
    }

    const Progress& progress_;
    const std::span<const StreamId> entries_;
    const StreamInfo& now_;
};

}  // namespace

Verdict judge(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now) {
    return Judgement(progress, entries, now).make();
}

}  // namespace sluice::redis
