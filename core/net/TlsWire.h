#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "net/ClientCertificate.h"
#include "net/Fd.h"
#include "net/Wire.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace sluice {

/// The server's end of a TLS connection over a socket that never blocks. After the handshake it
/// reads and writes as a plain one; closing it says so to the peer (close_notify), so that an end
/// is not taken for a cut. One thread at a time.
///
/// OpenSSL never sees the socket: what it encrypts goes through a BIO of ours, which keeps what the
/// kernel does not take. A record that was made cannot be taken back, so its bytes count as taken
/// but for the last one, which the next write brings again and which is then skipped: that keeps
/// the contract of Wire whatever the caller writes next, without OpenSSL's own demand that a write
/// be repeated as it was.
class TlsWire final : public Transport {
  public:
    /// REQUIRES: a connected stream socket. Throws std::bad_alloc.
    TlsWire(ssl_ctx_st* context, Fd socket);
    ~TlsWire() override;
    TlsWire(const TlsWire&) = delete;
    TlsWire& operator=(const TlsWire&) = delete;

    enum class Handshake : std::uint8_t {
        Done,
        Again,      // when the descriptor turns ready
        Failed,     // why() says why; the peer was told as far as TLS has words for it
        PlainHttp,  // the client speaks HTTP without TLS; nothing was answered
    };
    /// One step. Never blocks.
    Handshake handshake() noexcept;
    /// Of Handshake::Failed, for the log.
    const std::string& why() const { return why_; }
    /// Of Handshake::Failed: the subject of the client's certificate, or of one in its chain, that
    /// was refused; empty where it was not for that.
    const std::string& refusedSubject() const { return refused_; }
    /// OpenSSL's callback for each certificate of a client that it has judged.
    static int onVerified(int isGood, x509_store_ctx_st* context) noexcept;
    /// Null where the client sent none. REQUIRES: the handshake is done.
    ClientCertificatePtr clientCertificate() const;
    /// Whether the session was taken up from a ticket. REQUIRES: the handshake is done.
    bool isResumed() const noexcept;

    int fd() const noexcept override { return socket_.get(); }
    /// REQUIRES: the handshake is done. A byte that is written alone comes again after Again too.
    WriteResult write(const char* data, std::size_t length) noexcept override;
    ReadResult read(char* data, std::size_t length) noexcept override;
    void finish() noexcept override;
    Fd takeSocket() noexcept override { return std::move(socket_); }

    /// A record's worth, the most that is encrypted before the kernel is asked to take it.
    static constexpr std::size_t kRecordBytes = 16 * 1024;

  private:
    friend struct TlsSocketBio;
    /// Whether nothing that was encrypted is left over.
    bool flush() noexcept;
    std::ptrdiff_t send(const char* data, std::size_t length) noexcept;
    Handshake failed() noexcept;

    Fd socket_;
    ssl_st* ssl_ = nullptr;
    std::string unsent_;  // encrypted, not taken by the kernel: at most about a record
    std::string why_, refused_;
    bool owesByte_ = false;  // the byte that the next write begins with is in a record already
    bool isBroken_ = false;  // nothing more will go, not even an end
    bool isFinished_ = false;
    bool isOpen_ = false;  // the handshake is done
};

}  // namespace sluice
