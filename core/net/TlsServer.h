#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "net/Fd.h"
#include "net/TlsWire.h"

namespace sluice {

/// How a listener speaks TLS. Files are PEM.
struct TlsOptions {
    enum class Oldest : std::uint8_t { Tls12, Tls13 };
    std::string certificate;  // the server's, and those between it and the root behind it
    std::string key;          // empty: it stands in the file of the certificate
    std::string password;     // of the key; empty: it has none
    Oldest oldest = Oldest::Tls12;
    std::string clientAuthorities;  // who may sign those of clients; empty: none is asked for
    bool clientsRequired = false;   // refuse who has none

    bool isOn() const { return !certificate.empty(); }
    bool operator==(const TlsOptions&) const = default;
};

/// Why TLS cannot be served; the text is for people and names the file.
struct TlsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The certificate in force, and the connections that are made with it. Any thread may call.
///
/// TLS 1.2 with ephemeral keys and authenticated ciphers only, and TLS 1.3; sessions are resumed by
/// tickets, whose keys live as long as the certificate is in force; no compression, no
/// renegotiation, ALPN "http/1.1".
class TlsServer final {
  public:
    /// Reads the files. Throws TlsError.
    explicit TlsServer(const TlsOptions& options);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    /// The server's end of a connection that was just accepted; its handshake is the caller's to
    /// drive. Throws std::bad_alloc.
    std::unique_ptr<TlsWire> accept(Fd socket) const;

    /// Puts other files or settings in force for the connections to come. Throws TlsError, and then
    /// nothing has changed.
    void reload(const TlsOptions& options);
    /// Looks whether the files were changed since they were read, and are at rest: then reads them,
    /// and logs what came of it. To be called about once a second.
    void reloadIfChanged();

    /// "CN=shop.example, until 2027-01-31 12:00:00 UTC", for the log.
    std::string text() const;
    /// When the certificate ends, in seconds since 1970.
    std::int64_t notAfterS() const;

    struct Context;

  private:
    std::shared_ptr<const Context> inForce() const;

    mutable std::mutex mutex_;
    // guarded by mutex_
    TlsOptions options_;
    std::shared_ptr<const Context> context_;
    std::string stampsRead_;  // of the files as they were read
    std::string stampsSeen_;  // when last looked at
};

}  // namespace sluice
