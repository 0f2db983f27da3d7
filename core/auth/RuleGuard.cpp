#include "auth/RuleGuard.h"

#include <exception>

namespace sluice {

RuleGuard::RuleGuard(std::shared_ptr<const AccessRules> rules, ClaimsPtr claims, const Asker& asker)
    : rules_{std::move(rules)},
      claims_{std::move(claims)},
      address_{asker.address},
      origin_{asker.origin} {}

bool RuleGuard::allows(std::string_view channel) const noexcept {
    try {
        return rules_->allows(asker(), channel);
    } catch (const std::exception&) {
        return false;  // no memory to decide it
    }
}

bool RuleGuard::reaches(std::string_view pattern) const noexcept {
    try {
        const std::optional<Pattern> channels = Pattern::parse(pattern, '/', nullptr);
        return channels && rules_->decide(asker(), *channels).reach != AccessRules::Reach::None;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace sluice
