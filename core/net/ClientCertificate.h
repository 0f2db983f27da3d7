#pragma once

#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// Who a client is by its certificate, which an authority named in `tls.clients` has signed.
/// Constant once made, shared by all requests of its connection.
struct ClientCertificate {
    std::string subject;             // as RFC 2253 writes it: "CN=wall,O=Shop"
    std::string commonName;          // of the subject; empty: it has none
    std::vector<std::string> names;  // alternative ones: DNS names, addresses of mail, URIs
};
using ClientCertificatePtr = std::shared_ptr<const ClientCertificate>;

}  // namespace sluice
