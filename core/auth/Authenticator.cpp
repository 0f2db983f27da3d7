#include "auth/Authenticator.h"

#include <utility>

namespace sluice {

Authenticator::Authenticator(const AuthOptions& options, const Issuers::Fetch& fetch,
                             const Clock& clock)
    : tokens_{options.tokens},
      issuers_{options.issuers, options.leeway, fetch},
      refresh_{issuers_.sourcesToRead(), clock},
      clock_{clock} {}

Authenticator::~Authenticator() = default;

Verdict Authenticator::judge(std::string_view token) const {
    if (const StaticTokens::Entry* const entry = tokens_.find(token))
        return judgeClaims(entry->claims, entry->name);
    if (issuers_.empty() || !looksLikeJwt(token)) return {Refusal::Unknown, nullptr, {}, nullptr};
    return withRevocations(issuers_.verify(token, clock_.wallMs()));
}

std::optional<std::uint64_t> Authenticator::askForKeys(const Verdict& verdict) {
    if (!verdict.keys) return std::nullopt;
    if (verdict.refusal != Refusal::Key && verdict.refusal != Refusal::Unavailable)
        return std::nullopt;
    return refresh_.ask(*verdict.keys);
}

Verdict Authenticator::judgeAfter(const Verdict& verdict, std::uint64_t read,
                                  std::string_view token) {
    refresh_.wait(*verdict.keys, read, kReadMax);
    return judge(token);
}

Verdict Authenticator::judgeClaims(ClaimsPtr claims, std::string_view name) const {
    Verdict verdict;
    verdict.refusal = Refusal::None;
    const Claims::Time exp = claims->timeAt("exp");
    if (exp.isThere && !exp.ms) verdict.refusal = Refusal::Malformed;
    if (exp.ms && *exp.ms <= clock_.wallMs()) verdict.refusal = Refusal::Expired;
    if (verdict.refusal != Refusal::None) return verdict;
    const std::string_view sub = claims->textAt("sub");
    verdict.subject = sub.empty() ? name : sub;
    verdict.claims = std::move(claims);
    return withRevocations(std::move(verdict));
}

Verdict Authenticator::withRevocations(Verdict verdict) const {
    if (verdict.refusal != Refusal::None) return verdict;
    const Claims& claims = *verdict.claims;
    if (revocations_.isRevoked(verdict.subject, claims.textAt("jti"), claims.timeAt("iat").ms,
                               clock_.wallMs()))
        return {Refusal::Revoked, nullptr, {}, nullptr};
    return verdict;
}

}  // namespace sluice
