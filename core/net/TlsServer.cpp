#include "net/TlsServer.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "base/Log.h"

namespace sluice {
namespace {

/// Of TLS 1.2; ephemeral keys and authenticated ciphers, as RFC 9325 section 4.2 recommends.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
/// As ALPN writes it: lengths and names.
constexpr unsigned char kAlpn[] = "\x08http/1.1";
constexpr unsigned char kSessionContext[] = "sluice";
constexpr long kTicketSeconds = 3'600;
constexpr long kClientChainBytesMax = 32 * 1024;  // strangers send it: OpenSSL's own is 100 KiB

std::string reason() {
    // The first one is the cause, those behind it say where it was noticed.
    const unsigned long error = ERR_peek_error();
    const char* const text = ERR_reason_error_string(error);
    std::string why = text != nullptr ? text : "unknown error";
    if (ERR_GET_LIB(error) == ERR_LIB_SYS) why = std::strerror(ERR_GET_REASON(error));
    ERR_clear_error();
    return why;
}

[[noreturn]] void refuse(const std::string& what) {
    throw TlsError{what + ": " + reason()};
}

int givePassword(char* out, int size, int, void* password) {
    // Without one there is nobody to ask: OpenSSL would ask the terminal.
    const auto& text = *static_cast<const std::string*>(password);
    if (text.size() > static_cast<std::size_t>(size)) return -1;
    std::copy(text.begin(), text.end(), out);
    return static_cast<int>(text.size());
}

int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outLength,
                   const unsigned char* in, unsigned inLength, void*) {
    unsigned char* chosen = nullptr;
    const int result =
        SSL_select_next_proto(&chosen, outLength, kAlpn, sizeof kAlpn - 1, in, inLength);
    *out = chosen;
    // RFC 7301 section 3.2: who offers only what is not spoken here is told so.
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void useCertificate(SSL_CTX* context, const TlsOptions& options) {
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1)
        refuse("cannot use the certificate " + options.certificate);
    const std::string& key = options.key.empty() ? options.certificate : options.key;
    std::string password = options.password;
    SSL_CTX_set_default_passwd_cb(context, givePassword);
    SSL_CTX_set_default_passwd_cb_userdata(context, &password);
    const bool isRead = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    const bool fits = isRead && SSL_CTX_check_private_key(context) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    if (!fits) refuse("cannot use the key " + key + " with the certificate " + options.certificate);
}

void askForClients(SSL_CTX* context, const TlsOptions& options) {
    const char* const file = options.clientAuthorities.c_str();
    if (SSL_CTX_load_verify_file(context, file) != 1)
        refuse("cannot use the authorities of clients " + options.clientAuthorities);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
    const int mode = options.clientsRequired ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                                             : SSL_VERIFY_PEER;
    SSL_CTX_set_verify(context, mode, TlsWire::onVerified);
    SSL_CTX_set_max_cert_list(context, kClientChainBytesMax);
}

std::string stampOf(const std::string& file) {
    if (file.empty()) return "-;";
    struct stat now {};
    if (::stat(file.c_str(), &now) != 0) return "?;";
    std::string stamp;
    for (const auto number :
         {static_cast<long long>(now.st_dev), static_cast<long long>(now.st_ino),
          static_cast<long long>(now.st_size), static_cast<long long>(now.st_mtim.tv_sec),
          static_cast<long long>(now.st_mtim.tv_nsec)})
        stamp += std::to_string(number) + ',';
    return stamp + ';';
}

std::string stampsOf(const TlsOptions& options) {
    return stampOf(options.certificate) + stampOf(options.key) + stampOf(options.clientAuthorities);
}

}  // namespace

/// Immutable once made; connections share what is in it beyond its own life.
struct TlsServer::Context {
    explicit Context(const TlsOptions& options) : ssl{SSL_CTX_new(TLS_server_method())} {
        ERR_clear_error();
        if (ssl == nullptr) throw std::bad_alloc{};
        try {
            prepare(options);
        } catch (...) {
            SSL_CTX_free(ssl);
            throw;
        }
    }
    ~Context() { SSL_CTX_free(ssl); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    SSL_CTX* const ssl;

  private:
    void prepare(const TlsOptions& options) {
        const bool is13 = options.oldest == TlsOptions::Oldest::Tls13;
        SSL_CTX_set_min_proto_version(ssl, is13 ? TLS1_3_VERSION : TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(ssl, kCiphers);
        SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
        // What a stream does not need while it waits is given back: 24 KB -> 14 KB.
        SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);  // tickets hold the sessions
        SSL_CTX_set_timeout(ssl, kTicketSeconds);
        SSL_CTX_set_session_id_context(ssl, kSessionContext, sizeof kSessionContext - 1);
        SSL_CTX_set_alpn_select_cb(ssl, chooseProtocol, nullptr);
        useCertificate(ssl, options);
        if (!options.clientAuthorities.empty()) askForClients(ssl, options);
        ERR_clear_error();
    }
};

TlsServer::TlsServer(const TlsOptions& options)
    : options_{options}, stampsRead_{stampsOf(options)}, stampsSeen_{stampsRead_} {
    context_ = std::make_shared<const Context>(options);
}

TlsServer::~TlsServer() = default;

std::shared_ptr<const TlsServer::Context> TlsServer::inForce() const {
    const std::lock_guard lock{mutex_};
    return context_;
}

std::unique_ptr<TlsWire> TlsServer::accept(Fd socket) const {
    return std::make_unique<TlsWire>(inForce()->ssl, std::move(socket));
}

void TlsServer::reload(const TlsOptions& options) {
    std::string stamps = stampsOf(options);
    auto fresh = std::make_shared<const Context>(options);
    const std::lock_guard lock{mutex_};
    options_ = options;
    context_ = std::move(fresh);
    stampsSeen_ = stamps;
    stampsRead_ = std::move(stamps);
}

void TlsServer::reloadIfChanged() {
    TlsOptions options;
    {
        const std::lock_guard lock{mutex_};
        std::string stamps = stampsOf(options_);
        const bool isAtRest = stamps == stampsSeen_;
        stampsSeen_ = std::move(stamps);
        // Certificate and key are written one after the other: not between the two.
        if (!isAtRest || stampsSeen_ == stampsRead_) return;
        stampsRead_ = stampsSeen_;  // also where they are of no use: said once
        options = options_;
    }
    try {
        reload(options);
        log::info("tls", "the certificate was read again: " + text());
    } catch (const TlsError& error) {
        log::error("tls", std::string{error.what()} + "; the one before stays in force: " + text());
    }
}

std::string TlsServer::text() const {
    const std::shared_ptr<const Context> context = inForce();
    const X509* const certificate = SSL_CTX_get0_certificate(context->ssl);
    char subject[256] = "";
    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
    const std::time_t end = notAfterS();
    std::tm utc{};
    char until[32] = "";
    ::gmtime_r(&end, &utc);
    std::strftime(until, sizeof until, "%Y-%m-%d %H:%M:%S UTC", &utc);
    return std::string{subject} + ", until " + until;
}

std::int64_t TlsServer::notAfterS() const {
    const std::shared_ptr<const Context> context = inForce();
    const X509* const certificate = SSL_CTX_get0_certificate(context->ssl);
    std::tm utc{};
    ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc);
    return ::timegm(&utc);
}

}  // namespace sluice
