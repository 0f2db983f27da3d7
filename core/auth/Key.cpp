#include "auth/Key.h"

#include <array>
#include <cstring>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/Assert.h"

namespace sluice {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

const EVP_MD* hashOf(Algorithm algorithm) {
    switch (hashBytes(algorithm)) {
        case 32:
            return EVP_sha256();
        case 48:
            return EVP_sha384();
        case 64:
            return EVP_sha512();
        default:
            return nullptr;  // EdDSA hashes by itself
    }
}

bool isPss(Algorithm algorithm) {
    return algorithm >= Algorithm::PS256 && algorithm <= Algorithm::PS512;
}

bool isEcdsa(Algorithm algorithm) {
    return algorithm >= Algorithm::ES256 && algorithm <= Algorithm::ES512;
}

const char* curveOf(Algorithm algorithm) {
    if (algorithm == Algorithm::ES256) return "prime256v1";
    return algorithm == Algorithm::ES384 ? "secp384r1" : "secp521r1";
}

/// Of one coordinate.
std::size_t curveBytes(Algorithm algorithm) {
    if (algorithm == Algorithm::ES256) return 32;
    return algorithm == Algorithm::ES384 ? 48 : 66;
}

bool verifiesHmac(const std::string& secret, Algorithm algorithm, std::string_view text,
                  std::string_view signature) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (!HMAC(hashOf(algorithm), secret.data(), static_cast<int>(secret.size()), bytesOf(text),
              text.size(), mac.data(), &length))
        return false;
    return signature.size() == length && CRYPTO_memcmp(mac.data(), signature.data(), length) == 0;
}

/// RFC 7518 section 3.4 has r and s side by side, OpenSSL wants them as DER; empty: no signature.
std::string derOf(std::string_view signature, std::size_t coordinateBytes) {
    if (signature.size() != 2 * coordinateBytes) return {};
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{ECDSA_SIG_new(),
                                                                     &ECDSA_SIG_free};
    BIGNUM* const r = BN_bin2bn(bytesOf(signature), static_cast<int>(coordinateBytes), nullptr);
    BIGNUM* const s = BN_bin2bn(bytesOf(signature.substr(coordinateBytes)),
                                static_cast<int>(coordinateBytes), nullptr);
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    std::string der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(pair.get(), nullptr), 0)), 0);
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &out);
    return der;
}

bool usePss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

Key Key::ofSecret(std::string secret) {
    SLUICE_ASSERT(!secret.empty());
    Key key;
    key.secret_ = std::move(secret);
    return key;
}

std::optional<Key> Key::ofPkey(EVP_PKEY* owned, std::string& error) {
    Key key;
    key.pkey_ = {owned, &EVP_PKEY_free};
    if (EVP_PKEY_is_a(owned, "RSA") == 1) {
        const int bits = EVP_PKEY_get_bits(owned);
        if (bits >= kRsaBitsMin && bits <= kRsaBitsMax) return key;
        error = "an RSA key of " + std::to_string(bits) + " bits; 2048 to 8192 are taken";
        return std::nullopt;
    }
    if (EVP_PKEY_is_a(owned, "EC") == 1) {
        for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512})
            if (key.hasCurve(curveOf(algorithm))) return key;
        error = "an elliptic curve that no algorithm of JWT uses";
        return std::nullopt;
    }
    if (EVP_PKEY_is_a(owned, "ED25519") == 1 || EVP_PKEY_is_a(owned, "ED448") == 1) return key;
    error = "a type of key that no algorithm of JWT uses";
    return std::nullopt;
}

std::vector<Key> Key::ofPem(std::string_view pem, std::string& error) {
    std::vector<Key> keys;
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
    for (;;) {
        ERR_clear_error();
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* der = nullptr;
        long length = 0;
        if (PEM_read_bio(bio.get(), &name, &header, &der, &length) != 1) break;
        const std::string kind{name};
        const unsigned char* at = der;
        EVP_PKEY* pkey = nullptr;
        if (kind == PEM_STRING_PUBLIC) {
            pkey = d2i_PUBKEY(nullptr, &at, length);
        } else if (kind == PEM_STRING_X509) {
            const std::unique_ptr<X509, decltype(&X509_free)> certificate{
                d2i_X509(nullptr, &at, length), &X509_free};
            pkey = certificate ? X509_get_pubkey(certificate.get()) : nullptr;
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
        error = kind.find("PRIVATE") != std::string::npos
                    ? "a private key, which has no place here: give its public key"
                    : "a block " + kind + " that is no public key";
        std::optional<Key> key = pkey ? ofPkey(pkey, error) : std::nullopt;
        ERR_clear_error();
        if (!key) return {};
        keys.push_back(std::move(*key));
    }
    ERR_clear_error();
    error = keys.empty() ? "no block that begins with -----BEGIN PUBLIC KEY-----" : "";
    return keys;
}

bool Key::hasCurve(const char* name) const {
    std::array<char, 64> group{};
    std::size_t length = 0;
    return EVP_PKEY_is_a(pkey_.get(), "EC") == 1 &&
           EVP_PKEY_get_group_name(pkey_.get(), group.data(), group.size(), &length) == 1 &&
           std::strcmp(group.data(), name) == 0;
}

bool Key::fits(Algorithm algorithm) const {
    if (only_ && *only_ != algorithm) return false;
    // A key shorter than the hash is refused by RFC 7518 section 3.2.
    if (isSymmetric(algorithm)) return !pkey_ && secret_.size() >= hashBytes(algorithm);
    if (!pkey_) return false;
    if (isEcdsa(algorithm)) return hasCurve(curveOf(algorithm));
    if (algorithm == Algorithm::EdDSA)
        return EVP_PKEY_is_a(pkey_.get(), "ED25519") == 1 ||
               EVP_PKEY_is_a(pkey_.get(), "ED448") == 1;
    return EVP_PKEY_is_a(pkey_.get(), "RSA") == 1;
}

bool Key::verifies(Algorithm algorithm, std::string_view text, std::string_view signature) const {
    if (!pkey_) return verifiesHmac(secret_, algorithm, text, signature);
    const std::string der =
        isEcdsa(algorithm) ? derOf(signature, curveBytes(algorithm)) : std::string{signature};
    if (der.empty()) return false;
    // What an earlier failure left there must not be taken for one of ours.
    ERR_clear_error();
    const Context context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    EVP_PKEY_CTX* pkeyContext = nullptr;
    const bool isGood =
        context &&
        EVP_DigestVerifyInit(context.get(), &pkeyContext, hashOf(algorithm), nullptr,
                             pkey_.get()) == 1 &&
        (!isPss(algorithm) || usePss(pkeyContext)) &&
        EVP_DigestVerify(context.get(), bytesOf(der), der.size(), bytesOf(text), text.size()) == 1;
    ERR_clear_error();
    return isGood;
}

}  // namespace sluice
