#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "Options.h"

namespace sluice::redis {

struct FreeSsl {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSsl>;
using Ssl = std::unique_ptr<SSL, FreeSsl>;

/// Reads the files that the options name; throws Failure where one cannot be used.
SslContext makeSslContext(const Options& options);
/// A client's session over a connected socket that proves the server's name.
Ssl makeSsl(SSL_CTX& context, int fd, const Options& options);
/// Why a handshake failed, out of OpenSSL's queue of errors.
std::string describeHandshake(const Ssl& ssl);

}  // namespace sluice::redis
