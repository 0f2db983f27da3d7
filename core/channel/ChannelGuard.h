#pragma once

#include <memory>
#include <string_view>

namespace sluice {

/// Which channels of a subscribed pattern a reader may have: asked once for each that matches.
/// Declared here, implemented above: channels know no rules. Immutable; any thread may call.
class ChannelGuard {
  public:
    ChannelGuard() = default;
    virtual ~ChannelGuard() = default;
    ChannelGuard(const ChannelGuard&) = delete;
    ChannelGuard& operator=(const ChannelGuard&) = delete;

    /// Bounded in time and memory; what cannot be decided is not allowed.
    virtual bool allows(std::string_view channel) const noexcept = 0;
    /// Whether some channel of this pattern may be allowed; of a name as `allows`.
    virtual bool reaches(std::string_view pattern) const noexcept = 0;
};

/// Shared by the subscriptions of readers who may have the same.
using ChannelGuardPtr = std::shared_ptr<const ChannelGuard>;

}  // namespace sluice
