#include "auth/Authenticator.h"

#include <utility>

namespace sluice {
namespace {

Verdict withRevocations(Verdict verdict, const Revocations& revocations, std::int64_t nowMs) {
    if (verdict.refusal != Refusal::None) return verdict;
    const Claims& claims = *verdict.claims;
    if (revocations.isRevoked(verdict.subject, claims.textAt("jti"), claims.timeAt("iat").ms,
                              nowMs))
        return {Refusal::Revoked, nullptr, {}, nullptr};
    return verdict;
}

}  // namespace

Authenticator::Authenticator(const AuthOptions& options, const Issuers::Fetch& fetch,
                             const Revocations& revocations, const Clock& clock,
                             const Authenticator* before)
    : tokens_{options.tokens},
      issuers_{options.issuers, options.leeway, fetch, before ? &before->issuers_ : nullptr},
      refresh_{issuers_.sourcesToRead(), clock},
      revocations_{revocations},
      clock_{clock} {}

Authenticator::~Authenticator() = default;

Verdict Authenticator::judge(std::string_view token) const {
    if (const StaticTokens::Entry* const entry = tokens_.find(token)) {
        Verdict verdict = judgeClaims(entry->claims, entry->name, revocations_, clock_.wallMs());
        verdict.source = entry->source;
        return verdict;
    }
    if (issuers_.empty() || !looksLikeJwt(token)) return {Refusal::Unknown, nullptr, {}, nullptr};
    const std::int64_t nowMs = clock_.wallMs();
    return withRevocations(issuers_.verify(token, nowMs), revocations_, nowMs);
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

Verdict judgeClaims(ClaimsPtr claims, std::string_view name, const Revocations& revocations,
                    std::int64_t nowMs) {
    Verdict verdict;
    verdict.refusal = claims ? Refusal::None : Refusal::Malformed;
    if (!claims) return verdict;
    const Claims::Time exp = claims->timeAt("exp");
    if (exp.isThere && !exp.ms) verdict.refusal = Refusal::Malformed;
    if (exp.ms && *exp.ms <= nowMs) verdict.refusal = Refusal::Expired;
    if (verdict.refusal != Refusal::None) return verdict;
    const std::string_view sub = claims->textAt("sub");
    verdict.subject = sub.empty() ? name : sub;
    verdict.endsMs = exp.ms.value_or(0);
    verdict.claims = std::move(claims);
    return withRevocations(std::move(verdict), revocations, nowMs);
}

}  // namespace sluice
