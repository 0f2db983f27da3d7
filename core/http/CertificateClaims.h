#pragma once

#include "auth/Claims.h"
#include "net/ClientCertificate.h"

namespace sluice {

/// What rules see of a client that has a certificate and sends no token:
///
///     {"sub": "CN=wall,O=Shop", "jti": FINGERPRINT, "iat": SECONDS, "exp": SECONDS,
///      "subject": {"O": "Shop", "CN": "wall"},
///      "names": {"dns": [...], "email": [...], "uri": [...], "ip": [...]},
///      "issuer": "CN=ca", "serial": "0a1b", "fingerprint": FINGERPRINT}
///
/// An attribute of the subject that stands there several times (`OU`) is a list. `sub` of an empty
/// subject is the first alternative name, else the fingerprint. Null where it is longer than claims
/// may be, or no UTF-8.
ClaimsPtr claimsOf(const ClientCertificate& certificate);

}  // namespace sluice
