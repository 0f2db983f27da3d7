#include "TlsClient.h"

#include <cerrno>
#include <ctime>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

namespace sluice::bench {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;
constexpr int kStepMs = 1'000, kStepsMax = 10;

SSL_CTX* context() {
    static SSL_CTX* const kContext = [] {
        SSL_CTX* made = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
        return made;
    }();
    return kContext;
}

}  // namespace

bool TlsClient::begin(int fd) {
    end();
    ssl_ = SSL_new(context());
    SSL_set_fd(ssl_, fd);
    for (int step = 0; step < kStepsMax; ++step) {
        ERR_clear_error();
        const int result = SSL_connect(ssl_);
        if (result == 1) return true;
        if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) return false;
        pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
        ::poll(&wanted, 1, kStepMs);
    }
    return false;
}

void TlsClient::end() {
    SSL_free(ssl_);
    ssl_ = nullptr;
}

bool TlsClient::send(std::string_view bytes) {
    ERR_clear_error();
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
}

std::ptrdiff_t TlsClient::receive(char* buffer, std::size_t bytes) {
    std::size_t all = 0;
    while (bytes - all >= kRecordBytes) {
        ERR_clear_error();
        const int got = SSL_read(ssl_, buffer + all, static_cast<int>(bytes - all));
        if (got > 0) {
            all += static_cast<std::size_t>(got);
            continue;
        }
        if (all > 0) break;
        if (SSL_get_error(ssl_, got) != SSL_ERROR_WANT_READ) return 0;
        errno = EAGAIN;
        return -1;
    }
    return static_cast<std::ptrdiff_t>(all);
}

}  // namespace sluice::bench
