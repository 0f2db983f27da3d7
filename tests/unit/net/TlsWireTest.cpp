#include <string>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "net/TlsServer.h"
#include "net/TlsWire.h"
#include "support/MadeCertificates.h"

namespace sluice {
namespace {

using test::madeCertificates;
using State = WriteResult::State;

TlsOptions serverOptions() {
    TlsOptions options;
    options.certificate = madeCertificates().serverCert();
    options.key = madeCertificates().serverKey();
    return options;
}

/// What a client offers.
struct Offer {
    int version = 0;  // the only one; 0: any
    const char* alpn = nullptr;
    bool hasCertificate = false;
};

/// OpenSSL's own client at one end of a pair of sockets, the wire at the other.
class TlsPair {
  public:
    explicit TlsPair(const TlsServer& server, const Offer& offer = {},
                     SSL_SESSION* session = nullptr)
        : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free}, ssl_{nullptr, SSL_free} {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        const int small = 4'096;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        wire = server.accept(Fd{ends[0]});
        theirs_.reset(ends[1]);
        if (offer.version != 0) {
            SSL_CTX_set_min_proto_version(context_.get(), offer.version);
            SSL_CTX_set_max_proto_version(context_.get(), offer.version);
        }
        if (offer.hasCertificate) {
            SSL_CTX_use_certificate_file(context_.get(), madeCertificates().clientCert().c_str(),
                                         SSL_FILETYPE_PEM);
            SSL_CTX_use_PrivateKey_file(context_.get(), madeCertificates().clientKey().c_str(),
                                        SSL_FILETYPE_PEM);
        }
        ssl_.reset(SSL_new(context_.get()));
        if (offer.alpn != nullptr)
            SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.alpn),
                                static_cast<unsigned>(std::char_traits<char>::length(offer.alpn)));
        if (session != nullptr) SSL_set_session(ssl_.get(), session);
        SSL_set_fd(ssl_.get(), theirs_.get());
        SSL_set_connect_state(ssl_.get());
    }

    /// Both sides in turn, until ours has an outcome.
    TlsWire::Handshake shakeHands() {
        auto ours = TlsWire::Handshake::Again;
        for (int i = 0; i < 100 && ours == TlsWire::Handshake::Again; ++i) {
            SSL_do_handshake(ssl_.get());
            ours = wire->handshake();
        }
        SSL_do_handshake(ssl_.get());
        return ours;
    }

    /// What has come so far.
    std::string read() {
        std::string all;
        char buffer[8'192];
        for (int n = 1; n > 0;) {
            n = SSL_read(ssl_.get(), buffer, sizeof buffer);
            if (n > 0) all.append(buffer, static_cast<std::size_t>(n));
        }
        return all;
    }
    void write(std::string_view text) {
        EXPECT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())),
                  static_cast<int>(text.size()));
    }
    bool wasToldTheEnd() { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
    SSL* client() { return ssl_.get(); }
    int peerFd() const { return theirs_.get(); }

    std::unique_ptr<TlsWire> wire;

  private:
    Fd theirs_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

std::string numbered(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ',';
    return text;
}

TEST(TlsWire, carriesBytesBothWaysInBothVersions) {
    const TlsServer server{serverOptions()};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPair pair{server, {.version = version}};
        ASSERT_EQ(pair.shakeHands(), TlsWire::Handshake::Done);
        char buffer[64];
        EXPECT_EQ(pair.wire->read(buffer, sizeof buffer).state, ReadResult::State::Again);
        pair.write("hello");
        const ReadResult got = pair.wire->read(buffer, sizeof buffer);
        ASSERT_EQ(got.state, ReadResult::State::Ok);
        EXPECT_EQ(std::string(buffer, got.got), "hello");
        EXPECT_EQ(pair.wire->write("world", 5).state, State::Ok);
        EXPECT_EQ(pair.read(), "world");
    }
}

TEST(TlsWire, losesNoByteWhereTheKernelTakesLittle) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    ASSERT_EQ(pair.shakeHands(), TlsWire::Handshake::Done);
    const std::string text = numbered(300'000);
    std::string got;
    std::size_t taken = 0;
    int again = 0;
    while (taken < text.size()) {
        // Always another address, as a reader's rest of a block has.
        const std::string rest = text.substr(taken);
        const WriteResult result = pair.wire->write(rest.data(), rest.size());
        ASSERT_NE(result.state, State::Closed);
        if (result.state == State::Again) {
            ++again;
            ASSERT_LT(result.taken, rest.size());
        }
        taken += result.taken;
        got += pair.read();
    }
    got += pair.read();
    EXPECT_GT(again, 10);
    EXPECT_EQ(got, text);
}

