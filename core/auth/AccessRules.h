#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/AllowScope.h"
#include "auth/Claims.h"
#include "base/Pattern.h"
#include "channel/ChannelGuard.h"
#include "expression/Expression.h"

namespace sluice {

/// What a rule may take to be evaluated: a tenth of a millisecond, about.
inline constexpr std::size_t kRuleStepsMax = 10'000;

/// Who may read the channels of a pattern. Immutable; copies share the expression.
class AccessRule final {
  public:
    /// Nothing where the expression cannot be used; `problems` says why.
    static std::optional<AccessRule> compile(const Pattern& pattern, std::string_view allow,
                                             std::vector<cel::Problem>& problems);
    /// Nobody may.
    explicit AccessRule(Pattern pattern) : pattern_{std::move(pattern)} {}

    const Pattern& pattern() const { return pattern_; }
    bool isClosed() const { return !allow_; }
    /// REQUIRES: pattern().match(...) gave the captures.
    bool allows(const Asker& asker, const Pattern::Captures& captures) const;
    /// Whether the captures that the expression looks at hold no `unknown` character.
    bool knows(const Pattern::Captures& captures, char unknown) const;
    const std::vector<AllowReference>& references() const { return references_; }
    bool operator==(const AccessRule& other) const;

  private:
    Pattern pattern_;
    std::optional<cel::Expression> allow_;
    std::vector<AllowReference> references_;
};

/// Who may read which channels: the first rule whose pattern matches a channel decides; where none
/// does, nobody may. Immutable but for its table of guards; any thread may call.
class AccessRules final : public std::enable_shared_from_this<AccessRules> {
  public:
    explicit AccessRules(std::vector<AccessRule> rules) : rules_{std::move(rules)} {}

    enum class Reach {
        None,  // no channel of it
        Some,  // which, is asked for each by a guard
        All    // each of it
    };
    struct Decision {
        Reach reach = Reach::None;
        const AccessRule* rule = nullptr;  // that decided; null: none takes it
    };
    /// For a channel (None or All) or a pattern of channels. REQUIRES: a channel name that is a
    /// pattern.
    Decision decide(const Asker& asker, const Pattern& channels) const;
    bool allows(const Asker& asker, std::string_view channel) const;

    /// What decides for each channel. Askers whom no rule can tell apart share one. REQUIRES: the
    /// rules are owned by a shared_ptr.
    ChannelGuardPtr guardFor(const ClaimsPtr& claims, const Asker& asker) const;

    const std::vector<AccessRule>& rules() const { return rules_; }

  private:
    std::string keyOf(const Asker& asker) const;

    const std::vector<AccessRule> rules_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    mutable std::map<std::string, std::weak_ptr<const ChannelGuard>> guards_;
    mutable std::size_t sweepAt_ = 1'000;
};

}  // namespace sluice
