#include <atomic>
#include <fstream>

#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class RedisBounds : public RedisTest {
  protected:
    /// What this process holds in memory at most so far.
    static std::size_t peakKib() {
        std::ifstream status("/proc/self/status");
        std::string word;
        while (status >> word)
            if (word == "VmHWM:") break;
        std::size_t kib = 0;
        status >> kib;
        return kib;
    }
};

TEST_F(RedisBounds, aMessageUpToTheBoundComesAndALongerOneIsToldAsLost) {
    // Else the server cuts off who has so much waiting.
    redis_({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"});
    host_.set("/message_bytes_max", "1MiB");
    auto plugin = run({"news"});
    const std::string most(1 << 20, 'm');
    publish("news", most);
    publish("news", most + "x");
    publish("news", std::string(50 << 20, 'x'));
    publish("news", "after");
    ASSERT_TRUE(host_.waitForMessages(2));
    const Recording recording = host_.recording();
    EXPECT_EQ(recording.messages[0].payload, most);
    EXPECT_EQ(recording.messages[1].payload, "after");
    EXPECT_EQ(losses(), (Names{"lost", "lost"}));
    EXPECT_EQ(recording.of(Kind::Lost).front().messagesBefore, 1U);
    EXPECT_EQ(recording.of(Kind::Log).size(), 1U);
}

TEST_F(RedisBounds, anEntryUpToTheBoundComesAndALongerOneIsToldAsLost) {
    host_.set("/message_bytes_max", "1MiB").set("/start", "earliest");
    host_.set("/payload_field", "v");
    streams({"orders"});
    add("orders", "1-0", "before");
    add("orders", "2-0", std::string(1 << 20, 'm'));
    add("orders", "3-0", std::string((1 << 20) + 1, 'x'));
    add("orders", "4-0", "after");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", {"1-0", "2-0", "4-0"}));
    EXPECT_EQ(losses(), Names{"orders 3-0..3-1 lost"});
    EXPECT_EQ(host_.recording().of(Kind::Lost).front().messagesBefore, 2U);
}

TEST_F(RedisBounds, manyLargeEntriesAreReadAFewAtATime) {
    host_.set("/start", "earliest").set("/payload_field", "v");
    streams({"orders"});
    const std::string large(4 << 20, 'x');
    for (int i = 1; i <= 60; ++i) add("orders", std::to_string(i) + "-0", large);
    addNumbered("orders", 61, 70);
    const std::size_t before = peakKib();
    auto plugin = run({"orders"});
    ASSERT_TRUE(
        host_.wait([](const Recording& recording) { return recording.messages.size() == 70; }));
    EXPECT_EQ(ids("orders"), numbered(1, 70));
    EXPECT_EQ(losses(), Names{});
    // 240 MiB are the recording's; the plugin may hold one reply of 64 MiB and its copies.
    if (kPatience > 1) return;  // sanitizers keep what was freed
    EXPECT_LT(peakKib() - before, (240U + 5 * 64U) << 10);
}

TEST_F(RedisBounds, anEntryOfManyLargeFieldsIsToldAsLost) {
    host_.set("/start", "earliest").set("/timeout", "30s");
    streams({"orders"});
    Words command{"XADD", "orders", "1-0"};
    for (int i = 0; i < 20; ++i) {
        command.push_back("f" + std::to_string(i));
        command.emplace_back(5 << 20, 'x');  // each may be, all together are too much
    }
    redis_(command);
    addNumbered("orders", 2, 3);
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(2, 3)));
    EXPECT_EQ(losses(), Names{"orders 1-0..1-1 lost"});
}

TEST_F(RedisBounds, tenThousandChannels) {
    Names channels;
    for (int i = 0; i < 10'000; ++i) channels.push_back("c:" + std::to_string(i));
    auto plugin = run(channels);
    std::vector<Words> commands;
    for (const std::string& channel : channels) commands.push_back({"PUBLISH", channel, channel});
    redis_.all(commands);
    ASSERT_TRUE(host_.waitForMessages(10'000));
    for (const auto& message : host_.recording().messages)
        EXPECT_EQ(message.topic, message.payload);
    // Most of them go, by a reload.
    ASSERT_TRUE(plugin->watch({"c:7"}));
    while (redis_({"PUBSUB", "NUMSUB", "c:7", "c:8"}) != "c:7 1 c:8 0") {
    }
    publish("c:7", "end");
    ASSERT_TRUE(host_.waitForMessages(10'001));
}

TEST_F(RedisBounds, tenThousandChannelsOfOnePattern) {
    auto plugin = run({"c:{n}", "c:5{rest**}"});
    std::vector<Words> commands;
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 10'000; ++i)
            commands.push_back({"PUBLISH", "c:" + std::to_string(i), "x"});
    redis_.all(commands);
    ASSERT_TRUE(host_.waitForMessages(20'000));
    publish("c:1", "end");
    ASSERT_TRUE(host_.waitForMessages(20'001));
    EXPECT_EQ(host_.recording().messages.size(), 20'001U);
}

TEST_F(RedisBounds, aFloodComesWholeAndInOrderAndInBatches) {
    auto plugin = run({"news"});
    constexpr int kMessages = 200'000;
    for (int from = 0; from < kMessages; from += 20'000) {
        std::vector<Words> commands;
        for (int i = from; i < from + 20'000; ++i)
            commands.push_back({"PUBLISH", "news", std::to_string(i)});
        redis_.all(commands);
    }
    ASSERT_TRUE(host_.waitForMessages(kMessages));
    const Recording recording = host_.recording();
    for (int i = 0; i < kMessages; ++i)
        ASSERT_EQ(recording.messages[static_cast<std::size_t>(i)].payload, std::to_string(i));
    EXPECT_EQ(losses(), Names{});
    EXPECT_LT(recording.of(Kind::Push).size(), static_cast<std::size_t>(kMessages) / 10);
}

TEST_F(RedisBounds, stopsInTheMiddleOfAFlood) {
    streams({"orders"});
    addNumbered("orders", 1, 1);
    auto plugin = run({"news", "orders"});
    std::atomic<bool> isOver{false};
    std::thread flood([&] {
        RedisServer::Words words{"PUBLISH", "news", std::string(200, 'x')};
        const std::unique_ptr<redisContext, void (*)(redisContext*)> client(
            redisConnect("127.0.0.1", redis_.port()), redisFree);
        while (!isOver) {
            for (int i = 0; i < 1'000; ++i) {
                redisAppendCommand(client.get(), "PUBLISH news %s", words[2].c_str());
                redisAppendCommand(client.get(), "XADD orders * v %s", words[2].c_str());
            }
            for (int i = 0; i < 2'000; ++i) {
                void* reply = nullptr;
                if (redisGetReply(client.get(), &reply) == REDIS_OK) freeReplyObject(reply);
            }
        }
    });
    EXPECT_TRUE(host_.waitForMessages(20'000));
    EXPECT_LT(plugin->stop(), 1s * kPatience);
    host_.seal();
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(host_.callsAfterSeal(), 0U);
    isOver = true;
    flood.join();
}

TEST_F(RedisBounds, aSlowHostIsCutOffByTheServerAndThatIsTold) {
    redis_({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"});
    auto plugin = run({"news"});
    host_.holdPushes();
    publish("news", "held");
    ASSERT_TRUE(host_.waitForHeldPush());
    const std::string large(100'000, 'x');
    for (int i = 0; i < 300; ++i) publish("news", large);
    host_.releasePushes();
    ASSERT_TRUE(waitForLosses({"lost"}));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

}  // namespace
}  // namespace sluice::test
