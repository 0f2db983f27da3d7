#include "redis/RedisFixture.h"
#include "support/FreePort.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class RedisOutage : public RedisTest {
  protected:
    bool waitForState(std::uint32_t state, std::string_view code) const {
        return host_.waitForHealth(state, code, 15s);
    }
    void waitForSubscriber(const std::string& channel) {
        const std::string wanted = channel + " 1";
        const auto until = std::chrono::steady_clock::now() + 15s * kPatience;
        while (redis_({"PUBSUB", "NUMSUB", channel}) != wanted)
            ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
};

TEST_F(RedisOutage, absentAtTheStartIsAState) {
    redis_.kill();
    streams({"orders"});
    auto plugin = open({"news", "orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "refused"));
    EXPECT_NE(host_.recording().of(Kind::Health).back().text.find(redis_.shown()),
              std::string::npos);
    redis_.startAgain();
    ASSERT_TRUE(waitForState(SLUICE_STATE_DEGRADED, "stream-missing"));
    // Readers have been waiting since the start: what was published before is missing.
    EXPECT_EQ(losses(), Names{"lost"});
    publish("news", "a");
    addNumbered("orders", 1, 1);
    ASSERT_TRUE(host_.waitForMessages(2));
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisOutage, aStateIsToldOnceHoweverOftenItIsTried) {
    redis_.kill();
    auto plugin = open({"news"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "refused"));
    std::this_thread::sleep_for(1s);                           // several attempts
    EXPECT_LE(host_.recording().of(Kind::Health).size(), 2U);  // connecting, refused
}

TEST_F(RedisOutage, pubSubComesBackAndTellsWhatIsMissing) {
    auto plugin = run({"news", "t:{x}"});
    publish("news", "a");
    ASSERT_TRUE(host_.waitForMessages(1));
    redis_.kill();
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return recording.health().starts_with(std::to_string(SLUICE_STATE_CONNECTING));
    }));
    EXPECT_EQ(losses(), Names{});
    redis_.startAgain();
    ASSERT_TRUE(waitForLosses({"lost"}));
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
    publish("news", "b");
    publish("t:1", "c");
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(host_.recording().of(Kind::Lost).front().messagesBefore, 1U);
    EXPECT_EQ(losses(), Names{"lost"});
}

TEST_F(RedisOutage, aStreamLosesAndDoublesNothingOverAKilledServer) {
    RedisServer safe({"--appendonly", "yes", "--appendfsync", "always"});
    const auto addNumbers = [&](int first, int last) {
        for (int i = first; i <= last; ++i)
            safe({"XADD", "orders", std::to_string(i) + "-0", "v", "v"});
    };
    addNumbers(1, 100);
    streams({"orders"});
    host_.set("/start", "earliest");
    auto plugin = open(host_, {"orders"}, safe.url());
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForIds("orders", numbered(1, 100)));
    for (int turn = 1; turn <= 3; ++turn) {
        safe.kill();
        ASSERT_TRUE(host_.wait([](const Recording& recording) {
            return recording.health().starts_with(std::to_string(SLUICE_STATE_CONNECTING));
        }));
        safe.startAgain();
        addNumbers(turn * 100 + 1, turn * 100 + 100);
        ASSERT_TRUE(waitForIds("orders", numbered(1, turn * 100 + 100)));
        ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
    }
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisOutage, aServerThatComesBackEmptyIsAReset) {
    streams({"orders"});
    addNumbered("orders", 1, 9);
    host_.set("/start", "earliest");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 9)));
    redis_.kill();
    redis_.startAgain();
    addNumbered("orders", 1, 2);
    ASSERT_TRUE(host_.waitForMessages(11));
    // Either it was seen without the stream first (then that is gone), or with the new one.
    const Recording recording = host_.recording();
    const auto lanes = recording.of(Kind::Lanes);
    const bool wasGone = std::ranges::any_of(lanes, [](const auto& c) { return c.ends.empty(); });
    EXPECT_TRUE(wasGone || losses(recording) == Names{"orders 9-1..0-0 reset"});
}

TEST_F(RedisOutage, aFrozenServerIsCutOffAndStopStaysQuick) {
    streams({"orders"});
    addNumbered("orders", 1, 1);
    host_.set("/timeout", "300ms").set("/keepalive", "300ms");
    auto plugin = run({"news", "orders"});
    redis_.process().freeze();
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "no-answer"));
    redis_.process().thaw();
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
    EXPECT_EQ(losses(), Names{"lost"});
    waitForSubscriber("news");
    publish("news", "a");
    addNumbered("orders", 2, 2);
    ASSERT_TRUE(host_.waitForMessages(2));
    redis_.process().freeze();
    EXPECT_LT(plugin->stop(), 1s * kPatience);
    redis_.process().thaw();
}

TEST_F(RedisOutage, aConnectionThatIsKilledComesBack) {
    streams({"orders"});
    addNumbered("orders", 1, 1);
    auto plugin = run({"news", "orders"});
    for (const char* type : {"pubsub", "normal"})
        redis_({"CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"});
    ASSERT_TRUE(waitForLosses({"lost"}));
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
    waitForSubscriber("news");
    publish("news", "a");
    addNumbered("orders", 2, 2);
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(ids("orders"), Names{"2-0"});
}

TEST_F(RedisOutage, aServerThatLoadsItsDataIsWaitedFor) {
    // A debug command keeps it in the state that a large file would.
    RedisServer slow({"--enable-debug-command", "yes", "--key-load-delay", "20000",
                      "--loading-process-events-interval-bytes", "1024"});
    for (int i = 0; i < 200; ++i) slow({"XADD", "s" + std::to_string(i), "1-0", "v", "1"});
    RecordingHost host;
    host.set("/streams", "s0").set("/start", "earliest");
    slow.sendOnly({"DEBUG", "RELOAD"});
    std::this_thread::sleep_for(300ms);  // it has begun
    auto plugin = open(host, {"s0"}, slow.url());
    ASSERT_TRUE(plugin->start());
    EXPECT_TRUE(host.wait(
        [](const Recording& recording) {
            for (const auto& call : recording.of(Kind::Health))
                if (call.code == "loading") return true;
            return false;
        },
        10s));
    ASSERT_TRUE(host.waitForMessages(1));
}

TEST_F(RedisOutage, aReplicaWithoutItsMasterIsAState) {
    redis_({"CONFIG", "SET", "replica-serve-stale-data", "no"});
    redis_({"REPLICAOF", "127.0.0.1", std::to_string(freePort())});
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "master-down"));
    redis_({"REPLICAOF", "NO", "ONE"});
    addNumbered("orders", 1, 1);
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisOutage, aServerThatIsFullIsAState) {
    auto plugin = open({"news"});
    redis_({"CONFIG", "SET", "maxclients", "1"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "too-many-clients"));
    redis_({"CONFIG", "SET", "maxclients", "100"});
    ASSERT_TRUE(waitForState(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisOutage, aDatabaseThatIsNotThereIsAState) {
    streams({"orders"});
    host_.set("/db", "99");
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "database"));
}

TEST_F(RedisOutage, aNameThatIsUnknownIsAState) {
    auto plugin = open(host_, {"news"}, "redis://no-such-host.invalid:6379");
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(waitForState(SLUICE_STATE_CONNECTING, "name"));
    EXPECT_LT(plugin->stop(), 1s * kPatience);
}

}  // namespace
}  // namespace sluice::test
