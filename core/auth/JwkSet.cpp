#include "auth/JwkSet.h"

#include <algorithm>
#include <memory>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "auth/Base64Url.h"

namespace sluice {
namespace {

using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

constexpr std::size_t kRsaBytesMax = Key::kRsaBitsMax / 8;

std::string bytesAt(const Json& jwk, std::string_view name) {
    return decodeBase64Url(jwk.textAt(name)).value_or("");
}

EVP_PKEY* made(const char* type, OSSL_PARAM_BLD* builder) {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters{
        OSSL_PARAM_BLD_to_param(builder), &OSSL_PARAM_free};
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free};
    EVP_PKEY* pkey = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return pkey;
}

Number numberOf(const std::string& bytes) {
    return {BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()), nullptr),
            &BN_free};
}

EVP_PKEY* rsaOf(const Json& jwk) {
    const std::string n = bytesAt(jwk, "n"), e = bytesAt(jwk, "e");
    if (n.empty() || e.empty() || n.size() > kRsaBytesMax || e.size() > 8) return nullptr;
    const Number modulus = numberOf(n), exponent = numberOf(e);
    const Builder builder{OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free};
    // An even exponent, or 1, is none.
    if (!modulus || !exponent || !builder || BN_is_odd(exponent.get()) == 0 ||
        BN_is_one(exponent.get()) == 1)
        return nullptr;
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    return made("RSA", builder.get());
}

EVP_PKEY* ecOf(const Json& jwk) {
    struct Curve {
        std::string_view name;
        const char* group;
        std::size_t bytes;
    };
    constexpr Curve kCurves[] = {
        {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};
    const auto* const curve =
        std::find_if(std::begin(kCurves), std::end(kCurves),
                     [&](const Curve& one) { return one.name == jwk.textAt("crv"); });
    const std::string x = bytesAt(jwk, "x"), y = bytesAt(jwk, "y");
    if (curve == std::end(kCurves) || x.size() != curve->bytes || y.size() != curve->bytes)
        return nullptr;
    const std::string point = '\x04' + x + y;
    const Builder builder{OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free};
    if (!builder) return nullptr;
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    EVP_PKEY* const pkey = made("EC", builder.get());
    if (!pkey) return nullptr;
    // A point that is not on its curve would make every signature check a riddle.
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
        EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr), &EVP_PKEY_CTX_free};
    if (context && EVP_PKEY_public_check(context.get()) == 1) return pkey;
    EVP_PKEY_free(pkey);
    return nullptr;
}

EVP_PKEY* okpOf(const Json& jwk) {
    const std::string_view curve = jwk.textAt("crv");
    const std::string x = bytesAt(jwk, "x");
    const char* const type = curve == "Ed25519" ? "ED25519" : curve == "Ed448" ? "ED448" : nullptr;
    if (!type) return nullptr;
    return EVP_PKEY_new_raw_public_key_ex(
        nullptr, type, nullptr, reinterpret_cast<const unsigned char*>(x.data()), x.size());
}

bool isForSignatures(const Json& jwk) {
    if (const Json* const use = jwk.find("use"))
        if (use->text() != "sig") return false;
    const Json* const operations = jwk.find("key_ops");
    if (!operations) return true;
    return std::any_of(operations->items().begin(), operations->items().end(),
                       [](const Json& one) { return one.text() == "verify"; });
}

}  // namespace

std::optional<Key> Key::ofJwk(const Json& jwk, std::string& error) {
    ERR_clear_error();
    error = "it is no key for signatures that is understood";
    if (!jwk.is(Json::Kind::Object) || !isForSignatures(jwk)) return std::nullopt;
    std::optional<Algorithm> only;
    if (const Json* const algorithm = jwk.find("alg")) {
        only = algorithmOf(algorithm->text());
        if (!only) return std::nullopt;
    }
    const std::string_view type = jwk.textAt("kty");
    std::optional<Key> key;
    if (type == "oct") {
        std::string secret = bytesAt(jwk, "k");
        if (!secret.empty()) key = ofSecret(std::move(secret));
    } else {
        EVP_PKEY* const pkey = type == "RSA"   ? rsaOf(jwk)
                               : type == "EC"  ? ecOf(jwk)
                               : type == "OKP" ? okpOf(jwk)
                                               : nullptr;
        if (pkey) key = ofPkey(pkey, error);
    }
    ERR_clear_error();
    if (!key) return std::nullopt;
    key->id_ = jwk.textAt("kid");
    if (key->id_.size() > kIdBytesMax) return std::nullopt;
    key->only_ = only;
    return key;
}

std::vector<const Key*> KeySet::candidates(Algorithm algorithm, std::string_view kid) const {
    std::vector<const Key*> found;
    for (const Key& key : keys) {
        const bool isNamed = key.id().empty() || kid.empty() || key.id() == kid;
        if (isNamed && key.fits(algorithm) && found.size() < kCandidatesMax) found.push_back(&key);
    }
    return found;
}

std::optional<KeySet> parseJwkSet(std::string_view text, std::string& error) {
    error = "it is longer than 256 KiB";
    if (text.size() > kJwkSetBytesMax) return std::nullopt;
    const std::optional<Json> json = Json::parse(text);
    const Json* const list = json ? json->find("keys") : nullptr;
    error = "it is no JSON object with a list `keys`";
    if (!list || !list->is(Json::Kind::Array)) return std::nullopt;
    error = "it has more than 100 keys";
    if (list->items().size() > kJwkSetKeysMax) return std::nullopt;
    KeySet set;
    error = "it has no keys";
    for (const Json& jwk : list->items())
        if (std::optional<Key> key = Key::ofJwk(jwk, error)) set.keys.push_back(std::move(*key));
    if (set.keys.empty()) return std::nullopt;
    error.clear();
    return set;
}

}  // namespace sluice
