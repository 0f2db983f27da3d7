#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "Loopback.h"
#include "http/Front.h"
#include "http/Gate.h"
#include "net/Wire.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::Reply;

/// Answers with what was asked: method, path, query and body.
class EchoHandler final : public HttpHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest& request, HttpConnection&) override {
        ++requests;
        std::string text{request.method()};
        text += ' ';
        text += request.path();
        text += '?';
        text += request.query();
        text += ' ';
        text += request.body();
        return textResponse(text);
    }
    std::atomic<int> requests{0};
};

class BigHandler final : public HttpHandler {
  public:
    static constexpr std::size_t kBytes = 16 * 1024 * 1024;
    std::optional<HttpResponse> handle(const HttpRequest&, HttpConnection&) override {
        return textResponse(std::string(kBytes, 'x'));
    }
};

/// Takes the socket and writes on it later, as a stream does.
class TakingHandler final : public HttpHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest&, HttpConnection& connection) override {
        const std::unique_ptr<Wire> wire = connection.takeWire();
        const std::string_view bytes = "HTTP/1.1 200 OK\r\n\r\nstreamed";
        wire->write(bytes.data(), bytes.size());
        return std::nullopt;
    }
};

class ThrowingHandler final : public HttpHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest&, HttpConnection&) override {
        throw std::runtime_error{"on purpose"};
    }
};

