#include "auth/AccessRules.h"

#include <algorithm>

#include "auth/RuleGuard.h"
#include "base/JsonText.h"
#include "expression/Json.h"

namespace sluice {
namespace {

constexpr std::size_t kArenaBytesMax = 1u << 20;
/// Stands for what a subscribed pattern leaves open: no channel name has it.
constexpr char kUnknown = '\x01';

cel::Arena& arena() {
    thread_local cel::Arena mine{kArenaBytesMax};
    mine.reset();
    return mine;
}

/// A text that the pattern matches: kUnknown in the place of each capture; the one that takes the
/// rest takes so many levels of it.
std::string sampleOf(const Pattern& pattern, std::size_t levels) {
    std::string text;
    for (const Pattern::Part& part : pattern.parts()) {
        text += part.isCapture ? std::string(1, kUnknown) : part.text;
        for (std::size_t i = 1; part.takesRest && i < levels; ++i)
            text.append({pattern.separator(), kUnknown});
    }
    return text;
}

/// Whether each capture is a whole level: then a text is matched level by level, and no text in
/// the place of a capture moves what another one takes.
bool isByLevels(const Pattern& pattern) {
    const auto& parts = pattern.parts();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!parts[i].isCapture) continue;
        const bool begins = i == 0 || parts[i - 1].text.back() == pattern.separator();
        const bool ends = i + 1 == parts.size() || parts[i + 1].text.front() == pattern.separator();
        if (!begins || !ends) return false;
    }
    return true;
}

/// What a rule says of all channels of a pattern.
struct Look {
    bool coversAll = false;  // its pattern takes them all
    bool isDecided = false;  // and its answer is the same for all
    bool isAllowed = false;
};

Look lookAt(const AccessRule& rule, const Asker& asker, const Pattern& channels) {
    const std::size_t levels = rule.pattern().text().size() + channels.text().size() + 1;
    const std::string sample = sampleOf(channels, 1);
    Pattern::Captures captures;
    Look look;
    look.coversAll = rule.pattern().match(sample, captures) &&
                     rule.pattern().matches(sampleOf(channels, levels));
    const bool isClear =
        channels.isLiteral() || (isByLevels(channels) && isByLevels(rule.pattern()));
    look.isDecided =
        rule.isClosed() || (look.coversAll && isClear && rule.knows(captures, kUnknown));
    look.isAllowed = look.isDecided && !rule.isClosed() && rule.allows(asker, captures);
    return look;
}

cel::Problem noTruth(std::string_view text, cel::Type type) {
    return {0,
            text.size(),
            "type",
            "'allow' must be true or false, and this is " + nameOf(type),
            "compare it with something, such as claims.role == 'admin'",
            false};
}

}  // namespace

std::optional<AccessRule> AccessRule::compile(const Pattern& pattern, std::string_view allow,
                                              std::vector<cel::Problem>& problems) {
    const AllowScope scope{pattern.names()};
    std::optional<cel::Expression> expression = cel::Expression::compile(allow, scope, problems);
    if (!expression) return std::nullopt;
    if (!expression->type().mayBe(cel::Kind::Bool)) {
        problems.push_back(noTruth(allow, expression->type()));
        return std::nullopt;
    }
    AccessRule rule{pattern};
    rule.allow_ = std::move(expression);
    rule.references_ = scope.references();
    return rule;
}

bool AccessRule::allows(const Asker& asker, const Pattern::Captures& captures) const {
    if (!allow_) return false;
    const AllowSubject subject{references_, asker, captures};
    // An error, such as a claim that is not there, allows nothing.
    return allow_->evaluate(subject, arena(), kRuleStepsMax).isTrue();
}

bool AccessRule::knows(const Pattern::Captures& captures, char unknown) const {
    return std::none_of(
        references_.begin(), references_.end(), [&](const AllowReference& reference) {
            return reference.kind == AllowReference::Kind::Capture &&
                   captures[reference.capture].find(unknown) != std::string_view::npos;
        });
}

bool AccessRule::operator==(const AccessRule& other) const {
    return pattern_ == other.pattern_ && allow_.has_value() == other.allow_.has_value() &&
           (!allow_ || allow_->text() == other.allow_->text());
}

bool AccessRules::allows(const Asker& asker, std::string_view channel) const {
    Pattern::Captures captures;
    for (const AccessRule& rule : rules_)
        if (rule.pattern().match(channel, captures)) return rule.allows(asker, captures);
    return false;
}

AccessRules::Decision AccessRules::decide(const Asker& asker, const Pattern& channels) const {
    Decision decision;
    bool isAllowedSoFar = true;  // what earlier rules take
    for (const AccessRule& rule : rules_) {
        if (!rule.pattern().overlaps(channels)) continue;
        const Look look = lookAt(rule, asker, channels);
        if (!decision.rule) decision.rule = &rule;
        if (!look.isDecided || look.isAllowed) decision.reach = Reach::Some;
        isAllowedSoFar = isAllowedSoFar && look.isAllowed;
        if (!look.coversAll) continue;
        if (isAllowedSoFar) decision.reach = Reach::All;
        break;
    }
    return decision;
}

ChannelGuardPtr AccessRules::guardFor(const ClaimsPtr& claims, const Asker& asker) const {
    const std::string key = keyOf(asker);
    const std::lock_guard lock{mutex_};
    if (const auto found = guards_.find(key); found != guards_.end())
        if (ChannelGuardPtr known = found->second.lock()) return known;
    if (guards_.size() >= sweepAt_) {
        std::erase_if(guards_, [](const auto& entry) { return entry.second.expired(); });
        sweepAt_ = std::max<std::size_t>(2 * guards_.size(), 1'000);
    }
    auto guard = std::make_shared<const RuleGuard>(shared_from_this(), claims, asker);
    guards_[key] = guard;
    return guard;
}

/// All that the rules look at.
std::string AccessRules::keyOf(const Asker& asker) const {
    std::string key;
    for (const AccessRule& rule : rules_)
        for (const AllowReference& reference : rule.references()) {
            switch (reference.kind) {
                case AllowReference::Kind::Claims:
                    // Nothing is appended for what is missing: no value is an empty text.
                    cel::appendJson(key, valueAt(*asker.claims, reference.path));
                    break;
                case AllowReference::Kind::Address:
                    appendJsonString(key, asker.address);
                    break;
                case AllowReference::Kind::Origin:
                    appendJsonString(key, asker.origin);
                    break;
                case AllowReference::Kind::Capture:
                    continue;
            }
            key += ',';
        }
    return key;
}

}  // namespace sluice
