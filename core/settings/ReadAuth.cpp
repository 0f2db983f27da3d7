#include <algorithm>

#include "auth/Issuers.h"
#include "http/HttpClient.h"
#include "settings/ReadJson.h"
#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::pair<std::string_view, ForwardOptions::Down> kDowns[] = {
    {"refuse", ForwardOptions::Down::Refuse}, {"last", ForwardOptions::Down::Last}};
/// RFC 6265: a token of HTTP.
constexpr std::string_view kCookieName = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
constexpr std::string_view kUrl = "https?://[^\\s/]\\S*";

/// The mappings of a list below a key.
template <class Read>
void eachOf(Section& section, std::string_view key, std::string_view what, Read read) {
    const yaml::Node* const list = section.node(key);
    if (!list || list->kind() == yaml::Kind::Null) return;
    Reading& reading = section.reading();
    if (list->kind() != yaml::Kind::Sequence)
        return reading.error({list->span().begin, list->span().begin}, "kind",
                             "'" + std::string{key} + "' must be a list",
                             "begin each " + std::string{what} + " with `- `");
    for (const yaml::Node& item : list->items()) {
        Section one{reading, filledMappingOf(reading, item, what), section.pathOf(key) + ".*"};
        read(one);
        one.finish();
    }
}

/// A text that has to be there, and not empty.
std::optional<Scalar> filled(Section& section, std::string_view key, std::string_view hint) {
    auto value = section.required(key, hint, Form::pattern("[\\s\\S]+"));
    if (!value || !value->text().empty()) return value;
    value->error("no-value", "'" + std::string{key} + "' is empty", std::string{hint});
    return std::nullopt;
}

/// Of keys that exclude each other the one that is there; reports where it is not one.
std::optional<Scalar> oneOf(Section& section, std::initializer_list<std::string_view> keys,
                            std::string_view hint, std::string& which) {
    std::optional<Scalar> found;
    std::size_t count = 0;
    for (const std::string_view key : keys) {
        if (section.node() && section.node()->find(key)) ++count;
        if (auto value = section.scalar(key, Form::pattern("[\\s\\S]+"))) {
            found = std::move(value);
            which = key;
        }
    }
    section.exactlyOne(keys);
    if (count != 1 && section.node())
        section.reading().error(section.span(), "one-of",
                                "exactly one of these keys has to be here", std::string{hint});
    if (count != 1) return std::nullopt;
    if (!found || !found->text().empty()) return found;
    found->error("no-value", "'" + which + "' is empty", std::string{hint});
    return std::nullopt;
}

void readClaims(Section& token, std::string& claims) {
    const yaml::Node* const node = token.node("claims", Form::structure());
    if (!node) return;
    const yaml::Node* const mapping = mappingOf(token.reading(), *node, "'claims'");
    if (!mapping) return;
    claims = JsonReader{token.reading(), nullptr}.read(*mapping, "").compact();
    if (!Claims::parse(claims))
        token.reading().error(mapping->span(), "claims", "these claims are longer than 16 KiB",
                              "say less");
}

void readToken(Section& token, std::vector<StaticTokenOptions>& tokens) {
    StaticTokenOptions options;
    if (const auto name = filled(token, "name", "write name: NAME, for logs and POST /revoke"))
        options.name = name->text();
    std::string which;
    const auto secret = oneOf(
        token, {"token", "sha256"},
        "write token: \"${WALL_TOKEN}\", or sha256: its hash in 64 hexadecimal digits", which);
    if (secret && which == "token") options.digest = digestOf(secret->text());
    if (secret && which == "sha256") {
        if (const auto digest = digestOfHex(secret->text()))
            options.digest = *digest;
        else
            secret->error("sha256", "this is no SHA-256",
                          "write 64 hexadecimal digits: printf TOKEN | sha256sum");
    }
    readClaims(token, options.claims);
    const auto isSame = [&](const StaticTokenOptions& other) { return other.name == options.name; };
    if (!options.name.empty() && std::any_of(tokens.begin(), tokens.end(), isSame))
        token.reading().error(token.span(), "name", "another token has this name",
                              "choose another");
    if (secret) tokens.push_back(std::move(options));
}

void readAlgorithms(Section& issuer, IssuerOptions& options) {
    std::vector<std::string> names;
    for (const auto& [name, algorithm] : kAlgorithms) names.emplace_back(name);
    const auto list = issuer.scalars("alg", Form::choice(names));
    if (!list) return;
    for (const Scalar& one : *list) {
        if (const auto algorithm = algorithmOf(one.text()))
            options.algorithms.push_back(*algorithm);
        else
            one.error("choice", "no JWT is signed by " + one.shown() + " here",
                      "write one of HS256, RS256, PS256, ES256, EdDSA, or with 384 or 512");
    }
}

/// Whether the key fits the algorithms, as far as it stands in the file.
void checkKey(const Scalar& key, IssuerOptions& options) {
    if (!options.secret.empty() && options.algorithms.empty())
        options.algorithms.push_back(Algorithm::HS256);
    std::string error;
    const std::optional<KeySet> keys = keysInline(options, error);
    if (!keys) return key.error("key", "this key cannot be used: " + error, "give a PEM text");
    for (const Algorithm algorithm : options.algorithms) {
        if (!keys->candidates(algorithm, "").empty()) continue;
        const bool isTooShort = isSymmetric(algorithm) && !options.secret.empty();
        key.error(
            "key",
            isTooShort ? "a secret of this algorithm has at least " +
                             std::to_string(hashBytes(algorithm)) + " bytes"
                       : "this key is not one of the algorithms in 'alg'",
            isTooShort ? "make one: openssl rand -base64 64" : "correct 'alg', or leave it out");
        return;
    }
}