/// A reader that took a part of a write goes on with the rest of one block and then with others
/// than those that were tried first: what was encrypted already must not come twice or be mixed up.
TEST(TlsWire, goesOnWithOtherBytesBehindTheRestThatWasCut) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    ASSERT_EQ(pair.shakeHands(), TlsWire::Handshake::Done);
    const std::string first = numbered(200'000);
    const WriteResult cut = pair.wire->write(first.data(), first.size());
    ASSERT_EQ(cut.state, State::Again);
    ASSERT_GT(cut.taken, 0u);
    const std::string rest = first.substr(cut.taken, 3);
    std::string got, expected = first.substr(0, cut.taken) + rest;
    std::string next = rest;
    for (int i = 0; i < 100 && !next.empty(); ++i) {
        const WriteResult result = pair.wire->write(next.data(), next.size());
        next.erase(0, result.taken);
        got += pair.read();
    }
    const std::string other = "something else";
    EXPECT_EQ(pair.wire->write(other.data(), other.size()).state, State::Ok);
    got += pair.read();
    EXPECT_EQ(got, expected + other);
}

TEST(TlsWire, saysItsEndToThePeer) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    ASSERT_EQ(pair.shakeHands(), TlsWire::Handshake::Done);
    pair.wire.reset();
    EXPECT_EQ(pair.read(), "");
    EXPECT_TRUE(pair.wasToldTheEnd());
}

TEST(TlsWire, isClosedOnceThePeerIsGone) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    ASSERT_EQ(pair.shakeHands(), TlsWire::Handshake::Done);
    ::shutdown(pair.peerFd(), SHUT_RDWR);
    char buffer[8];
    EXPECT_EQ(pair.wire->read(buffer, sizeof buffer).state, ReadResult::State::Closed);
    EXPECT_EQ(pair.wire->write("x", 1).state, State::Closed);
    EXPECT_EQ(pair.wire->write("x", 1).state, State::Closed);
}

TEST(TlsWire, knowsPlainHttpFromTls) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    const std::string_view request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_EQ(::send(pair.peerFd(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    EXPECT_EQ(pair.wire->handshake(), TlsWire::Handshake::PlainHttp);
}

TEST(TlsWire, refusesWhatIsNoTlsAndSaysWhy) {
    const TlsServer server{serverOptions()};
    TlsPair pair{server};
    ASSERT_EQ(::send(pair.peerFd(), "\x01\x02\x03\x04\x05\x06", 6, 0), 6);
    EXPECT_EQ(pair.wire->handshake(), TlsWire::Handshake::Failed);
    EXPECT_NE(pair.wire->why(), "");
}

TEST(TlsServer, speaksOnlyHttp11ByAlpn) {
    const TlsServer server{serverOptions()};
    TlsPair good{server, {.alpn = "\x02h2\x08http/1.1"}};
    ASSERT_EQ(good.shakeHands(), TlsWire::Handshake::Done);
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(good.client(), &chosen, &length);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length), "http/1.1");
    TlsPair other{server, {.alpn = "\x02h2"}};
    EXPECT_EQ(other.shakeHands(), TlsWire::Handshake::Failed);
}

TEST(TlsServer, refusesOldVersions) {
    TlsOptions options = serverOptions();
    TlsPair tls11{TlsServer{options}, {.version = TLS1_1_VERSION}};
    EXPECT_EQ(tls11.shakeHands(), TlsWire::Handshake::Failed);
    options.oldest = TlsOptions::Oldest::Tls13;
    TlsPair tls12{TlsServer{options}, {.version = TLS1_2_VERSION}};
    EXPECT_EQ(tls12.shakeHands(), TlsWire::Handshake::Failed);
}

