#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Who has a stream, and for how long. Times are of the wall clock.
struct Admission {
    std::uint32_t source = 0;              // what says who it is (Verdict::source); 0: nothing
    std::string subject;                   // may be empty
    std::string tokenId;                   // may be empty
    std::vector<std::string> moreTokens;   // ids of those that added channels
    std::optional<std::int64_t> issuedMs;  // nothing: it is not known
    std::int64_t endsMs = 0;               // 0: never
    std::int64_t warnMs = 0;               // so long before, the stream is told

    /// Whether that token let it in, or added channels.
    bool isOfToken(const std::string& id) const {
        return tokenId == id ||
               std::find(moreTokens.begin(), moreTokens.end(), id) != moreTokens.end();
    }
};

/// Whose streams are to end at once: those of a subject with what was issued at or before `atMs`,
/// those of one token, or those whom what is gone from the configuration has let in. One of the
/// three is there.
struct Dismissal {
    std::string subject{};
    std::string tokenId{};
    std::int64_t atMs = 0;
    std::vector<std::uint32_t> sources{};

    bool concerns(const Admission& admission) const {
        if (!sources.empty())
            return std::find(sources.begin(), sources.end(), admission.source) != sources.end();
        if (!tokenId.empty()) return admission.isOfToken(tokenId);
        return admission.subject == subject && (!admission.issuedMs || *admission.issuedMs <= atMs);
    }
};

/// An admission and what its loop has done about it.
struct AdmissionState : Admission {
    /// What a further token of the same subject gave lasts no longer than that token.
    void join(const Admission& other) {
        if (other.endsMs != 0 && (endsMs == 0 || other.endsMs < endsMs)) endsMs = other.endsMs;
        if (issuedMs && other.issuedMs) issuedMs = std::min(*issuedMs, *other.issuedMs);
        if (!other.tokenId.empty() && !isOfToken(other.tokenId))
            moreTokens.push_back(other.tokenId);
        isTold = isTold && other.endsMs == 0;
    }

    std::int64_t dueMs = 0;  // when the loop looks at it; 0: not at all
    bool isTold = false;
};

}  // namespace sluice
