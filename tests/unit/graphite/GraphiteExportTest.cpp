#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "graphite/CarbonSocket.h"
#include "graphite/GraphiteExport.h"
#include "net/Address.h"
#include "net/Fd.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

/// A carbon of a test: a socket that listens, and gives what came.
class Carbon {
  public:
    explicit Carbon(int type = SOCK_STREAM, std::uint16_t port = 0) {
        socket_.reset(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
        const int yes = 1;
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const timeval patience{30, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        if (type == SOCK_STREAM) {
            EXPECT_EQ(::listen(socket_.get(), 5), 0);
        }
        port_ = Address::ofLocalEnd(socket_.get()).port();
    }
    std::uint16_t port() const { return port_; }
    std::string address() const { return "localhost:" + std::to_string(port_); }
    Fd accept() const {
        Fd connection{::accept(socket_.get(), nullptr, nullptr)};
        EXPECT_TRUE(connection.valid());
        const timeval patience{30, 0};
        ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        return connection;
    }
    std::string datagram() const { return piece(socket_.get()); }
    static std::string piece(int fd) {
        char bytes[65'536];
        const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
        return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string{};
    }
    static std::string line(int fd) {
        std::string text;
        for (char c = 0; c != '\n' && ::recv(fd, &c, 1, 0) == 1;) text += c;
        return text;
    }

  private:
    Fd socket_;
    std::uint16_t port_ = 0;
};

GraphiteOptions to(const std::string& server, GraphiteProtocol protocol = GraphiteProtocol::Tcp) {
    GraphiteOptions options;
    options.server = server;
    options.protocol = protocol;
    options.interval = 20ms;
    return options;
}

/// Counts how often it was asked.
struct Lines {
    std::atomic<int> calls{0};
    GraphiteExport::Make make() {
        return [this](std::int64_t timeS) {
            return "a.b " + std::to_string(++calls) + ' ' + std::to_string(timeS) + '\n';
        };
    }
};

template <class Ready>
void await(Ready ready) {
    for (int i = 0; i < 6'000 && !ready(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(ready());
}

TEST(GraphiteExport, sendsAgainAndAgainOverOneConnection) {
    const Carbon carbon;
    Lines lines;
    GraphiteExport graphite{to(carbon.address()), lines.make()};
    graphite.start();
    const Fd connection = carbon.accept();
    EXPECT_EQ(Carbon::line(connection.get()).substr(0, 6), "a.b 1 ");
    EXPECT_EQ(Carbon::line(connection.get()).substr(0, 6), "a.b 2 ");
    await([&] { return graphite.counts().sent >= 2; });
    graphite.stop();
    EXPECT_EQ(graphite.counts().failed, 0u);
}

TEST(GraphiteExport, connectsAgain) {
    const Carbon carbon;
    Lines lines;
    GraphiteExport graphite{to(carbon.address()), lines.make()};
    graphite.start();
    for (int i = 0; i < 3; ++i) {
        const Fd connection = carbon.accept();
        EXPECT_EQ(Carbon::line(connection.get()).substr(0, 4), "a.b ");
    }
}

TEST(GraphiteExport, goesOnTryingWhereNobodyListens) {
    std::uint16_t port = 0;
    {
        const Carbon gone;
        port = gone.port();
    }
    Lines lines;
    GraphiteExport graphite{to("127.0.0.1:" + std::to_string(port)), lines.make()};
    testing::internal::CaptureStderr();
    graphite.start();
    await([&] { return graphite.counts().failed >= 2; });
    EXPECT_TRUE(graphite.counts().isFailing);
    EXPECT_EQ(graphite.counts().sent, 0u);
    const Carbon carbon{SOCK_STREAM, port};
    const Fd connection = carbon.accept();
    EXPECT_EQ(Carbon::line(connection.get()).substr(0, 4), "a.b ");
    await([&] { return !graphite.counts().isFailing; });
    graphite.stop();
    const std::string log = testing::internal::GetCapturedStderr();
    const std::size_t first = log.find("cannot be sent to 127.0.0.1:" + std::to_string(port) +
                                       ": Connection refused; trying again");
    ASSERT_NE(first, std::string::npos) << log;
    EXPECT_EQ(log.find("cannot be sent", first + 1), std::string::npos) << log;
    EXPECT_NE(log.find("again, after"), std::string::npos) << log;
}

TEST(GraphiteExport, waitsForNoCarbonThatTakesNothing) {
    const Carbon carbon;
    GraphiteExport graphite{to(carbon.address()),
                            [](std::int64_t) { return std::string(64u << 20, '\n'); }};
    graphite.start();
    const Fd connection = carbon.accept();
    EXPECT_FALSE(Carbon::piece(connection.get()).empty());
    const auto before = std::chrono::steady_clock::now();
    graphite.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, CarbonSocket::kTimeout);
}

TEST(GraphiteExport, splitsDatagramsBetweenLines) {
    const Carbon carbon{SOCK_DGRAM};
    const std::string line = "some.path.of.a.metric 1 1700000000\n";
    std::string lines;
    while (lines.size() < 5'000) lines += line;
    GraphiteExport graphite{to("127.0.0.1:" + std::to_string(carbon.port()), GraphiteProtocol::Udp),
                            [&](std::int64_t) { return lines; }};
    graphite.start();
    std::string all;
    while (all.size() < lines.size()) {
        const std::string datagram = carbon.datagram();
        ASSERT_FALSE(datagram.empty());
        EXPECT_LE(datagram.size(), 1'400u);
        EXPECT_EQ(datagram.size() % line.size(), 0u);
        all += datagram;
    }
    EXPECT_EQ(all, lines);
}

TEST(GraphiteExport, isOffWithoutAServer) {
    Lines lines;
    GraphiteExport graphite{to(""), lines.make()};
    EXPECT_FALSE(graphite.isOn());
    graphite.start();
    graphite.stop();
    EXPECT_EQ(lines.calls, 0);
}

TEST(GraphiteExport, tellsOfAnAddressThatIsNone) {
    Lines lines;
    GraphiteExport graphite{to("no-such-host.invalid:2003"), lines.make()};
    graphite.start();
    await([&] { return graphite.counts().failed >= 1; });
    EXPECT_EQ(lines.calls, 0);
}

}  // namespace
}  // namespace sluice
