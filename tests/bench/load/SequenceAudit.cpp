#include "SequenceAudit.h"

#include <algorithm>

namespace sluice::bench {

void SequenceAudit::see(std::uint64_t seq) noexcept {
    if (received_++ == 0) {
        first_ = seq;
    } else if (seq < next_) {
        if (fill(seq)) {
            ++reordered_;
            --missing_;
        } else {
            ++doubled_;
        }
        return;
    } else if (seq > next_) {
        missing_ += seq - next_;
        addHole(next_, seq);
    }
    next_ = seq + 1;
}

void SequenceAudit::expect(std::uint64_t first, std::uint64_t last) noexcept {
    if (!started()) {
        missing_ += last + 1 - first;
        return;
    }
    if (first_ > first) missing_ += std::min(first_, last + 1) - first;
    if (next_ <= last) missing_ += last + 1 - std::max(next_, first);
}

bool SequenceAudit::fill(std::uint64_t seq) noexcept {
    for (Hole& hole : holes_) {
        if (seq < hole.from || seq >= hole.to) continue;
        const Hole rest{seq + 1, hole.to};
        hole.to = seq;
        if (hole.from == hole.to) {
            hole = rest;
        } else if (rest.from < rest.to) {
            addHole(rest.from, rest.to);
        }
        return true;
    }
    return false;
}

void SequenceAudit::addHole(std::uint64_t from, std::uint64_t to) noexcept {
    const auto empty = std::ranges::find_if(holes_, [](const Hole& h) { return h.from == h.to; });
    if (empty != holes_.end()) {
        *empty = Hole{from, to};
        return;
    }
    holes_[nextHole_] = Hole{from, to};
    nextHole_ = (nextHole_ + 1) % kHolesMax;
}

}  // namespace sluice::bench
