#include "Diagnosis.h"

#include <array>
#include <cerrno>
#include <memory>

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace sluice::mqtt {
namespace {

template <auto kFree>
struct Free {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
using Addresses = std::unique_ptr<addrinfo, Free<freeaddrinfo>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Free<SSL_free>>;

class Socket {
  public:
    explicit Socket(int family) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }
    /// Of connecting (Linux), reading and writing.
    void setTimeout(int ms) {
        const timeval time{.tv_sec = ms / 1'000, .tv_usec = ms % 1'000 * 1'000};
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    }

  private:
    const int fd_;
};

Addresses resolve(const BrokerAddress& broker) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const std::string port = std::to_string(broker.port);
    if (getaddrinfo(broker.host.c_str(), port.c_str(), &hints, &list) != 0) return nullptr;
    return Addresses(list);
}

/// paho takes the first IPv4 address, else the first of any kind.
const addrinfo& chosenOf(const addrinfo& list) {
    for (const addrinfo* one = &list; one != nullptr; one = one->ai_next)
        if (one->ai_family == AF_INET) return *one;
    return list;
}

Fault faultOfConnect(int error, const std::string& broker) {
    switch (error) {
        case ECONNREFUSED:
            return {.code = "refused", .text = broker + " refused the connection"};
        case EINPROGRESS:  // so Linux tells SO_SNDTIMEO
        case ETIMEDOUT:
        case EAGAIN:
            return {.code = "no-answer", .text = broker + " does not answer"};
        default:
            return {.code = "unreachable", .text = broker + " cannot be reached"};
    }
}

/// What stands in OpenSSL's queue of this thread; empties it.
std::string takeErrors() {
    std::string words;
    std::array<char, 256> line{};
    while (const unsigned long error = ERR_get_error()) {
        ERR_error_string_n(error, line.data(), line.size());
        words.append(line.data()).append("\n");
    }
    return words;
}

/// As paho does it; what fails is in OpenSSL's queue.
bool loadFiles(SSL_CTX& context, const TlsFiles& files) {
    if (!files.keyPassword.empty())
        SSL_CTX_set_default_passwd_cb_userdata(&context,
                                               const_cast<char*>(files.keyPassword.c_str()));
    if (files.ca.empty()) {
        if (SSL_CTX_set_default_verify_paths(&context) != 1) return false;
    } else if (SSL_CTX_load_verify_locations(&context, files.ca.c_str(), nullptr) != 1) {
        return false;
    }
    if (files.cert.empty()) return true;
    const std::string& key = files.key.empty() ? files.cert : files.key;
    return SSL_CTX_use_certificate_chain_file(&context, files.cert.c_str()) == 1 &&
           SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) == 1;
}

void expectHost(SSL& tls, const std::string& host) {
    SSL_set_verify(&tls, SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(&tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return;
    ERR_clear_error();
    SSL_set1_host(&tls, host.c_str());
    // SSL_set_tlsext_host_name, which is a macro with an old cast.
    SSL_ctrl(&tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
}

/// A broker that wants a certificate says so only when a client of TLS 1.3 first reads.
bool isDismissed(SSL& tls, Socket& socket) {
    constexpr int kAlertMs = 300;
    socket.setTimeout(kAlertMs);
    char byte = 0;
    const int result = SSL_read(&tls, &byte, 1);
    return result <= 0 && SSL_get_error(&tls, result) == SSL_ERROR_SSL;
}

std::optional<Fault> diagnoseTls(Socket& socket, const Options& options) {
    ERR_clear_error();
    const Context context(SSL_CTX_new(TLS_client_method()));
    if (!context || !loadFiles(*context, options.tls)) return faultOfTls(takeErrors(), options);
    const Tls tls(SSL_new(context.get()));
    if (!tls) return faultOfTls(takeErrors(), options);
    expectHost(*tls, options.broker.host);
    SSL_set_fd(tls.get(), socket.fd());
    if (SSL_connect(tls.get()) != 1) {
        const long verdict = SSL_get_verify_result(tls.get());
        if (verdict == X509_V_OK) return faultOfTls(takeErrors(), options);
        takeErrors();
        return faultOfCertificate(X509_verify_cert_error_string(verdict), options);
    }
    if (isDismissed(*tls, socket)) return faultOfTls(takeErrors(), options);
    return std::nullopt;
}

}  // namespace

std::optional<Fault> diagnose(const Options& options) {
    const BrokerAddress& broker = options.broker;
    const Addresses addresses = resolve(broker);
    if (!addresses)
        return Fault{.code = "name", .text = "the name of " + broker.text() + " is unknown"};
    const addrinfo& address = chosenOf(*addresses);
    Socket socket(address.ai_family);
    socket.setTimeout(kDiagnosisMs);
    if (connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0)
        return faultOfConnect(errno, broker.text());
    return broker.usesTls ? diagnoseTls(socket, options) : std::nullopt;
}

}  // namespace sluice::mqtt
