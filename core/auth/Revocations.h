#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/Claims.h"

namespace sluice {

/// Who was told to go before the time: by the id of a token (`jti`) or by subject (`sub`; of a
/// static token its name). Kept in memory, until a time or for as long as the process runs. Any
/// thread may call.
class Revocations final {
  public:
    static constexpr std::size_t kMax = 100'000;
    static constexpr std::size_t kNameBytesMax = 1'024;

    /// What is revoked: one of the two.
    struct Whom {
        std::string subject;
        std::string tokenId;
    };
    /// False: kMax are kept, and none of them has passed. `untilMs`: 0 for good. A subject's tokens
    /// are refused that were issued (`iat`) at or before `nowMs`, or do not say when.
    bool add(const Whom& whom, std::int64_t nowMs, std::int64_t untilMs);

    bool isRevoked(std::string_view subject, std::string_view tokenId,
                   std::optional<std::int64_t> issuedMs, std::int64_t nowMs) const;
    std::size_t size() const;

  private:
    struct Entry {
        std::int64_t atMs = 0, untilMs = 0;
        bool isOver(std::int64_t nowMs) const { return untilMs != 0 && untilMs <= nowMs; }
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    mutable std::mutex mutex_;
    // guarded by mutex_
    Entries subjects_, tokenIds_;
};

}  // namespace sluice
