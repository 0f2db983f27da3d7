#include "Tls.h"

#include <cstring>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "Fault.h"

namespace sluice::redis {
namespace {

[[noreturn]] void refuse(const std::string& words) {
    throw Failure({Fault::Weight::Definite, "tls", words});
}

int givePassword(char* buffer, int size, int, void* password) {
    const auto& text = *static_cast<const std::string*>(password);
    if (size < 0 || text.size() > static_cast<std::size_t>(size)) return 0;
    std::memcpy(buffer, text.data(), text.size());
    return static_cast<int>(text.size());
}

void useCertificate(SSL_CTX& context, const Options::Tls& tls) {
    if (tls.cert.empty()) return;
    if (SSL_CTX_use_certificate_chain_file(&context, tls.cert.c_str()) != 1)
        refuse("tls.cert: no certificate can be read from " + tls.cert);
    if (SSL_CTX_use_PrivateKey_file(&context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
        refuse("tls.key: no key can be read from " + tls.key + " (is key_password right?)");
    if (SSL_CTX_check_private_key(&context) != 1)
        refuse("tls.key: " + tls.key + " is not the key of " + tls.cert);
}

}  // namespace

SslContext makeSslContext(const Options& options) {
    const Options::Tls& tls = options.tls;
    ERR_clear_error();
    SslContext context(SSL_CTX_new(TLS_client_method()));
    if (!context) refuse("OpenSSL makes no context");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_passwd_cb(context.get(), givePassword);
    SSL_CTX_set_default_passwd_cb_userdata(context.get(),
                                           const_cast<std::string*>(&tls.keyPassword));
    const int loaded = tls.ca.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                      : SSL_CTX_load_verify_file(context.get(), tls.ca.c_str());
    if (loaded != 1) refuse("tls.ca: no certificate can be read from " + tls.ca);
    useCertificate(*context, tls);
    return context;
}

Ssl makeSsl(SSL_CTX& context, int fd, const Options& options) {
    ERR_clear_error();
    Ssl ssl(SSL_new(&context));
    if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) refuse("OpenSSL makes no session");
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl.get());
    // An address is proved by the certificate's addresses, a name by its names.
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, options.host.c_str()) != 1) {
        ERR_clear_error();
        if (SSL_set1_host(ssl.get(), options.host.c_str()) != 1 ||
            SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(options.host.c_str())) != 1)
            refuse("the name " + options.host + " cannot be proved by a certificate");
    }
    SSL_set_connect_state(ssl.get());
    return ssl;
}

std::string describeHandshake(const Ssl& ssl) {
    const long verified = SSL_get_verify_result(ssl.get());
    if (verified != X509_V_OK)
        return std::string("its certificate could not be verified: ") +
               X509_verify_cert_error_string(verified);
    const unsigned long error = ERR_peek_last_error();
    const char* const reason = ERR_reason_error_string(error);
    if (ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER) return "it did not answer in TLS";
    return reason != nullptr ? reason : "it closed the connection during the handshake";
}

}  // namespace sluice::redis
