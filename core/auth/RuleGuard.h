#pragma once

#include <memory>
#include <string>

#include "auth/AccessRules.h"

namespace sluice {

/// The rules as they are for one asker, for as long as his streams live.
class RuleGuard final : public ChannelGuard {
  public:
    RuleGuard(std::shared_ptr<const AccessRules> rules, ClaimsPtr claims, const Asker& asker);

    bool allows(std::string_view channel) const noexcept override;
    bool reaches(std::string_view pattern) const noexcept override;

  private:
    Asker asker() const { return {claims_.get(), address_, origin_}; }

    const std::shared_ptr<const AccessRules> rules_;  // a reload may have put others in force
    const ClaimsPtr claims_;
    const std::string address_, origin_;
};

}  // namespace sluice
