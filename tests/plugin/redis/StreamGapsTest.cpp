#include "redis/RedisFixture.h"

namespace sluice::test {
namespace {

/// What the server took away, and what has to be told of it.
class RedisStreamGaps : public RedisTest {
  protected:
    void SetUp() override { streams({"orders"}); }
    /// Running, with entries 1..5 read.
    std::unique_ptr<PluginInstance> runWithFive() {
        addNumbered("orders", 1, 5);
        host_.set("/start", "earliest");
        auto plugin = run({"orders"});
        EXPECT_TRUE(waitForIds("orders", numbered(1, 5)));
        return plugin;
    }
    /// A push that does not return keeps the plugin from reading on, so that the server can get
    /// ahead of it. Holds the one that brings entry 6.
    void holdAtSix() {
        host_.holdPushes();
        addNumbered("orders", 6, 6);
        EXPECT_TRUE(host_.waitForHeldPush());
    }
    /// Several commands that the plugin sees as one.
    void atomically(std::vector<Words> commands) {
        commands.insert(commands.begin(), {"MULTI"});
        commands.push_back({"EXEC"});
        redis_.all(commands);
    }
};

TEST_F(RedisStreamGaps, trimmedWhileItRead) {
    auto plugin = runWithFive();
    holdAtSix();
    addNumbered("orders", 7, 20);
    redis_({"XTRIM", "orders", "MAXLEN", "4"});
    host_.releasePushes();
    Names wanted = numbered(1, 6);
    for (const std::string& id : numbered(17, 20)) wanted.push_back(id);
    ASSERT_TRUE(waitForIds("orders", wanted));
    EXPECT_EQ(losses(), Names{"orders 6-1..17-0 lost"});
    // It was told before the message behind it was pushed.
    EXPECT_EQ(host_.recording().of(Kind::Lost).front().messagesBefore, 6U);
}

TEST_F(RedisStreamGaps, trimmedToNothingWhileItRead) {
    auto plugin = runWithFive();
    holdAtSix();
    addNumbered("orders", 7, 20);
    redis_({"XTRIM", "orders", "MAXLEN", "0"});
    host_.releasePushes();
    ASSERT_TRUE(waitForLosses({"orders 6-1..20-1 lost"}));
    addNumbered("orders", 21, 22);
    ASSERT_TRUE(host_.waitForMessages(8));
    EXPECT_EQ(losses(), Names{"orders 6-1..20-1 lost"});
}

TEST_F(RedisStreamGaps, whatWasReadMayBeTrimmed) {
    auto plugin = runWithFive();
    redis_({"XTRIM", "orders", "MAXLEN", "0"});
    for (int i = 6; i < 50; ++i) {
        addNumbered("orders", i, i);
        ASSERT_TRUE(waitForIds("orders", numbered(1, i)));
        redis_({"XTRIM", "orders", "MAXLEN", "0"});
    }
    atomically({{"XADD", "orders", "50-0", "v", "v50"}, {"XADD", "orders", "51-0", "v", "v51"}});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 51)));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreamGaps, aStreamOfOneEntryLosesWhatIsOverwritten) {
    auto plugin = runWithFive();
    redis_({"XADD", "orders", "MAXLEN", "1", "6-0", "v", "v6"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 6)));
    host_.holdPushes();
    redis_({"XADD", "orders", "MAXLEN", "1", "7-0", "v", "v7"});
    ASSERT_TRUE(host_.waitForHeldPush());
    for (const char* id : {"8-0", "9-0"}) redis_({"XADD", "orders", "MAXLEN", "1", id, "v", "v"});
    host_.releasePushes();
    ASSERT_TRUE(waitForLosses({"orders 7-1..9-0 lost"}));
    ASSERT_TRUE(host_.waitForMessages(8));
    EXPECT_EQ(ids("orders").back(), "9-0");
}

TEST_F(RedisStreamGaps, deletedInTheMiddleIsAHole) {
    auto plugin = runWithFive();
    holdAtSix();
    addNumbered("orders", 7, 10);
    redis_({"XDEL", "orders", "8-0", "9-0"});
    host_.releasePushes();
    Names wanted = numbered(1, 7);
    wanted.push_back("10-0");
    ASSERT_TRUE(waitForIds("orders", wanted));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreamGaps, deletedAtTheEndIsPassed) {
    auto plugin = runWithFive();
    holdAtSix();
    addNumbered("orders", 7, 10);
    redis_({"XDEL", "orders", "8-0", "9-0", "10-0"});
    host_.releasePushes();
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        const auto calls = recording.of(Kind::At);
        return !calls.empty() && textOf(calls.back().to) == "10-1";
    }));
    EXPECT_EQ(losses(), Names{});
    addNumbered("orders", 11, 11);
    ASSERT_TRUE(host_.waitForMessages(8));
}

