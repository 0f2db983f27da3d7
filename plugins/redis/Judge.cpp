#include "Judge.h"

#include <algorithm>

namespace sluice::redis {
namespace {

using Kind = Verdict::Kind;
using Count = std::optional<std::uint64_t>;

class Judgement {
  public:
    Judgement(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now)
        : progress_(progress), entries_(entries), now_(now) {}

    Verdict make() const {
        if (isReplaced()) return reset();
        const StreamId next = entries_.empty() ? progress_.next : entries_.back().next();
        const bool isLost = isSomethingLost();
        const StreamId to = entries_.empty() ? (isLost ? oldest() : next) : entries_.front();
        Verdict verdict;
        verdict.kind = isLost ? Kind::Lost : Kind::Whole;
        verdict.to = isLost ? to : progress_.next;
        verdict.after.next = entries_.empty() ? (isLost ? to : next) : next;
        verdict.after.added = addedAfter(isLost, verdict.after.next);
        return verdict;
    }

  private:
    /// The first position of which the stream still has something to give.
    StreamId oldest() const { return now_.first.value_or(now_.end()); }
    bool isAtEnd(StreamId next) const { return next > now_.last; }
    /// An entry that was read is still there, so everything behind it is.
    bool hasOneThatWasRead() const { return now_.first && *now_.first < progress_.next; }

    bool isReplaced() const {
        if (progress_.next > now_.end()) return true;
        if (!progress_.added || now_.added == kUncounted) return false;
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
        if (hasOneThatWasRead()) return false;
        if (entries_.empty()) {
            if (isAtEnd(progress_.next) || oldest() == progress_.next) return false;
            return !progress_.added || now_.addedBeforeFirst() > *progress_.added;
        }
        if (entries_.front() == progress_.next) return false;  // no room for any between
        if (!progress_.added) return true;
        if (isAtEnd(entries_.back().next())) return now_.added > *progress_.added + entries_.size();
        return now_.addedBeforeFirst() > *progress_.added + readAndGone();
    }

    /// Of the entries at hand, those that are not in the stream any more.
    std::uint64_t readAndGone() const {
        if (!now_.first) return entries_.size();
        const auto firstKept = std::ranges::lower_bound(entries_, *now_.first);
        return static_cast<std::uint64_t>(firstKept - entries_.begin());
    }

    Count addedAfter(bool isLost, StreamId next) const {
        if (now_.added == kUncounted) return std::nullopt;
        if (isAtEnd(next)) return now_.added;
        if (!isLost) {
            if (!progress_.added) return std::nullopt;
            return *progress_.added + entries_.size();
        }
        // Known again where all that were added before the first are counted and behind us.
        if (now_.hasHoles() || !now_.first || *now_.first > next) return std::nullopt;
        return now_.addedBeforeFirst() + entries_.size() - readAndGone();
    }

    static constexpr std::uint64_t kUncounted = StreamInfo::kUncounted;

    const Progress& progress_;
    const std::span<const StreamId> entries_;
    const StreamInfo& now_;
};

}  // namespace

Verdict judge(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now) {
    return Judgement(progress, entries, now).make();
}

}  // namespace sluice::redis
