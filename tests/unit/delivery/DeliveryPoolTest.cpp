#include <atomic>
#include <chrono>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "delivery/DeliveryPool.h"
#include "net/Listener.h"
#include "support/Patience.h"
#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A real connection: one end for the pool, the other one read with a deadline.
class Connection {
  public:
    static Connection local() {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        return {Fd{ends[0]}, Fd{ends[1]}};
    }
    /// Over TCP on loopback, with small buffers.
    static Connection tcp() {
        Listener listener{"127.0.0.1:0"};
        Fd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const int small = 4'096;
        ::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        EXPECT_EQ(::connect(client.get(), listener.address().raw(), listener.address().length()),
                  0);
        ::fcntl(client.get(), F_SETFL, O_NONBLOCK);
        Fd served;
        Address peer;
        while (listener.accept(served, peer) == AcceptState::Empty) {
        }
        ::setsockopt(served.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        tuneForStreaming(served.get(), seconds{30});
        return {std::move(served), std::move(client)};
    }

    std::unique_ptr<Wire> takeWire() { return std::make_unique<PlainWire>(std::move(served_)); }
    void close() { client_.reset(); }

    /// Reads until `done` or the end of the stream; false after ten seconds.
    template <class Done>
    bool readUntil(Done done) {
        const auto deadline = std::chrono::steady_clock::now() + seconds{10 * kPatience};
        while (!done(parser_) && !atEnd_) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            pollfd waiting{client_.get(), POLLIN, 0};
            ::poll(&waiting, 1, 100);
            char bytes[16'384];
            const ssize_t got = ::recv(client_.get(), bytes, sizeof bytes, 0);
            if (got == 0) atEnd_ = true;
            if (got > 0) parser_.feed({bytes, static_cast<std::size_t>(got)});
        }
        return done(parser_);
    }
    const SseParser& parser() const { return parser_; }
    bool atEnd() const { return atEnd_; }

  private:
    Connection(Fd served, Fd client) : served_{std::move(served)}, client_{std::move(client)} {}

    Fd served_, client_;
    SseParser parser_;
    bool atEnd_ = false;
};

class DeliveryPoolTest : public testing::Test {
  protected:
    DeliveryPool& pool() {
        if (!pool_) pool_.emplace(options, hub, origins, clock);
        return *pool_;
    }
    void adopt(Connection& connection, const std::string& channel, ResumeRequest resume = {},
               bool acceptsEventStream = true) {
        SubscriptionSpec spec;
        spec.channels = {channel};
        pool().adopt({connection.takeWire(), std::string{kHead}, spec, std::move(resume)},
                     acceptsEventStream);
    }
    void publish(std::string_view channel, std::string_view data) {
        EventBatch batch;
        batch.beginMessage(kPlainLane, {});
        batch.addEvent(std::span{&channel, 1}, "", "", data);
        hub.publish(batch);
    }
    /// Waits until the pool's counts say so; false after ten seconds.
    template <class Done>
    bool waitFor(Done done) {
        const auto deadline = std::chrono::steady_clock::now() + seconds{10 * kPatience};
        while (!done(pool().counts())) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }

