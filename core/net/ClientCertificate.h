#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

struct X509_name_st;
struct x509_st;

namespace sluice {

/// Who a client is by its certificate, which an authority named in `tls.clients` has signed. Texts
/// are what stands in it, as UTF-8, whatever characters they have. Constant once made, shared by
/// all requests of its connection.
struct ClientCertificate {
    using Attributes = std::vector<std::pair<std::string, std::string>>;
    std::string subject;    // as RFC 2253 writes it: "CN=wall,O=Shop"
    Attributes attributes;  // of the subject, in its order: {"O", "Shop"}, {"CN", "wall"}
    std::string issuer;     // as the subject
    std::vector<std::string> dnsNames, emails, uris, addresses;  // alternative names
    std::string serial;                                          // hexadecimal, in lower case
    std::string fingerprint;                     // SHA-256 of the whole certificate, likewise
    std::int64_t notBeforeS = 0, notAfterS = 0;  // since 1970
};
using ClientCertificatePtr = std::shared_ptr<const ClientCertificate>;

/// Reads it. REQUIRES: not null.
ClientCertificatePtr readCertificate(const x509_st* certificate);

/// "CN=wall,O=Shop": RFC 2253, with everything escaped that is not printable ASCII.
std::string textOfName(const X509_name_st* name);

}  // namespace sluice
