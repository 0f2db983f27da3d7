#include "support/MadeCertificates.h"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace sluice::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

constexpr long kDaySeconds = 24 * 60 * 60;

/// A certificate with its key.
struct Identity {
    Certificate certificate{nullptr, X509_free};
    Key key{nullptr, EVP_PKEY_free};
};

struct Wish {
    std::vector<std::pair<const char*, const char*>> subject;
    std::string names;  // as "DNS:localhost"; empty: none
    bool isAuthority = false;
};

void addExtension(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    if (made == nullptr) throw std::runtime_error{"no extension: " + value};
    X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
}

/// Signed by `issuer`; null: by itself.
Identity make(const Wish& wish, const Identity* issuer, long serial) {
    Identity made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.certificate.reset(X509_new());
    X509* const certificate = made.certificate.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDaySeconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * kDaySeconds);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    for (const auto& [name, value] : wish.subject)
        X509_NAME_add_entry_by_txt(subject, name, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
    const X509* const by = issuer ? issuer->certificate.get() : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(by));
    X509_set_pubkey(certificate, made.key.get());
    if (wish.isAuthority) addExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (!wish.names.empty()) addExtension(certificate, NID_subject_alt_name, wish.names);
    if (X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0)
        throw std::runtime_error{"a certificate could not be signed"};
    return made;
}

std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(const std::filesystem::path& path) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error{"cannot write " + path.string()};
    return {file, std::fclose};
}

void write(const Identity& identity, const std::filesystem::path& folder, const std::string& name) {
    PEM_write_X509(opened(folder / (name + ".pem")).get(), identity.certificate.get());
    PEM_write_PrivateKey(opened(folder / (name + ".key")).get(), identity.key.get(), nullptr,
                         nullptr, 0, nullptr, nullptr);
}

void writeLocked(const Identity& identity, const std::filesystem::path& path,
                 std::string_view password) {
    std::string copy{password};
    PEM_write_PKCS8PrivateKey(opened(path).get(), identity.key.get(), EVP_aes_256_cbc(),
                              copy.data(), static_cast<int>(copy.size()), nullptr, nullptr);
}

}  // namespace

MadeCertificates::MadeCertificates() {
    const Identity ca = make({{{"CN", "test-ca"}}, "", true}, nullptr, 1);
    write(ca, folder_.path(), "ca");
    write(make({{{"CN", "test-other-ca"}}, "", true}, nullptr, 2), folder_.path(), "other-ca");
    write(make({{{"CN", "server"}}, "DNS:localhost,IP:127.0.0.1", false}, &ca, 3), folder_.path(),
          "server");
    write(make({{{"CN", "elsewhere"}}, "DNS:elsewhere.example", false}, &ca, 4), folder_.path(),
          "elsewhere");
    const Identity client =
        make({{{"O", "Shop"}, {"CN", "wall"}}, "DNS:wall.shop.example", false}, &ca, 5);
    write(client, folder_.path(), "client");
    writeLocked(client, folder_.path() / "client-locked.key", kKeyPassword);
}

const MadeCertificates& madeCertificates() {
    static const MadeCertificates certificates;
    return certificates;
}

}  // namespace sluice::test
