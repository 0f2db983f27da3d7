#include "Audit.h"

#include <utility>

namespace sluice::soak {
namespace {

void note(Findings& findings, std::size_t who, std::uint64_t sequence, std::uint64_t wanted,
          const std::string& instead) {
    if (!findings.firstFault.empty()) return;
    findings.firstFault = "client " + std::to_string(who) + ", sequence " +
                          std::to_string(sequence) + ": wanted " + std::to_string(wanted) + ", " +
                          instead;
}

}  // namespace

Audit::Audit(std::size_t sequences, std::vector<bool> mine)
    : mine_(std::move(mine)), sequences_(sequences) {}

bool Audit::isMine(std::uint64_t sequence) const {
    return sequence < sequences_.size() && mine_[sequence % mine_.size()];
}

void Audit::see(std::uint64_t sequence, std::uint64_t number, Findings& findings, std::size_t who) {
    if (!isMine(sequence)) {
        ++findings.foreign;
        return note(findings, who, sequence, 0, "which it did not ask for");
    }
    ++findings.delivered;
    Sequence& its = sequences_[sequence];
    if (its.next != kAny && number < its.next) {
        ++findings.doubled;
        return note(findings, who, sequence, its.next, std::to_string(number) + " came again");
    }
    if (its.next != kAny && number > its.next) lose(sequence, number, findings, who);
    its = {number + 1, told_};
}

void Audit::lose(std::uint64_t sequence, std::uint64_t to, Findings& findings,
                 std::size_t who) const {
    const Sequence& its = sequences_[sequence];
    findings.lost += to - its.next;
    if (its.told == told_) findings.untold += to - its.next;
    note(findings, who, sequence, its.next, "nothing came before " + std::to_string(to));
}

void Audit::forget() {
    for (Sequence& its : sequences_) its.next = kAny;
}

bool Audit::hasAll(std::span<const std::uint64_t> totals) const {
    for (std::size_t s = 0; s < sequences_.size(); ++s) {
        if (isMine(s) && sequences_[s].next != kAny && sequences_[s].next < totals[s]) return false;
    }
    return true;
}

void Audit::finish(std::span<const std::uint64_t> totals, Findings& findings,
                   std::size_t who) const {
    for (std::size_t s = 0; s < sequences_.size(); ++s) {
        const std::uint64_t next = sequences_[s].next;
        if (isMine(s) && next != kAny && next < totals[s]) lose(s, totals[s], findings, who);
    }
}

}  // namespace sluice::soak
