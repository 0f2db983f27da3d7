#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// Who has a stream, and for how long. Times are of the wall clock.
struct Admission {
    std::string subject;                   // may be empty
    std::string tokenId;                   // may be empty
    std::optional<std::int64_t> issuedMs;  // nothing: it is not known
    std::int64_t endsMs = 0;               // 0: never
    std::int64_t warnMs = 0;               // so long before, the stream is told
};

/// Whose streams are to end at once: those of a subject with what was issued at or before `atMs`,
/// or those of one token. One of the two texts is empty.
struct Dismissal {
    std::string subject;
    std::string tokenId;
    std::int64_t atMs = 0;

    bool concerns(const Admission& admission) const {
        if (!tokenId.empty()) return admission.tokenId == tokenId;
        return admission.subject == subject && (!admission.issuedMs || *admission.issuedMs <= atMs);
    }
};

/// An admission and what its loop has done about it.
struct AdmissionState : Admission {
    std::int64_t dueMs = 0;  // when the loop looks at it; 0: not at all
    bool isTold = false;
};

}  // namespace sluice