TEST(TlsServer, takesSessionsUpAgain) {
    const TlsServer server{serverOptions()};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPair first{server, {.version = version}};
        ASSERT_EQ(first.shakeHands(), TlsWire::Handshake::Done);
        EXPECT_FALSE(first.wire->isResumed());
        first.wire->write("x", 1);
        first.read();  // with it come the tickets of TLS 1.3
        const std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session{
            SSL_get1_session(first.client()), SSL_SESSION_free};
        TlsPair second{server, {.version = version}, session.get()};
        ASSERT_EQ(second.shakeHands(), TlsWire::Handshake::Done);
        EXPECT_TRUE(second.wire->isResumed());
    }
}

TEST(TlsServer, knowsClientsByTheirCertificates) {
    TlsOptions options = serverOptions();
    options.clientAuthorities = madeCertificates().ca();
    const TlsServer asking{options};
    TlsPair known{asking, {.hasCertificate = true}};
    ASSERT_EQ(known.shakeHands(), TlsWire::Handshake::Done);
    ASSERT_TRUE(known.wire->clientCertificate());
    const ClientCertificatePtr client = known.wire->clientCertificate();
    EXPECT_EQ(client->subject, "CN=wall,O=Shop");
    EXPECT_EQ(client->attributes, (ClientCertificate::Attributes{{"O", "Shop"}, {"CN", "wall"}}));
    EXPECT_EQ(client->issuer, "CN=test-ca");
    EXPECT_EQ(client->dnsNames, std::vector<std::string>{"wall.shop.example"});
    EXPECT_TRUE(client->uris.empty() && client->emails.empty() && client->addresses.empty());
    EXPECT_EQ(client->serial, "05");
    EXPECT_EQ(client->fingerprint.size(), 64U);
    EXPECT_EQ(client->notAfterS - client->notBeforeS, 31 * 24 * 60 * 60);
    TlsPair unknown{asking};
    ASSERT_EQ(unknown.shakeHands(), TlsWire::Handshake::Done);
    EXPECT_FALSE(unknown.wire->clientCertificate());

    options.clientsRequired = true;
    TlsPair refused{TlsServer{options}};
    EXPECT_EQ(refused.shakeHands(), TlsWire::Handshake::Failed);
    options.clientAuthorities = madeCertificates().otherCa();
    TlsPair stranger{TlsServer{options}, {.hasCertificate = true}};
    EXPECT_EQ(stranger.shakeHands(), TlsWire::Handshake::Failed);
    EXPECT_TRUE(stranger.wire->why().starts_with("certificate verify failed: "))
        << stranger.wire->why();
    EXPECT_EQ(stranger.wire->refusedSubject(), "CN=wall,O=Shop");
}

TEST(TlsServer, refusesFilesThatDoNotFitAndNamesThem) {
    TlsOptions options = serverOptions();
    options.key = madeCertificates().clientKey();
    try {
        const TlsServer server{options};
        FAIL() << "the key of another certificate was taken";
    } catch (const TlsError& error) {
        EXPECT_NE(std::string{error.what()}.find(options.key), std::string::npos);
    }
    options = serverOptions();
    options.certificate = "no-such.pem";
    EXPECT_THROW(TlsServer{options}, TlsError);
    options = serverOptions();
    options.clientAuthorities = "no-such.pem";
    EXPECT_THROW(TlsServer{options}, TlsError);
}

TEST(TlsServer, asksNobodyForThePasswordOfAKey) {
    TlsOptions options;
    options.certificate = madeCertificates().clientCert();
    options.key = madeCertificates().lockedClientKey();
    EXPECT_THROW(TlsServer{options}, TlsError);
    options.password = test::MadeCertificates::kKeyPassword;
    EXPECT_NO_THROW(TlsServer{options});
}

TEST(TlsServer, keepsWhatIsInForceWhereNewFilesAreBad) {
    TlsServer server{serverOptions()};
    const std::string before = server.text();
    TlsOptions bad = serverOptions();
    bad.key = madeCertificates().clientKey();
    EXPECT_THROW(server.reload(bad), TlsError);
    EXPECT_EQ(server.text(), before);
    TlsOptions other = serverOptions();
    other.certificate = madeCertificates().elsewhereCert();
    other.key = madeCertificates().elsewhereKey();
    TlsPair old{server};
    ASSERT_EQ(old.shakeHands(), TlsWire::Handshake::Done);
    server.reload(other);
    EXPECT_NE(server.text(), before);
    EXPECT_EQ(old.wire->write("still", 5).state, State::Ok);
    EXPECT_EQ(old.read(), "still");
}

}  // namespace
}  // namespace sluice
