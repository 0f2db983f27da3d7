#include "auth/Revocations.h"

namespace sluice {

bool Revocations::add(const Whom& whom, std::int64_t nowMs, std::int64_t untilMs) {
    const std::lock_guard lock{mutex_};
    if (subjects_.size() + tokenIds_.size() >= kMax) {
        const auto isOver = [nowMs](const auto& entry) { return entry.second.isOver(nowMs); };
        std::erase_if(subjects_, isOver);
        std::erase_if(tokenIds_, isOver);
    }
    Entries& entries = whom.tokenId.empty() ? subjects_ : tokenIds_;
    const std::string& name = whom.tokenId.empty() ? whom.subject : whom.tokenId;
    if (subjects_.size() + tokenIds_.size() >= kMax && !entries.contains(name)) return false;
    entries[name] = {nowMs, untilMs};
    return true;
}

bool Revocations::isRevoked(std::string_view subject, std::string_view tokenId,
                            std::optional<std::int64_t> issuedMs, std::int64_t nowMs) const {
    const std::lock_guard lock{mutex_};
    if (!tokenId.empty()) {
        const auto found = tokenIds_.find(tokenId);
        if (found != tokenIds_.end() && !found->second.isOver(nowMs)) return true;
    }
    const auto found = subject.empty() ? subjects_.end() : subjects_.find(subject);
    if (found == subjects_.end() || found->second.isOver(nowMs)) return false;
    return !issuedMs || *issuedMs <= found->second.atMs;
}

std::size_t Revocations::size() const {
    const std::lock_guard lock{mutex_};
    return subjects_.size() + tokenIds_.size();
}

}  // namespace sluice
