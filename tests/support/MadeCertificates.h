#pragma once

#include <string>

#include "support/TempFolder.h"

namespace sluice::test {

/// Certificates made in the process, in milliseconds, as whole paths of PEM files in a folder of
/// their own. Keys are P-256; NAME.pem and NAME.key belong together. Throws std::runtime_error.
class MadeCertificates {
  public:
    MadeCertificates();

    std::string ca() const { return file("ca.pem"); }
    std::string otherCa() const { return file("other-ca.pem"); }  // signed nothing
    /// Of a server that is reached as localhost or 127.0.0.1.
    std::string serverCert() const { return file("server.pem"); }
    std::string serverKey() const { return file("server.key"); }
    /// Of a server with another name.
    std::string elsewhereCert() const { return file("elsewhere.pem"); }
    std::string elsewhereKey() const { return file("elsewhere.key"); }
    /// CN=wall,O=Shop, and the name wall.shop.example.
    std::string clientCert() const { return file("client.pem"); }
    std::string clientKey() const { return file("client.key"); }
    /// clientKey() under a password.
    std::string lockedClientKey() const { return file("client-locked.key"); }
    static constexpr const char* kKeyPassword = "key-secret";

  private:
    std::string file(const char* name) const { return (folder_.path() / name).string(); }

    TempFolder folder_;
};

/// The same for all tests of a process; made when it is first asked for.
const MadeCertificates& madeCertificates();

}  // namespace sluice::test