    SystemClock clock;
    Hub hub{{}, clock};
    TestOrigins origins;
    DeliveryOptions options{.loops = 2, .subscribersMax = 1'000};

  private:
    std::optional<DeliveryPool> pool_;
};

const auto isOpen = [](const SseParser& read) { return read.count("sluice.open") == 1; };

TEST_F(DeliveryPoolTest, carriesEventsFromManyThreadsToManyReaders) {
    constexpr std::size_t kPerThread = 300;
    std::vector<Connection> readers;
    for (int i = 0; i < 60; ++i) {
        readers.push_back(i % 2 == 0 ? Connection::local() : Connection::tcp());
        adopt(readers.back(), "c" + std::to_string(i % 3));
    }
    for (Connection& reader : readers) ASSERT_TRUE(reader.readUntil(isOpen));
    std::vector<std::thread> publishers;
    for (int t = 0; t < 3; ++t)
        publishers.emplace_back([this, t] {
            for (std::size_t i = 0; i < kPerThread; ++i)
                publish("c" + std::to_string(t), std::string(200, 'x') + std::to_string(i));
        });
    for (Connection& reader : readers)
        EXPECT_TRUE(reader.readUntil(
            [](const SseParser& read) { return read.events().size() == kPerThread; }));
    for (std::thread& publisher : publishers) publisher.join();
    for (const Connection& reader : readers) {
        const Texts events = reader.parser().events();
        EXPECT_EQ(reader.parser().error(), "");
        for (std::size_t i = 0; i < events.size(); ++i)
            ASSERT_EQ(events[i].substr(200), std::to_string(i));
    }
    EXPECT_TRUE(waitFor(
        [&](const DeliveryCounts& counts) { return counts.deliveries == 60 * kPerThread; }));
}

TEST_F(DeliveryPoolTest, noticesReadersThatGo) {
    Connection stays = Connection::tcp();
    Connection goes = Connection::tcp();
    adopt(stays, "a");
    adopt(goes, "a");
    ASSERT_TRUE(stays.readUntil(isOpen));
    ASSERT_TRUE(goes.readUntil(isOpen));
    EXPECT_EQ(pool().subscribers(), 2u);
    goes.close();
    EXPECT_TRUE(waitFor([](const DeliveryCounts& counts) {
        return counts.closed[static_cast<std::size_t>(CloseReason::Client)] == 1;
    }));
    EXPECT_EQ(pool().subscribers(), 1u);
    publish("a", "x");
    EXPECT_TRUE(stays.readUntil([](const SseParser& read) { return !read.events().empty(); }));
}

TEST_F(DeliveryPoolTest, aReaderThatPausesGetsEverythingOverASmallSocket) {
    Connection slow = Connection::tcp();
    adopt(slow, "a");
    ASSERT_TRUE(slow.readUntil(isOpen));
    const std::string big(4'000, 'x');
    for (int i = 0; i < 500; ++i) publish("a", big);
    ASSERT_TRUE(waitFor([](const DeliveryCounts& counts) { return counts.straggling == 1; }));
    EXPECT_LT(pool().counts().stragglerBytes, 3 * kTurnBytes);
    EXPECT_TRUE(slow.readUntil([](const SseParser& read) { return read.events().size() == 500; }));
    EXPECT_EQ(slow.parser().error(), "");
    EXPECT_TRUE(waitFor([](const DeliveryCounts& counts) { return counts.straggling == 0; }));
}

TEST_F(DeliveryPoolTest, aReaderThatStaysStuckIsClosed) {
    options.stall = milliseconds{1'000};
    Connection stuck = Connection::tcp();
    adopt(stuck, "a");
    ASSERT_TRUE(stuck.readUntil(isOpen));
    const std::string big(4'000, 'x');
    for (int i = 0; i < 500; ++i) publish("a", big);
    EXPECT_TRUE(waitFor([](const DeliveryCounts& counts) {
        return counts.closed[static_cast<std::size_t>(CloseReason::Stalled)] == 1;
    }));
    EXPECT_EQ(pool().subscribers(), 0u);
}

TEST_F(DeliveryPoolTest, shedsBeyondItsBound) {
    options.subscribersMax = 1;
    Connection first = Connection::local();
    adopt(first, "a");
    ASSERT_TRUE(first.readUntil(isOpen));
    Connection browser = Connection::local();
    adopt(browser, "a");
    ASSERT_TRUE(browser.readUntil([](const SseParser& read) { return read.hasEnded(); }));
    EXPECT_TRUE(browser.parser().unfinished().starts_with("retry: "));
    Connection other = Connection::local();
    adopt(other, "a", {}, false);
    other.readUntil([](const SseParser&) { return false; });
    EXPECT_TRUE(other.atEnd());
    EXPECT_TRUE(other.parser().head().starts_with("HTTP/1.1 503 "));
    EXPECT_EQ(pool().counts().closed[static_cast<std::size_t>(CloseReason::Shed)], 2u);
    EXPECT_EQ(pool().subscribers(), 1u);
}

TEST_F(DeliveryPoolTest, drainReturnsWhenTheLastStreamHasClosed) {
    std::vector<Connection> readers;
    for (int i = 0; i < 20; ++i) {
        readers.push_back(Connection::tcp());
        adopt(readers.back(), "c" + std::to_string(i));
    }
    for (Connection& reader : readers) ASSERT_TRUE(reader.readUntil(isOpen));
    const auto began = std::chrono::steady_clock::now();
    pool().drain(seconds{8});
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds{5});
    EXPECT_EQ(pool().subscribers(), 0u);
    for (Connection& reader : readers) {
        EXPECT_TRUE(reader.readUntil([](const SseParser& read) { return read.hasEnded(); }));
        EXPECT_EQ(reader.parser().blocks().back().event, "sluice.at");
    }
}

TEST_F(DeliveryPoolTest, theBoundFollowsTheOpenFileLimit) {
    options.subscribersMax = 0;
    EXPECT_GT(pool().subscribersMax(), 0u);
}

}  // namespace
}  // namespace sluice::test
