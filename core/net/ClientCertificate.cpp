#include "net/ClientCertificate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <new>
#include <string_view>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace sluice {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string hexOf(const unsigned char* bytes, std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

std::string textOf(const ASN1_STRING* string) {
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, string);
    if (length < 0) return {};
    std::string text{reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length)};
    OPENSSL_free(utf8);
    return text;
}

/// "CN"; of what has no short name its number, "1.2.3.4".
std::string nameOf(const ASN1_OBJECT* object) {
    const int id = OBJ_obj2nid(object);
    if (id != NID_undef) return OBJ_nid2sn(id);
    std::array<char, 128> text{};
    OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    return text.data();
}

ClientCertificate::Attributes attributesOf(const X509_NAME* name) {
    ClientCertificate::Attributes attributes;
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
        attributes.emplace_back(nameOf(X509_NAME_ENTRY_get_object(entry)),
                                textOf(X509_NAME_ENTRY_get_data(entry)));
    }
    return attributes;
}

std::string addressOf(const ASN1_OCTET_STRING* bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int length = ASN1_STRING_length(bytes);
    if (length != 4 && length != 16) return {};
    ::inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(),
                text.size());
    return text.data();
}

void readAlternativeNames(const X509* certificate, ClientCertificate& out) {
    auto* const names = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        int type = 0;
        const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        const auto* const string = static_cast<const ASN1_STRING*>(value);
        if (type == GEN_DNS) out.dnsNames.push_back(textOf(string));
        if (type == GEN_EMAIL) out.emails.push_back(textOf(string));
        if (type == GEN_URI) out.uris.push_back(textOf(string));
        if (type == GEN_IPADD) out.addresses.push_back(addressOf(string));
    }
    GENERAL_NAMES_free(names);
}

std::string serialOf(const X509* certificate) {
    const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
    return hexOf(ASN1_STRING_get0_data(serial),
                 static_cast<std::size_t>(ASN1_STRING_length(serial)));
}

std::string fingerprintOf(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) throw std::bad_alloc{};
    return hexOf(digest.data(), length);
}

std::int64_t secondsOf(const ASN1_TIME* time) {
    std::tm utc{};
    return ASN1_TIME_to_tm(time, &utc) == 1 ? std::int64_t{::timegm(&utc)} : 0;
}

}  // namespace

std::string textOfName(const X509_name_st* name) {
    BIO* const memory = BIO_new(BIO_s_mem());
    if (memory == nullptr) throw std::bad_alloc{};
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253);
    const char* data = nullptr;
    const long length = BIO_get_mem_data(memory, &data);
    std::string text{data, static_cast<std::size_t>(std::max(length, 0L))};
    BIO_free(memory);
    return text;
}

ClientCertificatePtr readCertificate(const x509_st* certificate) {
    auto made = std::make_shared<ClientCertificate>();
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    made->subject = textOfName(subject);
    made->attributes = attributesOf(subject);
    made->issuer = textOfName(X509_get_issuer_name(certificate));
    readAlternativeNames(certificate, *made);
    made->serial = serialOf(certificate);
    made->fingerprint = fingerprintOf(certificate);
    made->notBeforeS = secondsOf(X509_get0_notBefore(certificate));
    made->notAfterS = secondsOf(X509_get0_notAfter(certificate));
    ERR_clear_error();
    return made;
}

}  // namespace sluice