class GateTest : public testing::Test {
  protected:
    void start() {
        options_.listen = {{"127.0.0.1:0"}};
        for (const char* method : {"GET", "POST"}) router_.add(method, "/echo", echo_);
        router_.add("GET", "/big", big_);
        router_.add("GET", "/take", taking_);
        router_.add("GET", "/throw", throwing_);
        front_ = std::make_unique<Front>(options_, router_, limits_, clock_);
        front_->start();
    }
    Client client() { return Client{front_->address()}; }
    int statusOf(std::string_view request) {
        const auto reply = client().ask(request);
        return reply ? reply->status : 0;
    }
    static std::string get(std::string_view path) {
        return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    FrontOptions options_;
    SystemClock clock_;
    ClientLimits limits_{{}, clock_};
    Router router_{nullptr};
    EchoHandler echo_;
    BigHandler big_;
    TakingHandler taking_;
    ThrowingHandler throwing_;
    std::unique_ptr<Front> front_;
};

struct Case {
    const char* request;
    int status;
};

TEST_F(GateTest, answersSmuggledAndMalformedRequestsItselfAndCloses) {
    start();
    const Case cases[] = {
        {"GET /echo HTTP/1.1\r\n\r\n", 400},                        // no Host
        {"GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},  // two
        {"GET /echo HTTP/1.1\nHost: a\n\n", 400},                   // bare LF
        {"GET /echo HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},  // obs-fold
        {"GET /echo HTTP/1.1\r\nHost : a\r\n\r\n", 400},            // space
        {"GET /echo HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},  // bare CR
        {"GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /echo\r\n\r\n", 400},  // HTTP/0.9
        {"GET echo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"\x16\x03\x01\x02", 400},  // TLS hello
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
         "Content-Length: 1\r\n\r\n0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", 417},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"get /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"GET /echo HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    };
    for (const Case& one : cases) {
        Client client{front_->address()};
        const auto reply = client.ask(one.request);
        ASSERT_TRUE(reply) << one.request;
        EXPECT_EQ(reply->status, one.status) << one.request;
        EXPECT_NE(reply->head.find("Connection: close"), std::string::npos) << one.request;
        EXPECT_NE(reply->body.find("{\"error\":{\"code\":\""), std::string::npos) << reply->body;
        EXPECT_TRUE(client.isAtEnd()) << one.request;
    }
    EXPECT_EQ(echo_.requests, 0);
}

TEST_F(GateTest, refusesANulByte) {
    start();
    using namespace std::string_literals;
    EXPECT_EQ(statusOf("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s), 400);
    EXPECT_EQ(statusOf("GET /ec\0ho HTTP/1.1\r\nHost: a\r\n\r\n"s), 400);
}

TEST_F(GateTest, refusesWhatIsTooLargeWhileItComes) {
    options_.gate.limits.bytesMax = 1'024;
    start();
    const std::string big(2'000, 'a');
    EXPECT_EQ(statusOf("GET /" + big), 414);
    EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: a\r\nX: " + big), 431);
    std::string fields = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 200; ++i) fields += "a:b\r\n";
    EXPECT_EQ(statusOf(fields), 431);
}

TEST_F(GateTest, takesAHeadOfExactlyTheLimit) {
    options_.gate.limits.bytesMax = 1'024;
    start();
    std::string request = "GET /echo HTTP/1.1\r\nHost: a\r\nX: ";
    request.append(1'024 - 4 - request.size(), 'a');
    EXPECT_EQ(statusOf(request + "\r\n\r\n"), 200);
    EXPECT_EQ(statusOf(request + "a\r\n\r\n"), 431);
}

TEST_F(GateTest, answersSlowRequestsWith408AndSilentOnesWithNothing) {
    options_.gate.headTimeout = 50ms;
    options_.gate.bodyTimeout = 50ms;
    start();
    EXPECT_EQ(statusOf("GET /echo HT"), 408);
    EXPECT_EQ(statusOf("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"), 408);
    EXPECT_EQ(statusOf("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"),
              408);
    EXPECT_EQ(client().readToEnd(), "");
    EXPECT_EQ(front_->counts().timedOut, 4u);
}

TEST_F(GateTest, closesAnIdleKeptConnectionInSilence) {
    options_.gate.idleTimeout = 50ms;
    start();
    Client client{front_->address()};
    EXPECT_EQ(client.ask(get("/echo"))->status, 200);
    EXPECT_EQ(client.readToEnd(), "");
}

TEST_F(GateTest, readsARequestCutAtEveryByte) {
    start();
    const std::string request =
        "POST /echo?q=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
    Client client{front_->address()};
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        client.send(request.substr(0, cut));
        const auto reply = client.ask(request.substr(cut));
        ASSERT_TRUE(reply) << cut;
        EXPECT_EQ(reply->body, "POST /echo?q=1 abc0123456789") << cut;
    }
    for (const char byte : request) client.send({&byte, 1});
    EXPECT_EQ(client.read()->body, "POST /echo?q=1 abc0123456789");
}

TEST_F(GateTest, answersPipelinedRequestsInOrder) {
    start();
    Client client{front_->address()};
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(i);
        requests +=
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body;
    }
    client.send(requests);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read()->body, "POST /echo? " + std::to_string(i));
}

TEST_F(GateTest, closesAfterAResponseWhenAsked) {
    start();
    for (const char* request : {"GET /echo HTTP/1.0\r\n\r\n",
                                "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n"}) {
        Client client{front_->address()};
        EXPECT_EQ(client.ask(request)->status, 200);
        EXPECT_TRUE(client.isAtEnd());
    }
    Client kept{front_->address()};
    const std::string old = "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_EQ(kept.ask(old)->status, 200);
    EXPECT_EQ(kept.ask(old)->status, 200);
}

TEST_F(GateTest, sendsContinueToWhoWaitsForIt) {
    start();
    Client client{front_->address()};
    const auto interim = client.ask(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(interim->status, 100);
    EXPECT_EQ(client.ask("ok")->body, "POST /echo? ok");
}

TEST_F(GateTest, answersHeadWithoutABodyAndKeepsTheConnectionInStep) {
    start();
    Client client{front_->address()};
    client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read(true)->status, 200);
    EXPECT_EQ(client.ask(get("/echo"))->body, "GET /echo? ");
}

TEST_F(GateTest, answersAThrowingHandlerWith500AndGoesOn) {
    start();
    Client client{front_->address()};
    EXPECT_EQ(client.ask(get("/throw"))->status, 500);
    EXPECT_EQ(client.ask(get("/echo"))->status, 200);
}

TEST_F(GateTest, handsTheSocketOverAndForgetsIt) {
    start();
    EXPECT_EQ(client().ask(get("/take"))->status, 200);
    Client client{front_->address()};
    client.send(get("/take"));
    EXPECT_NE(client.readToEnd().find("streamed"), std::string::npos);
    while (front_->counts().open != 0) std::this_thread::yield();
}

TEST_F(GateTest, costsNoThreadForSixHundredDribblingClients) {
    start();
    std::deque<Client> dribblers;
    for (int i = 0; i < 600; ++i) dribblers.emplace_back(front_->address());
    for (std::size_t i = 0; i < dribblers.size(); ++i) {
        if (i % 3 == 0) dribblers[i].send("GET /ec");
        if (i % 3 == 1)
            dribblers[i].send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab");
    }
    EXPECT_EQ(statusOf(get("/echo")), 200);
    const std::size_t threads = test::threadCount();
    for (int round = 0; round < 5; ++round) {
        for (std::size_t i = 0; i < dribblers.size(); ++i)
            if (i % 3 != 2) dribblers[i].send("x");
        EXPECT_EQ(statusOf(get("/echo")), 200);
    }
    EXPECT_EQ(test::threadCount(), threads);
    EXPECT_LE(threads, static_cast<std::size_t>(options_.threads) + 4);
}

TEST_F(GateTest, costsNoThreadForReadersThatDoNotRead) {
    start();
    std::deque<Client> readers;
    for (int i = 0; i < 8; ++i) readers.emplace_back(front_->address()).send(get("/big"));
    EXPECT_EQ(statusOf(get("/echo")), 200);
    for (Client& reader : readers) EXPECT_EQ(reader.read()->body.size(), BigHandler::kBytes);
    EXPECT_EQ(readers[0].ask(get("/echo"))->status, 200);
}

TEST_F(GateTest, boundsBodiesInAll) {
    options_.gate.bodiesBytesMax = 1'000;
    start();
    const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n";
    Client first{front_->address()};
    first.send(head + std::string(899, 'x'));
    EXPECT_EQ(statusOf(get("/echo")), 200);  // the gate has read what came before
    EXPECT_EQ(statusOf(head + std::string(899, 'x')), 503);
    EXPECT_EQ(first.ask("x")->status, 200);
    EXPECT_EQ(first.ask(get("/echo"))->status, 200);  // its body was given back before
    EXPECT_EQ(statusOf(head + std::string(900, 'x')), 200);
}

TEST_F(GateTest, boundsConnectionsPerAddress) {
    options_.gate.perAddressMax = 2;
    start();
    Client first{front_->address()}, second{front_->address()};
    EXPECT_EQ(first.ask(get("/echo"))->status, 200);
    EXPECT_EQ(second.ask(get("/echo"))->status, 200);
    EXPECT_EQ(client().readToEnd(), "");
    EXPECT_EQ(front_->counts().overAddress, 1u);
    EXPECT_EQ(first.ask(get("/echo"))->status, 200);
}

TEST_F(GateTest, makesRoomByClosingWhoWaitsLongest) {
    options_.gate.connectionsMax = 4;
    options_.gate.headTimeout = 60s;
    start();
    std::deque<Client> dribblers;
    for (int i = 0; i < 4; ++i) dribblers.emplace_back(front_->address()).send("GET /");
    EXPECT_EQ(statusOf(get("/echo")), 200);  // after the second in which they may still be honest
    EXPECT_GE(front_->counts().evicted, 1u);
    EXPECT_EQ(dribblers[0].readToEnd(), "");
}

TEST_F(GateTest, waitsOutALackOfDescriptors) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan opens a pipe to look at an object, and takes a lack of it for a bad one";
#endif
    start();
    ASSERT_EQ(statusOf(get("/echo")), 200);
    while (front_->counts().open != 0) std::this_thread::yield();
    std::deque<Client> clients;
    for (int i = 0; i < 10; ++i) clients.emplace_back();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = static_cast<rlim_t>(clients.back().fd()) + 1;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    for (Client& client : clients) client.connect(front_->address());
    while (front_->counts().exhausted == 0) std::this_thread::yield();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    for (Client& client : clients) EXPECT_EQ(client.ask(get("/echo"))->status, 200);
}

TEST_F(GateTest, outlivesClientsThatResetInEveryState) {
    start();
    const std::string whole = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        Client client{front_->address()};
        client.send(whole.substr(0, cut));
        client.resetWhenClosed();
    }
    Client stuck{front_->address()};
    stuck.send(get("/big"));
    stuck.resetWhenClosed();
    EXPECT_EQ(statusOf(get("/echo")), 200);
    stuck.close();
    while (front_->counts().open != 0) std::this_thread::yield();
}

TEST_F(GateTest, stopsWhileClientsAreInEveryState) {
    start();
    Client silent{front_->address()}, half{front_->address()}, stuck{front_->address()};
    half.send("GET /");
    stuck.send(get("/big"));
    EXPECT_EQ(statusOf(get("/echo")), 200);
    front_->stop();
    EXPECT_EQ(silent.readToEnd(), "");
    EXPECT_EQ(half.readToEnd(), "");
}

TEST_F(GateTest, refusesNewConnectionsOnceItStoppedAccepting) {
    start();
    Client kept{front_->address()};
    EXPECT_EQ(kept.ask(get("/echo"))->status, 200);
    front_->stopAccepting();
    EXPECT_EQ(kept.readToEnd(), "");  // idle ones go
    EXPECT_THROW(Client{front_->address()}, std::runtime_error);
}

}  // namespace
}  // namespace sluice
