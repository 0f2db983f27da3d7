#include <fstream>
#include <sstream>
#include <string>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "Fuzz.h"
#include "ManualClock.h"
#include "auth/Authenticator.h"
#include "base/Json.h"

using namespace sluice;

namespace {

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::int64_t kNowMs = 1'790'000'000'000;
constexpr std::chrono::milliseconds kLeeway{30'000};

/// The keys that the vectors of the unit tests are signed with.
const Json& vectors() {
    static const Json json = [] {
        std::ifstream file{SLUICE_JWT_VECTORS};
        std::ostringstream text;
        text << file.rdbuf();
        return Json::parse(text.str()).value();
    }();
    return json;
}

AuthOptions options() {
    AuthOptions made;
    made.isOn = true;
    made.leeway = kLeeway;
    made.tokens = {{"wall", digestOf("wall-token"), R"({"role": "viewer"})"}};
    IssuerOptions secret;
    secret.issuer = "internal";
    secret.audiences = {"sluice"};
    secret.secret = vectors().textAt("secret");
    secret.algorithms = {Algorithm::HS256};
    IssuerOptions keys;
    keys.issuer = vectors().textAt("issuer");
    keys.audiences = {"sluice"};
    keys.jwks = "http://id.example/jwks.json";
    made.issuers = {secret, keys};
    return made;
}

std::string fetch(const std::string&) {
    return std::string{vectors().textAt("jwks")};
}

struct Judges {
    Judges()
        : issuers{options().issuers, kLeeway, fetch},
          authenticator{options(), fetch, revocations, clock} {
        for (KeySource* const source : issuers.sourcesToRead()) source->refresh();
    }
    ManualClock clock{kNowMs};
    Revocations revocations;
    Issuers issuers;
    Authenticator authenticator;
};

std::string encoded(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6;) text += kBase64Url[bits >> (count -= 6) & 63];
        bits &= 0xffff;
    }
    if (count > 0) text += kBase64Url[bits << (6 - count) & 63];
    return text;
}

std::string signedToken(std::string_view header, std::string_view payload) {
    const std::string text = encoded(header) + '.' + encoded(payload);
    const std::string secret{vectors().textAt("secret")};
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), signature, &length);
    return text + '.' + encoded({reinterpret_cast<const char*>(signature), length});
}

/// Laws of each verdict.
void check(const Verdict& verdict, std::string_view token) {
    if (verdict.refusal != Refusal::None) {
        FUZZ_LAW(!verdict.claims);
        return;
    }
    FUZZ_LAW(verdict.claims && looksLikeJwt(token));
    const Claims& claims = *verdict.claims;
    const Claims::Time exp = claims.timeAt("exp"), nbf = claims.timeAt("nbf");
    FUZZ_LAW(exp.ms && *exp.ms + kLeeway.count() > kNowMs);
    FUZZ_LAW(!nbf.isThere || (nbf.ms && *nbf.ms - kLeeway.count() <= kNowMs));
    FUZZ_LAW(verdict.subject == claims.textAt("sub"));
    FUZZ_LAW(claims.find("aud"));
}

/// What somebody sends: a token that is good is good no more where a character of its signature is
/// another.
void judge(Judges& judges, std::string_view token) {
    judges.authenticator.judge(token);
    const Verdict verdict = judges.issuers.verify(token, kNowMs);
    check(verdict, token);
    if (verdict.refusal != Refusal::None) return;
    std::string forged{token};
    const std::size_t signature = forged.rfind('.') + 1;
    const std::size_t at = signature + token.size() % (forged.size() - signature);
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    FUZZ_LAW(judges.issuers.verify(forged, kNowMs).refusal != Refusal::None);
}

/// What an issuer could sign: header and payload, a line feed between them.
void judgeSigned(Judges& judges, std::string_view text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    const std::string_view header = text.substr(0, end), payload = text.substr(end + 1);
    const std::string token = signedToken(header, payload);
    const Verdict verdict = judges.issuers.verify(token, kNowMs);
    check(verdict, token);
    const std::optional<Jwt> jwt = parseJwt(token);
    if (verdict.refusal != Refusal::None) {
        const bool isOurs =
            jwt && jwt->algorithm == Algorithm::HS256 && jwt->claims->textAt("iss") == "internal";
        FUZZ_LAW(!isOurs || verdict.refusal != Refusal::Signature);
        return;
    }
    FUZZ_LAW(jwt && jwt->algorithm == Algorithm::HS256);
    FUZZ_LAW(verdict.claims->text() == payload && verdict.claims->textAt("iss") == "internal");
}

}  // namespace

/// JWTs as they are sent, and behind a `+` what is in one that is signed well.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Judges judges;
    const std::string_view bytes = textOf(data, size);
    if (bytes.starts_with('+'))
        judgeSigned(judges, bytes.substr(1));
    else if (!bytes.empty())
        judge(judges, bytes);
    return 0;
}
