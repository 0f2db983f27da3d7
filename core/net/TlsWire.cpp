#include "net/TlsWire.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

namespace sluice {

namespace {

/// More than a handshake has to say, whatever the chain of certificates.
constexpr std::size_t kUnsentBytesMax = 256 * 1024;
constexpr std::size_t kSubjectBytesMax = 256;  // of a refused certificate, for the log

}  // namespace

/// The BIO between OpenSSL and the socket. Takes every record whole: see TlsWire.
struct TlsSocketBio {
    static TlsWire& wireOf(BIO* bio) { return *static_cast<TlsWire*>(BIO_get_data(bio)); }

    static int write(BIO* bio, const char* data, int length) {
        TlsWire& wire = wireOf(bio);
        const auto size = static_cast<std::size_t>(length);
        BIO_clear_retry_flags(bio);
        try {
            if (!wire.flush()) {
                if (wire.isBroken_) return -1;
                // Only a handshake writes again before what is left was taken.
                if (wire.unsent_.size() > kUnsentBytesMax) {
                    wire.isBroken_ = true;
                    return -1;
                }
                wire.unsent_.append(data, size);
                return length;
            }
            const std::ptrdiff_t sent = wire.send(data, size);
            if (sent < 0) return -1;
            wire.unsent_.assign(data + sent, size - static_cast<std::size_t>(sent));
            return length;
        } catch (const std::bad_alloc&) {
            wire.isBroken_ = true;
            return -1;
        }
    }

    static int read(BIO* bio, char* data, int length) {
        TlsWire& wire = wireOf(bio);
        BIO_clear_retry_flags(bio);
        for (;;) {
            const ssize_t got =
                ::recv(wire.socket_.get(), data, static_cast<std::size_t>(length), MSG_DONTWAIT);
            if (got >= 0) return static_cast<int>(got);
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_read(bio);
            return -1;
        }
    }

    static long control(BIO*, int command, long, void*) {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static const BIO_METHOD* method() {
        static const BIO_METHOD* const kMethod = [] {
            BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice");
            if (made == nullptr) throw std::bad_alloc{};
            BIO_meth_set_write(made, write);
            BIO_meth_set_read(made, read);
            BIO_meth_set_ctrl(made, control);
            return made;  // for the life of the program
        }();
        return kMethod;
    }
};

TlsWire::TlsWire(ssl_ctx_st* context, Fd socket) : socket_{std::move(socket)} {
    ERR_clear_error();
    BIO* const bio = BIO_new(TlsSocketBio::method());
    if (bio == nullptr) throw std::bad_alloc{};
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    ssl_ = SSL_new(context);
    if (ssl_ == nullptr) {
        BIO_free(bio);
        throw std::bad_alloc{};
    }
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_accept_state(ssl_);
}

TlsWire::~TlsWire() {
    finish();
    SSL_free(ssl_);
}

TlsWire::Handshake TlsWire::handshake() noexcept {
    if (!flush() && isBroken_) return failed();
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) {
        isOpen_ = true;
        return Handshake::Done;
    }
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Handshake::Again;
        default:
            return failed();
    }
}

TlsWire::Handshake TlsWire::failed() noexcept {
    isBroken_ = true;
    const unsigned long error = ERR_peek_error();
    const bool isHttp =
        ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    try {
        const char* const reason = ERR_reason_error_string(error);
        why_ = reason != nullptr ? reason : "the connection broke";
        const long verified = SSL_get_verify_result(ssl_);
        if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
            why_.append(": ").append(X509_verify_cert_error_string(verified));
    } catch (const std::bad_alloc&) {
    }
    ERR_clear_error();
    return isHttp ? Handshake::PlainHttp : Handshake::Failed;
}

int TlsWire::onVerified(int isGood, x509_store_ctx_st* context) noexcept {
    const X509* const certificate = X509_STORE_CTX_get_current_cert(context);
    if (isGood == 1 || certificate == nullptr) return isGood;
    const auto* const ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    try {
        std::string subject = textOfName(X509_get_subject_name(certificate));
        subject.resize(std::min(subject.size(), kSubjectBytesMax));
        TlsSocketBio::wireOf(SSL_get_rbio(ssl)).refused_ = std::move(subject);
    } catch (const std::bad_alloc&) {
    }
    return isGood;
}

ClientCertificatePtr TlsWire::clientCertificate() const {
    const X509* const certificate = SSL_get0_peer_certificate(ssl_);
    return certificate == nullptr ? nullptr : readCertificate(certificate);
}

bool TlsWire::isResumed() const noexcept {
    return SSL_session_reused(ssl_) == 1;
}

WriteResult TlsWire::write(const char* data, std::size_t length) noexcept {
    using State = WriteResult::State;
    if (isBroken_ || isFinished_) return {0, State::Closed};
    if (!flush()) return {0, isBroken_ ? State::Closed : State::Again};
    std::size_t taken = owesByte_ && length > 0 ? 1 : 0;
    if (taken > 0) owesByte_ = false;
    while (taken < length) {
        std::size_t written = 0;
        ERR_clear_error();
        if (SSL_write_ex(ssl_, data + taken, std::min(length - taken, kRecordBytes), &written) !=
            1) {
            isBroken_ = true;
            return {taken, State::Closed};
        }
        taken += written;
        if (unsent_.empty()) continue;
        owesByte_ = true;
        return {taken - 1, State::Again};
    }
    return {taken, State::Ok};
}

ReadResult TlsWire::read(char* data, std::size_t length) noexcept {
    using State = ReadResult::State;
    if (isBroken_ || (!flush() && isBroken_)) return {0, State::Closed};
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_, data, length, &got);
    if (result == 1) return {got, State::Ok};
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return {0, State::Again};
        case SSL_ERROR_ZERO_RETURN:
            return {0, State::Closed};
        default:
            isBroken_ = true;
            ERR_clear_error();
            return {0, State::Closed};
    }
}

void TlsWire::finish() noexcept {
    if (isFinished_ || socket_.get() < 0) return;
    isFinished_ = true;
    // Behind half a record an end would only be noise.
    if (isOpen_ && !isBroken_ && flush()) {
        ERR_clear_error();
        SSL_shutdown(ssl_);
        ERR_clear_error();
    }
    ::shutdown(socket_.get(), SHUT_WR);
}

bool TlsWire::flush() noexcept {
    if (unsent_.empty()) return true;
    const std::ptrdiff_t sent = send(unsent_.data(), unsent_.size());
    if (sent < 0) return false;
    unsent_.erase(0, static_cast<std::size_t>(sent));
    if (!unsent_.empty()) return false;
    unsent_ = std::string{};  // an idle stream keeps no buffer
    return true;
}

/// How much the kernel took; below 0: the connection is broken.
std::ptrdiff_t TlsWire::send(const char* data, std::size_t length) noexcept {
    for (;;) {
        const ssize_t sent = ::send(socket_.get(), data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return sent;
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        isBroken_ = true;
        return -1;
    }
}

}  // namespace sluice
