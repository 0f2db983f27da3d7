#include "auth/Issuers.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sluice {
namespace {

bool isUrl(std::string_view place) {
    return place.starts_with("http://") || place.starts_with("https://");
}

/// Of at most a byte more than may be parsed.
std::string contentOf(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) throw std::runtime_error{"there is no such file, or it may not be read"};
    std::string text(kJwkSetBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::optional<KeySet> parsePem(std::string_view text, std::string& error) {
    KeySet set{Key::ofPem(text, error)};
    if (set.keys.empty()) return std::nullopt;
    return set;
}

std::unique_ptr<KeySource> sourceOf(const IssuerOptions& options, const Issuers::Fetch& fetch) {
    if (!options.jwks.empty() || !options.pemFile.empty()) {
        const bool isPem = options.jwks.empty();
        const std::string& place = isPem ? options.pemFile : options.jwks;
        KeySource::Read read = [place] { return contentOf(place); };
        if (isUrl(place)) read = [place, fetch] { return fetch(place); };
        return std::make_unique<KeySource>(options.issuer, place, std::move(read),
                                           isPem ? parsePem : parseJwkSet, options.refresh);
    }
    std::string error;
    std::optional<KeySet> keys = keysInline(options, error);
    if (!keys) throw std::invalid_argument{"auth.jwt of " + options.issuer + ": " + error};
    return std::make_unique<KeySource>(options.issuer, std::move(*keys));
}

/// Without a list, whatever public keys can do: a secret has to be named.
bool mayUse(const IssuerOptions& options, Algorithm algorithm) {
    const auto& list = options.algorithms;
    if (list.empty()) return !isSymmetric(algorithm);
    return std::find(list.begin(), list.end(), algorithm) != list.end();
}

bool isFor(const std::vector<std::string>& audiences, const cel::Value& aud) {
    const auto isOurs = [&](const cel::Value& one) {
        return one.is(cel::Kind::String) &&
               std::find(audiences.begin(), audiences.end(), one.asString()) != audiences.end();
    };
    if (!aud.is(cel::Kind::List)) return isOurs(aud);
    return std::any_of(aud.asList().begin(), aud.asList().end(), isOurs);
}

}  // namespace

std::optional<KeySet> keysInline(const IssuerOptions& options, std::string& error) {
    if (!options.pem.empty()) return parsePem(options.pem, error);
    if (options.secret.empty()) {
        error = "it has no key";
        return std::nullopt;
    }
    KeySet set;
    set.keys.push_back(Key::ofSecret(options.secret));
    return set;
}

Issuers::Issuers(const std::vector<IssuerOptions>& issuers, std::chrono::milliseconds leeway,
                 const Fetch& fetch, const Issuers* before)
    : leewayMs_{leeway.count()} {
    for (const IssuerOptions& options : issuers)
        issuers_.push_back({options, sourceOf(options, fetch)});
    if (before) takeKeysOf(*before);
}

/// A reload refuses nobody for keys that are known.
void Issuers::takeKeysOf(const Issuers& before) {
    for (Issuer& issuer : issuers_)
        for (const Issuer& known : before.issuers_)
            if (known.options.hasKeysOf(issuer.options)) issuer.keys->startWith(*known.keys);
}

std::vector<KeySource*> Issuers::sourcesToRead() const {
    std::vector<KeySource*> sources;
    for (const Issuer& issuer : issuers_)
        if (!issuer.keys->isFixed()) sources.push_back(issuer.keys.get());
    return sources;
}

const Issuers::Issuer* Issuers::issuerOf(const Jwt& jwt) const {
    const std::string_view iss = jwt.claims->textAt("iss");
    const auto found = std::find_if(issuers_.begin(), issuers_.end(), [&](const Issuer& issuer) {
        return issuer.options.issuer == iss;
    });
    return found == issuers_.end() ? nullptr : &*found;
}

Verdict Issuers::verify(std::string_view token, std::int64_t nowMs) const {
    Verdict verdict;
    const std::optional<Jwt> jwt = parseJwt(token);
    verdict.refusal = Refusal::Malformed;
    if (!jwt) return verdict;
    const Issuer* const issuer = issuerOf(*jwt);
    verdict.refusal = Refusal::Unknown;
    if (!issuer) return verdict;
    verdict.refusal = judgeSignature(*issuer, *jwt, verdict);
    // What an unsigned token says is nobody's business: no claim is judged before its signature.
    if (verdict.refusal == Refusal::None)
        verdict.refusal = judgeClaims(*issuer, *jwt->claims, nowMs);
    if (verdict.refusal != Refusal::None) return verdict;
    verdict.endsMs = jwt->claims->timeAt("exp").ms.value_or(0) + leewayMs_;
    verdict.claims = jwt->claims;
    verdict.source = issuer->options.source;
    verdict.subject = jwt->claims->textAt("sub");
    return verdict;
}

Refusal Issuers::judgeSignature(const Issuer& issuer, const Jwt& jwt, Verdict& verdict) const {
    if (!jwt.algorithm || !mayUse(issuer.options, *jwt.algorithm)) return Refusal::Algorithm;
    const std::shared_ptr<const KeySet> keys = issuer.keys->keys();
    verdict.keys = issuer.keys->isFixed() ? nullptr : issuer.keys.get();
    if (!keys) return Refusal::Unavailable;
    const std::vector<const Key*> candidates = keys->candidates(*jwt.algorithm, jwt.kid);
    if (candidates.empty()) return Refusal::Key;
    const bool isSigned = std::any_of(candidates.begin(), candidates.end(), [&](const Key* key) {
        return key->verifies(*jwt.algorithm, jwt.signedText, jwt.signature);
    });
    return isSigned ? Refusal::None : Refusal::Signature;
}

Refusal Issuers::judgeClaims(const Issuer& issuer, const Claims& claims, std::int64_t nowMs) const {
    const Claims::Time exp = claims.timeAt("exp"), nbf = claims.timeAt("nbf"),
                       iat = claims.timeAt("iat");
    if (!exp.isThere) return Refusal::NoExpiry;
    if (!exp.ms || (nbf.isThere && !nbf.ms) || (iat.isThere && !iat.ms)) return Refusal::Malformed;
    for (const std::string_view name : {"sub", "jti"})
        if (claims.find(name) && !claims.find(name)->is(cel::Kind::String))
            return Refusal::Malformed;
    if (*exp.ms + leewayMs_ <= nowMs) return Refusal::Expired;
    for (const Claims::Time& from : {nbf, iat})
        if (from.ms && *from.ms - leewayMs_ > nowMs) return Refusal::NotYet;
    const cel::Value* const aud = claims.find("aud");
    const std::vector<std::string>& audiences = issuer.options.audiences;
    // RFC 7519 section 4.1.3: who does not find himself in `aud` has to refuse it.
    if (!aud) return audiences.empty() ? Refusal::None : Refusal::Audience;
    return isFor(audiences, *aud) ? Refusal::None : Refusal::Audience;
}

}  // namespace sluice
