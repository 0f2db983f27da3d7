#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/AuthOptions.h"
#include "auth/Claims.h"

namespace sluice {

/// The tokens that the configuration names. Immutable; any thread may call.
class StaticTokens final {
  public:
    /// REQUIRES: claims that Claims::parse takes.
    explicit StaticTokens(const std::vector<StaticTokenOptions>& tokens);

    struct Entry {
        std::string name;
        Digest digest;
        ClaimsPtr claims;
        std::uint32_t source = 0;
    };
    /// Null where none is it; takes the same time for all texts of one length.
    const Entry* find(std::string_view token) const;

  private:
    std::vector<Entry> entries_;
};

}  // namespace sluice
