#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

/// What is read again of Redis Streams.
class RedisReplay : public RedisTest {
  protected:
    void SetUp() override { streams({"orders"}); }

    /// Running from the end of the stream on: what it brings of the past is replayed.
    std::unique_ptr<PluginInstance> runAt(const std::string& server, RecordingHost& host) {
        auto plugin = open(host, {"orders"}, server);
        EXPECT_TRUE(plugin->start());
        EXPECT_TRUE(host.waitForHealth(SLUICE_STATE_RUNNING, "running"));
        return plugin;
    }
    /// The lane from an entry on.
    static PluginInstance::Position from(std::uint64_t first, std::uint64_t second = 0,
                                         const std::string& key = "orders") {
        return {key, 0, first, second};
    }
    /// How it ended; "" if it did not.
    std::string waitForEnd(std::uint64_t id, sluice_position to,
                           std::chrono::milliseconds within = 15s) const {
        host_.wait([&](const Recording& all) { return !all.endOf(id, to).empty(); }, within);
        return host_.recording().endOf(id, to);
    }
    Names replayed(std::uint64_t id) const {
        Names found;
        for (const RecordedMessage& message : host_.recording().messages)
            if (message.replayId == id) found.push_back(message.variables.at("id"));
        return found;
    }
    /// "2-0..7-0 lost" of a replay.
    Names lossesOf(std::uint64_t id) const {
        Names found;
        for (const auto& call : host_.recording().of(Kind::Lost)) {
            if (call.replayId != id) continue;
            constexpr std::array kReasons{" lost", " reset", " failed"};
            found.push_back(textOf(call.from) + ".." + textOf(call.to) + kReasons.at(call.number));
        }
        return found;
    }
};

TEST_F(RedisReplay, sendsWhatLiesBetweenTwoIdsAndNothingElse) {
    addNumbered("orders", 1, 20);
    auto plugin = run({"orders"});
    ASSERT_TRUE(plugin->replay(7, from(3), {12, 0}));
    EXPECT_EQ(waitForEnd(7, {12, 0}), "at");
    EXPECT_EQ(replayed(7), numbered(3, 11));
    EXPECT_EQ(lossesOf(7), Names{});
    const auto first = host_.recording().messages.front();
    EXPECT_EQ(first.payload, R"({"v":"v3"})");
    EXPECT_EQ(first.family, "orders");
    EXPECT_EQ(textOf(host_.recording().of(Kind::At).back().to), "12-0");
}

TEST_F(RedisReplay, fromTheBeginningUpToTheEnd) {
    addNumbered("orders", 1, 5);
    auto plugin = run({"orders"});
    ASSERT_TRUE(plugin->replay(1, from(0), {5, 1}, 1));
    ASSERT_TRUE(plugin->replay(2, from(5, 1), {5, 1}, 2));  // nothing
    EXPECT_EQ(waitForEnd(1, {5, 1}), "at");
    EXPECT_EQ(waitForEnd(2, {5, 1}), "at");
    EXPECT_EQ(replayed(1), numbered(1, 5));
    EXPECT_EQ(replayed(2), Names{});
    EXPECT_EQ(lossesOf(1), Names{});
}

