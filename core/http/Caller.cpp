#include "http/Caller.h"

#include <algorithm>

#include "base/Assert.h"
#include "http/Authorization.h"

namespace sluice {
namespace {

HttpResponse forbidden(const std::string& channel, const AccessRule* rule, std::string_view field) {
    const std::string of = rule ? "the rule of \"" + rule->pattern().text() + "\" does not allow " +
                                      "this token to read " + channel
                                : "no rule allows anybody to read " + channel;
    return errorResponse(403, {"forbidden", field, of,
                               "ask for other channels, or with another token; `allow` of "
                               "channels in the configuration says who may read them"})
        .with("WWW-Authenticate", R"(Bearer realm="sluice", error="insufficient_scope")");
}

}  // namespace

const Caller& Caller::anybody() {
    static const Caller caller;
    return caller;
}

Caller::Caller(Verdict verdict, std::shared_ptr<const AccessRules> rules, std::string address,
               std::string origin, std::chrono::milliseconds warn)
    : verdict_{std::move(verdict)},
      rules_{std::move(rules)},
      address_{std::move(address)},
      origin_{std::move(origin)},
      warn_{warn} {
    SLUICE_ASSERT(verdict_.refusal == Refusal::None && verdict_.claims && rules_);
}

std::optional<HttpResponse> Caller::refusal(const std::vector<std::string>& channels,
                                            std::string_view field) const {
    if (isAnybody()) return std::nullopt;
    for (const std::string& channel : channels) {
        const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        if (!pattern) return forbidden(channel, nullptr, field);
        const AccessRules::Decision decision = rules_->decide(asker(), *pattern);
        // What a stranger might have of a pattern is not for him to wait for: he may come back with
        // a token.
        if (verdict_.isOfStranger && decision.reach != AccessRules::Reach::All)
            return unauthorized();
        if (decision.reach == AccessRules::Reach::None)
            return forbidden(channel, decision.rule, field);
    }
    return std::nullopt;
}

ChannelGuardPtr Caller::guardFor(const std::vector<std::string>& channels) const {
    if (isAnybody()) return nullptr;
    const bool isNeeded =
        std::any_of(channels.begin(), channels.end(), [&](const std::string& channel) {
            const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
            return !pattern || rules_->decide(asker(), *pattern).reach != AccessRules::Reach::All;
        });
    return isNeeded ? guard() : nullptr;
}

ChannelGuardPtr Caller::guard() const {
    return rules_->guardFor(verdict_.claims, asker());
}

std::unique_ptr<AdmissionState> Caller::admission() const {
    if (isAnybody()) return nullptr;
    auto admission = std::make_unique<AdmissionState>();
    admission->source = verdict_.source;
    admission->subject = verdict_.subject;
    admission->tokenId = verdict_.claims->textAt("jti");
    admission->issuedMs = verdict_.claims->timeAt("iat").ms;
    admission->endsMs = verdict_.endsMs;
    admission->warnMs = warn_.count();
    return admission;
}

}  // namespace sluice
