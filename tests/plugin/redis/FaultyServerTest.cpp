#include <atomic>
#include <random>

#include "redis/FakeServer.h"
#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

/// What no real Redis sends. None of it may crash the process or be taken for data.
class RedisFaultyServer : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;
    static constexpr const char* kOk = "+OK\r\n";
    static constexpr const char* kSubscribed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";

    std::unique_ptr<PluginInstance> start(const FakeServer& server) {
        host_.set("/server", server.url());
        auto plugin = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_REDIS, host_);
        EXPECT_TRUE(plugin->open() && plugin->watch({"news"}) && plugin->start());
        return plugin;
    }
    /// Answers the greeting, then the subscription and `bytes` behind it.
    static FakeServer::Answer subscribedAnd(const std::string& bytes) {
        return [bytes](const std::string& request) -> std::string {
            if (request.find("SETNAME") != std::string::npos) return kOk;
            if (request.find("SUBSCRIBE") != std::string::npos) return kSubscribed + bytes;
            return "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
        };
    }
    static std::string message(const std::string& payload) {
        return "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$" + std::to_string(payload.size()) + "\r\n" +
               payload + "\r\n";
    }
    bool waitForCode(const std::string& code) const {
        return host_.wait(
            [&](const Recording& recording) {
                for (const auto& call : recording.of(Kind::Health))
                    if (call.code == code) return true;
                return false;
            },
            10s);
    }
    RecordingHost host_;
};

TEST_F(RedisFaultyServer, isNoRedis) {
    FakeServer server(
        [](const std::string&) { return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"; });
    auto plugin = start(server);
    ASSERT_TRUE(waitForCode("protocol"));
    EXPECT_EQ(host_.recording().of(Kind::Push).size(), 0U);
}

TEST_F(RedisFaultyServer, sendsWhatIsNoResp) {
    for (const char* bytes : {"$abc\r\n", "*-7\r\n", "?\r\n", "$5\r\nabcdefgh\r\n",
                              "*99999999999\r\n", "*2147483647\r\n"}) {
        RecordingHost host;
        FakeServer server(subscribedAnd(message("good") + bytes));
        host.set("/server", server.url());
        PluginInstance plugin(SLUICE_TEST_PLUGIN_REDIS, host);
        ASSERT_TRUE(plugin.open() && plugin.watch({"news"}) && plugin.start());
        EXPECT_TRUE(host.waitForHealth(SLUICE_STATE_CONNECTING, "protocol", 10s)) << bytes;
        EXPECT_LT(plugin.stop(), 1s * kPatience);
    }
}

TEST_F(RedisFaultyServer, itsMessagesOfOtherShapesAreLeftOut) {
    FakeServer server(
        subscribedAnd("*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n$7\r\nmessage\r\n$1\r\na\r\n"
                      "*1\r\n$1\r\nx\r\n*0\r\n*-1\r\n$-1\r\n:5\r\n+hello\r\n"
                      "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$4\r\nnews\r\n$1\r\nx\r\n" +
                      message("good")));
    auto plugin = start(server);
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(host_.recording().messages[0].payload, "good");
    EXPECT_EQ(host_.recording().messages.size(), 1U);
}

TEST_F(RedisFaultyServer, announcesMoreThanFitsIntoMemory) {
    // 512 MB announced; a tenth of that comes, and none of it is kept.
    const std::string announced = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$536870912\r\n";
    FakeServer server([&, answer = subscribedAnd(announced + std::string(50'000'000, 'x'))](
                          const std::string& request) {
        return request.find("PING") == std::string::npos ? answer(request) : std::string{};
    });
    host_.set("/message_bytes_max", "1MiB").set("/timeout", "1s").set("/keepalive", "300ms");
    auto plugin = start(server);
    ASSERT_TRUE(waitForCode("no-answer"));
    EXPECT_TRUE(host_.recording().messages.empty());
}

TEST_F(RedisFaultyServer, closesAtOnceAgainAndAgain) {
    FakeServer server([](const std::string&) -> std::string { return "+"; });
    host_.set("/timeout", "100ms");
    auto plugin = start(server);
    ASSERT_TRUE(waitForCode("no-answer"));
    std::this_thread::sleep_for(1s);
    EXPECT_LT(server.connections(), 8);  // with back-off
}

TEST_F(RedisFaultyServer, answersXreadWithSomethingElse) {
    for (const std::string answer :
         {"*1\r\n*2\r\n$6\r\norders\r\n*1\r\n*2\r\n$3\r\nbad\r\n*0\r\n",
          "*1\r\n*2\r\n$6\r\norders\r\n*1\r\n:7\r\n", "*1\r\n:1\r\n", ":1\r\n", "*0\r\n"}) {
        // Two connections at once are needed, so the one that asks gets a server of its own.
        RecordingHost host;
        FakeServer server([&](const std::string& request) -> std::string {
            if (request.find("SETNAME") != std::string::npos) return kOk;
            return answer;
        });
        host.set("/server", server.url()).set("/streams", "orders").set("/timeout", "300ms");
        PluginInstance plugin(SLUICE_TEST_PLUGIN_REDIS, host);
        ASSERT_TRUE(plugin.open() && plugin.watch({"orders"}) && plugin.start());
        EXPECT_TRUE(host.wait([](const Recording& recording) {
            return !recording.health().empty() && recording.health() != "1 connecting";
        }));
        EXPECT_TRUE(host.recording().messages.empty());
    }
}

TEST_F(RedisFaultyServer, noiseBehindTheSubscriptionCrashesNothing) {
    std::mt19937 random(11);
    const std::string alphabet = "*$:+-\r\n0123456789ampes";
    FakeServer server([&](const std::string& request) -> std::string {
        if (request.find("SETNAME") != std::string::npos) return kOk;
        std::string bytes = kSubscribed;
        for (int i = 0; i < 2'000; ++i) bytes += alphabet[random() % alphabet.size()];
        return bytes;
    });
    host_.set("/timeout", "100ms");
    auto plugin = start(server);
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return recording.of(Kind::Lost).size() >= 5;  // connected again so often
    }));
    EXPECT_LT(plugin->stop(), 1s * kPatience);
}

}  // namespace
}  // namespace sluice::test