TEST_F(RedisReplay, inPagesAndSeveralStreamsInTurn) {
    host_.set("/streams/1", "carts");
    addNumbered("orders", 1, 4'500);
    addNumbered("carts", 1, 2'500);
    auto plugin = run({"orders", "carts"});
    host_.holdReplays();  // or the first may be done before the second is asked for
    ASSERT_TRUE(plugin->replay(1, from(1), {4'400, 0}));
    ASSERT_TRUE(plugin->replay(2, from(1, 0, "carts"), {2'500, 1}));
    host_.releaseReplays();
    EXPECT_EQ(waitForEnd(1, {4'400, 0}), "at");
    EXPECT_EQ(waitForEnd(2, {2'500, 1}), "at");
    EXPECT_EQ(replayed(1), numbered(1, 4'399));
    EXPECT_EQ(replayed(2), numbered(1, 2'500));
    // Neither waited for the other's end.
    EXPECT_NE(host_.recording().messages.front().replayId,
              host_.recording().messages[1'000].replayId);
}

TEST_F(RedisReplay, deletedEntriesAreHoles) {
    addNumbered("orders", 1, 10);
    redis_({"XDEL", "orders", "4-0", "5-0", "9-0", "10-0"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(plugin->replay(1, from(2), {10, 1}, 1));
    ASSERT_TRUE(plugin->replay(2, from(4), {6, 0}, 2));   // all of it
    ASSERT_TRUE(plugin->replay(3, from(9), {10, 1}, 3));  // at the end
    EXPECT_EQ(waitForEnd(1, {10, 1}), "at");
    EXPECT_EQ(replayed(1), (Names{"2-0", "3-0", "6-0", "7-0", "8-0"}));
    EXPECT_EQ(waitForEnd(2, {6, 0}), "at");
    EXPECT_EQ(waitForEnd(3, {10, 1}), "at");
    for (const std::uint64_t id : {1, 2, 3}) EXPECT_EQ(lossesOf(id), Names{});
    for (const std::uint64_t id : {2, 3}) EXPECT_EQ(replayed(id), Names{});
}

TEST_F(RedisReplay, tellsWhatWasTrimmedBeforeIt) {
    addNumbered("orders", 1, 20);
    redis_({"XTRIM", "orders", "MAXLEN", "8"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(plugin->replay(1, from(3), {16, 0}, 1));
    ASSERT_TRUE(plugin->replay(2, from(3), {7, 0}, 2));  // all of it
    ASSERT_TRUE(plugin->replay(3, from(13), {16, 0}, 3));
    EXPECT_EQ(waitForEnd(1, {16, 0}), "at");
    EXPECT_EQ(lossesOf(1), Names{"3-0..13-0 lost"});
    EXPECT_EQ(replayed(1), numbered(13, 15));
    EXPECT_EQ(waitForEnd(2, {7, 0}), "lost");
    EXPECT_EQ(lossesOf(2), Names{"3-0..7-0 lost"});
    EXPECT_EQ(waitForEnd(3, {16, 0}), "at");
    EXPECT_EQ(lossesOf(3), Names{});
}

TEST_F(RedisReplay, tellsWhatIsTrimmedUnderItsFeet) {
    addNumbered("orders", 1, 5'000);
    auto plugin = run({"orders"});
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, from(1), {5'000, 1}));
    ASSERT_TRUE(host_.waitForHeldPush());
    redis_({"XTRIM", "orders", "MAXLEN", "5"});
    host_.releaseReplays();
    EXPECT_EQ(waitForEnd(1, {5'000, 1}), "at");
    EXPECT_EQ(lossesOf(1), Names{"1000-1..4996-0 lost"});
    Names wanted = numbered(1, 1'000);
    for (const std::string& id : numbered(4'996, 5'000)) wanted.push_back(id);
    EXPECT_EQ(replayed(1), wanted);
}

TEST_F(RedisReplay, trimmedToNothingUnderItsFeet) {
    addNumbered("orders", 1, 3'000);
    auto plugin = run({"orders"});
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, from(1), {3'000, 1}));
    ASSERT_TRUE(host_.waitForHeldPush());
    redis_({"XTRIM", "orders", "MAXLEN", "0"});
    host_.releaseReplays();
    EXPECT_EQ(waitForEnd(1, {3'000, 1}), "lost");
    EXPECT_EQ(lossesOf(1), Names{"1000-1..3000-1 lost"});
}

TEST_F(RedisReplay, anOlderDumpIsAReset) {
    addNumbered("orders", 1, 5);
    redis_({"COPY", "orders", "dump"});
    addNumbered("orders", 6, 9);
    auto plugin = run({"orders"});
    redis_({"RENAME", "dump", "orders"});
    ASSERT_TRUE(plugin->replay(1, from(3), {9, 1}, 1));  // from below its end
    ASSERT_TRUE(plugin->replay(2, from(7), {9, 1}, 2));  // and from beyond it
    EXPECT_EQ(waitForEnd(1, {9, 1}), "reset");
    EXPECT_EQ(replayed(1), numbered(3, 5));
    EXPECT_EQ(lossesOf(1), Names{"5-1..9-1 reset"});
    EXPECT_EQ(waitForEnd(2, {9, 1}), "reset");
    EXPECT_EQ(lossesOf(2), Names{"7-0..9-1 reset"});
}

TEST_F(RedisReplay, aStreamThatIsGoneOrNoneAnyMoreIsAReset) {
    host_.set("/streams/1", "carts");
    addNumbered("orders", 1, 5);
    addNumbered("carts", 1, 5);
    auto plugin = run({"orders", "carts"});
    redis_({"DEL", "orders", "carts"});
    redis_({"SET", "carts", "x"});
    ASSERT_TRUE(plugin->replay(1, from(3), {5, 1}));
    ASSERT_TRUE(plugin->replay(2, from(3, 0, "carts"), {5, 1}));
    EXPECT_EQ(waitForEnd(1, {5, 1}), "reset");
    EXPECT_EQ(waitForEnd(2, {5, 1}), "reset");
}

TEST_F(RedisReplay, anEntryThatIsTooLongIsLost) {
    host_.set("/message_bytes_max", "1KiB");
    addNumbered("orders", 1, 2);
    add("orders", "3-0", std::string(2'000, 'x'));
    addNumbered("orders", 4, 5);
    auto plugin = run({"orders"});
    ASSERT_TRUE(plugin->replay(1, from(1), {5, 1}));
    EXPECT_EQ(waitForEnd(1, {5, 1}), "at");
    EXPECT_EQ(replayed(1), (Names{"1-0", "2-0", "4-0", "5-0"}));
    EXPECT_EQ(lossesOf(1), Names{"3-0..3-1 lost"});
}

TEST_F(RedisReplay, aReaderThatHasEnoughHoldsUpNobody) {
    addNumbered("orders", 1, 3'000);
    auto plugin = run({"orders"});
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, from(1), {3'000, 1}, 1));
    ASSERT_TRUE(host_.waitForHeldPush());
    // Live reading goes on, and so do other calls of the control thread.
    addNumbered("orders", 3'001, 3'003);
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(ids("orders"), numbered(3'001, 3'003));
    const auto before = std::chrono::steady_clock::now();
    plugin->cancel(1);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 1s * kPatience);
    host_.releaseReplays();
    ASSERT_TRUE(plugin->replay(2, from(1), {3'000, 1}, 1));
    EXPECT_EQ(waitForEnd(2, {3'000, 1}), "at");
    EXPECT_EQ(replayed(2), numbered(1, 3'000));
    EXPECT_EQ(replayed(1), Names{});
    EXPECT_EQ(host_.recording().endOf(1, {3'000, 1}), "");
}

TEST_F(RedisReplay, endsWithTheInput) {
    addNumbered("orders", 1, 3'000);
    auto plugin = run({"orders"});
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, from(1), {3'000, 1}));
    ASSERT_TRUE(host_.waitForHeldPush());
    host_.endReplay(1);  // as the host does before stop
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    host_.seal();
    EXPECT_EQ(host_.callsAfterSeal(), 0U);
    EXPECT_FALSE(plugin->replay(2, from(1), {3'000, 1}));
}

TEST_F(RedisReplay, aFrozenServerHoldsUpNoStop) {
    addNumbered("orders", 1, 3'000);
    auto plugin = run({"orders"});
    redis_.process().freeze();
    ASSERT_TRUE(plugin->replay(1, from(1), {3'000, 1}));
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    redis_.process().thaw();
}

TEST_F(RedisReplay, goesOnOverAServerThatComesBackAndGivesUpOnOneThatDoesNot) {
    RedisServer safe({"--appendonly", "yes", "--appendfsync", "no"});
    std::vector<Words> commands;
    for (int i = 1; i <= 5'000; ++i)
        commands.push_back({"XADD", "orders", std::to_string(i) + "-0", "v", "v"});
    safe.all(commands);
    host_.set("/replay_timeout", "3s");
    auto plugin = runAt(safe.url(), host_);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, from(1), {5'000, 1}));
    ASSERT_TRUE(host_.waitForHeldPush());
    safe.kill();
    host_.releaseReplays();
    safe.startAgain();
    EXPECT_EQ(waitForEnd(1, {5'000, 1}), "at");
    EXPECT_EQ(replayed(1), numbered(1, 5'000));
    EXPECT_EQ(lossesOf(1), Names{});
    safe.kill();
    ASSERT_TRUE(plugin->replay(2, from(1), {5'000, 1}));
    EXPECT_EQ(waitForEnd(2, {5'000, 1}), "failed");
    EXPECT_EQ(replayed(2), Names{});
}

TEST_F(RedisReplay, logsInAsLiveReadingDoes) {
    addNumbered("orders", 1, 5);
    redis_({"ACL", "SETUSER", "me", "on", ">hush-hush", "resetkeys", "%R~orders", "-@all", "+xread",
            "+xinfo|stream", "+multi", "+exec", "+time"});
    host_.set("/username", "me").set("/password", "hush-hush");
    auto plugin = runAt(redis_.url(), host_);
    ASSERT_TRUE(plugin->replay(1, from(2), {5, 1}));
    EXPECT_EQ(waitForEnd(1, {5, 1}), "at");
    EXPECT_EQ(replayed(1), numbered(2, 5));
    redis_({"ACL", "SETUSER", "me", "resetkeys"});
    ASSERT_TRUE(plugin->replay(2, from(2), {5, 1}));
    EXPECT_EQ(waitForEnd(2, {5, 1}), "failed");
}

TEST_F(RedisReplay, findsWhereAStreamStoodAtATime) {
    for (const char* id : {"1700000000000-0", "1700000000000-1", "1700000000500-0"})
        add("orders", id, "v");
    host_.set("/streams/1", "counted");
    addNumbered("counted", 1, 5);
    auto plugin = run({"orders", "counted"});
    const auto placesAt = [&](std::uint64_t question, std::int64_t timeMs) {
        EXPECT_TRUE(plugin->seek(question, timeMs, {"orders", "counted", "missing"}));
        Names found;
        EXPECT_TRUE(host_.wait([&](const Recording& all) {
            found.clear();
            for (const auto& call : all.of(Kind::Sought))
                if (call.replayId == question)
                    found.push_back(call.positions.empty() ? "" : textOf(call.positions.front()));
            return found.size() == 3;
        }));
        // Ids that are no times, and what is not there.
        EXPECT_EQ(found.at(1) + found.at(2), "");
        return found.at(0);
    };
    EXPECT_EQ(placesAt(1, 0), "0-0");
    EXPECT_EQ(placesAt(2, 1'700'000'000'000), "1700000000000-0");
    EXPECT_EQ(placesAt(3, 1'700'000'000'001), "1700000000001-0");
    EXPECT_EQ(placesAt(4, 1'800'000'000'000), "1700000000500-1");
    redis_({"XTRIM", "orders", "MAXLEN", "1"});
    EXPECT_EQ(placesAt(5, 1'700'000'000'000), "1700000000500-0");
}

TEST_F(RedisReplay, aQuestionToAServerThatIsAwayIsAnsweredWithNothing) {
    addNumbered("orders", 1, 5);
    auto plugin = run({"orders"});
    redis_.kill();
    ASSERT_TRUE(plugin->seek(1, 0, {"orders"}));
    ASSERT_TRUE(host_.wait([](const Recording& all) {
        const auto answers = all.of(Kind::Sought);
        return answers.size() == 1 && answers.front().positions.empty();
    }));
}

}  // namespace
}  // namespace sluice::test
