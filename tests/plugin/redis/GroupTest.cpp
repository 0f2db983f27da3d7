#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class RedisGroup : public RedisTest {
  protected:
    void SetUp() override { settings(host_, "c1"); }
    static void settings(RecordingHost& host, const std::string& consumer) {
        host.set("/streams/0", "orders").set("/start", "earliest");
        host.set("/group/name", "g").set("/group/consumer", consumer);
    }
    /// How many entries are delivered and not acknowledged.
    std::string pending() {
        const std::string summary = redis_({"XPENDING", "orders", "g"});
        return summary.substr(0, summary.find(' '));
    }
    void waitForNonePending() {
        const auto until = std::chrono::steady_clock::now() + 10s * kPatience;
        while (pending() != "0") ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
};

TEST_F(RedisGroup, readsPlainMessagesAndAcknowledgesThem) {
    addNumbered("orders", 1, 5);
    auto plugin = run({"orders"});
    addNumbered("orders", 6, 9);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 9)));
    waitForNonePending();
    EXPECT_EQ(host_.recording().of(Kind::Plain).size(), 1U);
    EXPECT_TRUE(host_.recording().of(Kind::Lanes).empty());
    EXPECT_FALSE(host_.recording().messages.front().hasLane);
    EXPECT_EQ(host_.recording().messages.front().payload, R"({"v":"v1"})");
}

TEST_F(RedisGroup, liveBeginsAtTheEnd) {
    addNumbered("orders", 1, 5);
    host_.set("/start", "live");
    auto plugin = run({"orders"});
    addNumbered("orders", 6, 6);
    ASSERT_TRUE(waitForIds("orders", Names{"6-0"}));
}

TEST_F(RedisGroup, aTimeBeginsThere) {
    addNumbered("orders", 1, 5);
    host_.set("/start", "since:3");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(3, 5)));
}

TEST_F(RedisGroup, aGroupThatIsThereGoesOn) {
    addNumbered("orders", 1, 5);
    redis_({"XGROUP", "CREATE", "orders", "g", "3-0"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(4, 5)));
}

TEST_F(RedisGroup, consumersShareTheEntries) {
    addNumbered("orders", 1, 1);
    RecordingHost other;
    settings(other, "c2");
    auto first = run({"orders"});
    auto second = open(other, {"orders"}, redis_.url());
    ASSERT_TRUE(second->start());
    ASSERT_TRUE(other.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    for (int i = 2; i <= 500; ++i) addNumbered("orders", i, i);
    const auto until = std::chrono::steady_clock::now() + 10s * kPatience;
    while (host_.recording().messages.size() + other.recording().messages.size() < 500)
        ASSERT_LT(std::chrono::steady_clock::now(), until);
    Names all = ids("orders");
    const Names others = ids(other.recording(), "orders");
    all.insert(all.end(), others.begin(), others.end());
    EXPECT_EQ(all.size(), 500U);
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::unique(all).size(), 0U);
    EXPECT_FALSE(others.empty());
}

TEST_F(RedisGroup, whatWasNotAcknowledgedComesAgain) {
    addNumbered("orders", 1, 3);
    redis_({"XGROUP", "CREATE", "orders", "g", "0"});
    // As a node leaves it that dies between the push and the acknowledgement.
    redis_({"XREADGROUP", "GROUP", "g", "c1", "COUNT", "2", "STREAMS", "orders", ">"});
    EXPECT_EQ(pending(), "2");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    waitForNonePending();
}

TEST_F(RedisGroup, whatAHostDidNotTakeIsNotAcknowledged) {
    addNumbered("orders", 1, 3);
    host_.holdPushes();
    {
        auto plugin = open({"orders"});
        ASSERT_TRUE(plugin->start());
        ASSERT_TRUE(host_.waitForHeldPush());
        EXPECT_EQ(pending(), "3");
        host_.startClosing();
        host_.releasePushes();
        plugin->stop();
    }
    EXPECT_EQ(pending(), "3");
    RecordingHost again;
    settings(again, "c1");
    auto plugin = open(again, {"orders"}, redis_.url());
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(again.waitForMessages(3));
    waitForNonePending();
}

TEST_F(RedisGroup, pendingEntriesThatAreGoneAreTold) {
    addNumbered("orders", 1, 3);
    redis_({"XGROUP", "CREATE", "orders", "g", "0"});
    redis_({"XREADGROUP", "GROUP", "g", "c1", "STREAMS", "orders", ">"});
    redis_({"XTRIM", "orders", "MAXLEN", "1"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", Names{"3-0"}));
    EXPECT_EQ(losses(), (Names{"lost", "lost"}));
    waitForNonePending();
}

TEST_F(RedisGroup, takesOverWhatADeadConsumerHolds) {
    addNumbered("orders", 1, 5);
    redis_({"XGROUP", "CREATE", "orders", "g", "0"});
    redis_({"XREADGROUP", "GROUP", "g", "dead", "COUNT", "4", "STREAMS", "orders", ">"});
    redis_({"XDEL", "orders", "2-0"});
    host_.set("/group/claim_idle", "1ms");
    auto plugin = run({"orders"});
    ASSERT_TRUE(host_.waitForMessages(4));
    waitForNonePending();
    Names found = ids("orders");
    std::ranges::sort(found);
    EXPECT_EQ(found, (Names{"1-0", "3-0", "4-0", "5-0"}));
    EXPECT_EQ(losses(), Names{"lost"});
}

TEST_F(RedisGroup, withoutClaimTheDeadConsumersEntriesStay) {
    addNumbered("orders", 1, 2);
    redis_({"XGROUP", "CREATE", "orders", "g", "0"});
    redis_({"XREADGROUP", "GROUP", "g", "dead", "COUNT", "1", "STREAMS", "orders", ">"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", Names{"2-0"}));
    std::this_thread::sleep_for(1500ms);  // a look has been taken
    EXPECT_EQ(pending(), "1");
}

TEST_F(RedisGroup, aGroupThatIsDestroyedIsMadeAgainWhereItWas) {
    addNumbered("orders", 1, 3);
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    waitForNonePending();
    redis_({"XGROUP", "DESTROY", "orders", "g"});
    addNumbered("orders", 4, 6);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 6)));
}

TEST_F(RedisGroup, aStreamThatComesLaterIsReadFromItsBeginning) {
    host_.set("/start", "live");
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "stream-missing"));
    addNumbered("orders", 1, 3);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisGroup, aReplicaCannotServeAGroup) {
    addNumbered("orders", 1, 1);
    redis_({"REPLICAOF", "127.0.0.1", "1"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "read-only"));
}

TEST_F(RedisGroup, goesOnOverALostConnection) {
    addNumbered("orders", 1, 3);
    auto plugin = run({"news", "orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    waitForNonePending();
    redis_({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    addNumbered("orders", 4, 6);
    ASSERT_TRUE(host_.wait(
        [](const Recording& recording) { return ids(recording, "orders").size() == 6; }));
    EXPECT_EQ(ids("orders"), numbered(1, 6));
}

}  // namespace
}  // namespace sluice::test