TEST_F(RedisStreamGaps, trimmedWhileAway) {
    addNumbered("orders", 1, 9);
    redis_({"XTRIM", "orders", "MAXLEN", "3"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({{"orders", 0, 4, 1}}));
    ASSERT_TRUE(waitForIds("orders", numbered(7, 9)));
    EXPECT_EQ(losses(), Names{"orders 4-1..7-0 lost"});
}

TEST_F(RedisStreamGaps, deletedWhileAway) {
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({{"orders", 0, 4, 1}}));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "stream-missing"));
    // The host is told that the family is not there: what it kept of it is void.
    const auto calls = host_.recording().of(Kind::Lanes);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_TRUE(calls[0].ends.empty());
    addNumbered("orders", 1, 2);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 2)));
}

TEST_F(RedisStreamGaps, positionsBeyondTheEndAreAReset) {
    addNumbered("orders", 1, 3);
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({{"orders", 0, 8, 1}}));
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    EXPECT_EQ(losses(), Names{"orders 8-1..0-0 reset"});
}

TEST_F(RedisStreamGaps, deletedAndMadeAnewWithLowerIds) {
    auto plugin = runWithFive();
    atomically({{"DEL", "orders"}, {"XADD", "orders", "2-7", "v", "new"}});
    ASSERT_TRUE(waitForLosses({"orders 5-1..0-0 reset"}));
    ASSERT_TRUE(host_.waitForMessages(6));
    EXPECT_EQ(ids("orders").back(), "2-7");
}

TEST_F(RedisStreamGaps, deletedAndMadeAnewWithHigherIds) {
    auto plugin = runWithFive();
    atomically({{"DEL", "orders"},
                {"XADD", "orders", "7-0", "v", "new"},
                {"XADD", "orders", "8-0", "v", "new"}});
    ASSERT_TRUE(waitForLosses({"orders 5-1..0-0 reset"}));
    ASSERT_TRUE(waitForIds("orders", {"1-0", "2-0", "3-0", "4-0", "5-0", "7-0", "8-0"}));
}

TEST_F(RedisStreamGaps, deletedAndMadeAnewWithMoreEntries) {
    auto plugin = runWithFive();
    std::vector<Words> commands{{"DEL", "orders"}};
    for (int i = 11; i <= 30; ++i)
        commands.push_back({"XADD", "orders", std::to_string(i) + "-0", "v", "new"});
    atomically(commands);
    ASSERT_TRUE(waitForLosses({"orders 5-1..0-0 reset"}));
    ASSERT_TRUE(host_.waitForMessages(25));
    EXPECT_EQ(ids("orders").back(), "30-0");
}

TEST_F(RedisStreamGaps, deletedIsGoneAndWhatComesIsRead) {
    auto plugin = runWithFive();
    redis_({"DEL", "orders"});
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "stream-missing"));
    EXPECT_TRUE(declared("orders").empty());
    addNumbered("orders", 1, 2);
    ASSERT_TRUE(host_.waitForMessages(7));
    EXPECT_EQ(ids("orders").back(), "2-0");
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisStreamGaps, restoredFromAnOlderDump) {
    auto plugin = runWithFive();
    // A copy of the key is what a dump of the database has of it.
    redis_({"COPY", "orders", "dump"});
    addNumbered("orders", 6, 9);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 9)));
    redis_({"RENAME", "dump", "orders"});
    ASSERT_TRUE(waitForLosses({"orders 9-1..0-0 reset"}));
    Names wanted = numbered(1, 9);
    for (const std::string& id : numbered(1, 5)) wanted.push_back(id);
    ASSERT_TRUE(waitForIds("orders", wanted));
}

TEST_F(RedisStreamGaps, bornTrimmed) {
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "stream-missing"));
    addNumbered("elsewhere", 1, 9);
    redis_({"XTRIM", "elsewhere", "MAXLEN", "2"});
    redis_({"RENAME", "elsewhere", "orders"});
    addNumbered("orders", 10, 10);
    ASSERT_TRUE(waitForIds("orders", numbered(8, 10)));
    EXPECT_EQ(losses(), Names{"orders 0-0..8-0 lost"});
}

TEST_F(RedisStreamGaps, anEmptyStreamThatIsAskedOf) {
    redis_({"XGROUP", "CREATE", "orders", "g", "0", "MKSTREAM"});
    auto plugin = run({"orders"});
    addNumbered("orders", 1, 2);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 2)));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreamGaps, aKeyThatIsNoStream) {
    redis_({"SET", "orders", "x"});
    auto plugin = open({"orders", "other"});
    host_.set("/streams/1", "other");
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "wrong-type"));
    redis_({"DEL", "orders"});
    addNumbered("orders", 1, 1);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 1)));
}

TEST_F(RedisStreamGaps, aKeyThatIsNoStreamAnyMoreHindersNoOther) {
    host_.set("/streams/1", "other");
    addNumbered("orders", 1, 1);
    addNumbered("other", 1, 1);
    auto plugin = run({"orders", "other"});
    redis_({"SET", "orders", "x"});
    addNumbered("other", 2, 2);
    ASSERT_TRUE(waitForIds("other", numbered(2, 2)));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "wrong-type"));
    addNumbered("other", 3, 3);
    ASSERT_TRUE(waitForIds("other", numbered(2, 3)));
}

}  // namespace
}  // namespace sluice::test
