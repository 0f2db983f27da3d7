#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class RedisPubSub : public RedisTest {
  protected:
    Names payloads(const std::string& topic) const {
        Names found;
        for (const RecordedMessage& message : host_.recording().messages)
            if (message.topic == topic) found.push_back(message.payload.value_or("(null)"));
        return found;
    }
    /// Waits until the server has that many subscriptions by pattern.
    void waitForPatterns(const std::string& count) {
        const auto until = std::chrono::steady_clock::now() + 10s * kPatience;
        while (redis_({"PUBSUB", "NUMPAT"}) != count)
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "no " << count << " patterns";
    }
};

TEST_F(RedisPubSub, readsAChannelByItsName) {
    auto plugin = run({"news"});
    publish("news", "a");
    publish("other", "x");
    publish("news", "b");
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(payloads("news"), (Names{"a", "b"}));
    const RecordedMessage message = host_.recording().messages.front();
    EXPECT_FALSE(message.hasLane);
    EXPECT_EQ(message.timeMs, std::nullopt);
    EXPECT_TRUE(host_.recording().of(Kind::Lanes).empty());
    EXPECT_EQ(host_.recording().of(Kind::Plain).size(), 1U);
    EXPECT_TRUE(losses().empty());
}

TEST_F(RedisPubSub, readsChannelsByPatternsInEveryForm) {
    auto plugin = run({"orders:{region}", "t:{device}:temp", "all:{rest**}", "v{major}.{minor}"});
    for (const char* channel : {"orders:eu", "t:d1:temp", "all:a:b:c", "v1.2", "orders", "t:d1"})
        publish(channel, channel);
    publish("all:end", "end");
    ASSERT_TRUE(host_.waitForMessages(5));
    for (const char* channel : {"orders:eu", "t:d1:temp", "all:a:b:c", "v1.2"})
        EXPECT_EQ(payloads(channel), Names{channel});
}

TEST_F(RedisPubSub, whatIsSpecialInAGlobStandsForItself) {
    auto plugin = run({"a*b:{x}", "[q]?:{y}", R"(back\slash:{z})"});
    for (const char* channel : {"a*b:1", "[q]?:2", R"(back\slash:3)"}) publish(channel, "yes");
    for (const char* channel : {"aXb:1", "qZ:2", "backslash:3"}) publish(channel, "no");
    publish("a*b:end", "yes");
    ASSERT_TRUE(host_.waitForMessages(4));
    for (const auto& message : host_.recording().messages) EXPECT_EQ(message.payload, "yes");
}

TEST_F(RedisPubSub, aMessageThatSeveralSubscriptionsTakeComesOnce) {
    auto plugin = run({"orders:eu", "orders:{region}", "{all**}"});
    for (int i = 0; i < 50; ++i) {
        publish("orders:eu", "a" + std::to_string(i));
        publish("orders:us", "b" + std::to_string(i));
        publish("elsewhere", "c" + std::to_string(i));
    }
    publish("end", "end");
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return !recording.messages.empty() && recording.messages.back().topic == "end";
    }));
    EXPECT_EQ(host_.recording().messages.size(), 151U);
}

TEST_F(RedisPubSub, theDatabaseDoesNotMatter) {
    host_.set("/db", "3");
    auto plugin = run({"news"});
    publish("news", "from database 0");
    ASSERT_TRUE(host_.waitForMessages(1));
}

TEST_F(RedisPubSub, payloadsAreBytes) {
    auto plugin = run({"bin"});
    const std::string bytes("\0\r\n\xff$-1\r\n*0\r\n", 14);
    publish("bin", bytes);
    publish("bin", "");
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(payloads("bin"), (Names{bytes, ""}));
}

TEST_F(RedisPubSub, otherPatternsAreTakenUpWithoutALoss) {
    auto plugin = run({"a", "x:{y}"});
    ASSERT_TRUE(plugin->watch({"b", "a{rest**}"}));
    waitForPatterns("1");
    while (redis_({"PUBSUB", "NUMSUB", "a", "b"}) != "a 0 b 1") {
    }
    for (const char* channel : {"a", "ab", "b", "x:1"}) publish(channel, channel);
    publish("b", "end");
    ASSERT_TRUE(host_.waitForMessages(4));
    EXPECT_EQ(payloads("a"), Names{"a"});  // not wanted, but of the glob: the host matches exactly
    EXPECT_EQ(payloads("ab"), Names{"ab"});
    EXPECT_EQ(payloads("b"), (Names{"b", "end"}));
    EXPECT_TRUE(payloads("x:1").empty());
    EXPECT_TRUE(losses().empty());
}

TEST_F(RedisPubSub, nothingToReadIsNoTrouble) {
    auto plugin = run({});
    ASSERT_TRUE(plugin->watch({"news"}));
    while (redis_({"PUBSUB", "NUMSUB", "news"}) != "news 1") {
    }
    publish("news", "a");
    ASSERT_TRUE(host_.waitForMessages(1));
    ASSERT_TRUE(plugin->watch({}));
    while (redis_({"PUBSUB", "NUMSUB", "news"}) != "news 0") {
    }
    EXPECT_LT(plugin->stop(), 1s * kPatience);
}

TEST_F(RedisPubSub, aPingKeepsASilentConnection) {
    host_.set("/keepalive", "100ms").set("/timeout", "300ms");
    auto plugin = run({"news"});
    const auto until = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < until) redis_({"PING"});
    EXPECT_EQ(host_.recording().health(), "2 running");
    EXPECT_TRUE(losses().empty());
    publish("news", "a");
    ASSERT_TRUE(host_.waitForMessages(1));
}

}  // namespace
}  // namespace sluice::test