void readKey(Section& issuer, IssuerOptions& options) {
    std::string which;
    const auto key =
        oneOf(issuer, {"jwks", "secret", "key", "key_file"},
              "write jwks: URL or file, secret: \"${JWT_SECRET}\", key: a PEM text, or "
              "key_file: its path",
              which);
    if (!key) return;
    if (which == "jwks") options.jwks = key->text();
    if (which == "key_file") options.pemFile = key->text();
    if (which == "secret") options.secret = key->text();
    if (which == "key") options.pem = key->text();
    const bool isUrl = which == "jwks" && key->text().find("://") != std::string::npos;
    if (isUrl && !isHttpUrl(key->text()))
        key->error("url", "'jwks' is no URL that can be read",
                   "write https://HOST/PATH, or a file");
    if (which == "secret" || which == "key") checkKey(*key, options);
}

void readIssuer(Section& issuer, std::vector<IssuerOptions>& issuers) {
    IssuerOptions options;
    const auto name = filled(issuer, "issuer", "write issuer: what tokens have as `iss`");
    if (name) options.issuer = name->text();
    if (const auto audiences = issuer.scalars("audience"))
        for (const Scalar& one : *audiences) options.audiences.push_back(one.text());
    readAlgorithms(issuer, options);
    readKey(issuer, options);
    issuer.duration("refresh", options.refresh, 1s, 24h);
    const bool isKnown = std::any_of(
        issuers.begin(), issuers.end(),
        [&](const IssuerOptions& other) { return name && other.issuer == options.issuer; });
    if (isKnown)
        name->error("issuer", "another entry is of this issuer",
                    "keys are not pooled: put all of them into one JWKS");
    issuers.push_back(std::move(options));
}

void readForward(Section& auth, ForwardOptions& options) {
    if (const auto url = auth.scalar("url", Form::pattern(kUrl))) {
        if (isHttpUrl(url->text()))
            options.url = url->text();
        else
            url->error("url", "'url' is no URL that can be asked",
                       "write http://HOST:PORT/PATH, without a user");
    }
    auth.duration("timeout", options.timeout, 10ms, 30s);
    auth.integer("concurrency", options.concurrency, 1, 256);
    auth.duration("cache", options.cache, 0ms, 1h);
    auth.choice<ForwardOptions::Down>("when_down", options.down, kDowns);
}

void readCookie(Section& auth, std::string& out) {
    const auto cookie = auth.scalar("cookie", Form::pattern(kCookieName));
    if (!cookie) return;
    if (isHttpToken(cookie->text()))
        out = cookie->text();
    else
        cookie->error("cookie", "this is no name of a cookie",
                      "write letters, digits, _ and -, such as session");
}

}  // namespace

void readAuth(Section& top, HttpOptions& http) {
    AuthOptions& options = http.auth;
    const yaml::Node* const node = top.node("auth");
    options.isOn = node && node->kind() != yaml::Kind::Null;
    top.section("auth", [&](Section& auth) {
        eachOf(auth, "tokens", "token", [&](Section& one) { readToken(one, options.tokens); });
        eachOf(auth, "jwt", "issuer", [&](Section& one) { readIssuer(one, options.issuers); });
        readForward(auth, options.forward);
        auth.duration("leeway", options.leeway, 0ms, 10min);
        auth.duration("warn", options.warn, 0ms, 1h);
        readCookie(auth, options.cookie);
        const bool knowsSomebody = (node && node->find("tokens")) || (node && node->find("jwt")) ||
                                   !options.forward.url.empty() ||
                                   !http.tls.clientAuthorities.empty();
        if (options.isOn && node->kind() == yaml::Kind::Mapping && !knowsSomebody)
            top.reading().error(auth.span(), "auth", "this knows nobody, so nobody gets in",
                                "give tokens, jwt or url, or tls.clients");
    });
}

void warnOfRules(Section& top, const HttpOptions& options) {
    Reading& reading = top.reading();
    const yaml::Node* const channels = top.node() ? top.node()->find("channels") : nullptr;
    bool hasRule = false;
    for (const yaml::Entry& entry :
         channels ? channels->entries() : std::span<const yaml::Entry>{}) {
        const bool hasAllow = entry.value.find("allow") != nullptr;
        hasRule = hasRule || hasAllow;
        if (hasAllow && !options.auth.isOn)
            reading.warning(entry.value.find("allow")->span(), "allow-without-auth",
                            "without 'auth' everybody may read everything, whatever stands here",
                            "add auth: {tokens: ...}, jwt or url");
        if (!hasAllow && options.auth.isOn)
            reading.warning(entry.key.span(), "no-allow",
                            "nobody may read these channels: the first pattern that matches "
                            "decides, and this one has no 'allow'",
                            "add allow: an expression, such as claims.role == 'viewer'");
    }
    if (options.auth.isOn && !hasRule)
        reading.warning(top.node("auth")->span(), "no-allow",
                        "nobody may read anything: no entry of 'channels' has 'allow'",
                        "add channels: {\"{any**}\": {allow: \"true\"}} for all who are known");
}

}  // namespace sluice
