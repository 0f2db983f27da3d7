#include "redis/RedisFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

class RedisStreams : public RedisTest {
  protected:
    std::int64_t serverMs() {
        const std::string time = redis_({"TIME"});
        return std::stoll(time.substr(0, time.find(' '))) * 1'000;
    }
    std::optional<std::string> payloadOf(const std::string& id) const {
        for (const RecordedMessage& message : host_.recording().messages)
            if (message.variables.at("id") == id) return message.payload;
        return std::nullopt;
    }
};

TEST_F(RedisStreams, readsWhatComes) {
    addNumbered("orders", 1, 3);
    streams({"orders"});
    auto plugin = run({"orders"});
    EXPECT_TRUE(host_.recording().of(Kind::Plain).empty());
    ASSERT_EQ(host_.recording().of(Kind::PlainExcept).size(), 1U);
    EXPECT_EQ(host_.recording().of(Kind::PlainExcept)[0].text, "orders");
    addNumbered("orders", 4, 5);
    ASSERT_TRUE(waitForIds("orders", numbered(4, 5)));
    const RecordedMessage message = host_.recording().messages.front();
    EXPECT_TRUE(message.hasLane);
    EXPECT_EQ(message.family, "orders");
    EXPECT_EQ(textOf(message.position), "4-0");
    EXPECT_EQ(message.payload, R"({"v":"v4"})");
    EXPECT_EQ(message.timeMs, std::nullopt);  // 4 ms after the beginning of 1970: no time
    const auto lane = declared("orders");
    ASSERT_EQ(lane.size(), 1U);
    EXPECT_EQ(textOf(lane[0].low), "0-0");  // nothing was ever taken away
    EXPECT_EQ(textOf(lane[0].end), "3-1");
    EXPECT_EQ(textOf(lane[0].start), "3-1");
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, whoeverOnlyLooksJoinsNoGroup) {
    addNumbered("orders", 1, 3);
    streams({"orders"});
    host_.set("/group/name", "workers").set("/group/consumer", "me").set("/start", "earliest");
    host_.observe();
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    EXPECT_TRUE(host_.recording().messages.front().hasLane);
    EXPECT_EQ(redis_({"XINFO", "GROUPS", "orders"}), "");
}

TEST_F(RedisStreams, idsAreTimes) {
    streams({"orders"});
    redis_({"XADD", "orders", "*", "v", "0"});
    auto plugin = run({"orders"});
    const std::int64_t before = serverMs();
    redis_({"XADD", "orders", "*", "v", "1"});
    ASSERT_TRUE(host_.waitForMessages(1));
    const auto timeMs = host_.recording().messages.front().timeMs;
    ASSERT_TRUE(timeMs);
    EXPECT_GE(*timeMs, before);
    EXPECT_LE(*timeMs, before + 10'000);
}

TEST_F(RedisStreams, startsAtTheEarliest) {
    addNumbered("orders", 1, 5);
    redis_({"XTRIM", "orders", "MAXLEN", "3"});
    streams({"orders"});
    host_.set("/start", "earliest");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(3, 5)));
    EXPECT_EQ(textOf(declared("orders")[0].low), "3-0");
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, startsAtATime) {
    const std::int64_t now = serverMs();
    for (const std::int64_t ago : {3'600'000, 600'000, 60'000})
        add("orders", std::to_string(now - ago), "v");
    streams({"orders"});
    host_.set("/start", "since:-15min");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds(
        "orders", {std::to_string(now - 600'000) + "-0", std::to_string(now - 60'000) + "-0"}));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, warmStartGoesBackByRewind) {
    const std::int64_t now = serverMs();
    for (const std::int64_t ago : {600'000, 60'000, 1'000})
        add("orders", std::to_string(now - ago), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(waitForIds(
        "orders", {std::to_string(now - 60'000) + "-0", std::to_string(now - 1'000) + "-0"}));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, warmStartOfAYoungStreamTakesAllOfIt) {
    add("orders", std::to_string(serverMs() - 1'000), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, warmStartOfATrimmedStreamTakesWhatIsThere) {
    const std::int64_t now = serverMs();
    for (const std::int64_t ago : {3'000, 2'000, 1'000})
        add("orders", std::to_string(now - ago), "v");
    redis_({"XTRIM", "orders", "MAXLEN", "2"});
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, warmStartOfAQuietStreamGoesBackFromItsEnd) {
    const std::int64_t dayAgo = serverMs() - 86'400'000;
    for (const std::int64_t ago : {600'000, 60'000, 0})
        add("orders", std::to_string(dayAgo - ago), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(waitForIds(
        "orders", {std::to_string(dayAgo - 60'000) + "-0", std::to_string(dayAgo) + "-0"}));
    EXPECT_EQ(losses(), Names{});
}

// A reader who has all up to the last entry before, on another node, misses nothing.
TEST_F(RedisStreams, warmStartBeginsRightBehindTheEntryBefore) {
    const std::int64_t now = serverMs();
    for (const std::int64_t ago : {600'000, 60'000}) add("orders", std::to_string(now - ago), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(textOf(declared("orders")[0].start), std::to_string(now - 600'000) + "-1");
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, warmStartOfAStreamThatWasEmptyBeginsAtItsBeginning) {
    add("orders", std::to_string(serverMs() - 60'000), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 30s));
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(textOf(declared("orders")[0].start), "0-0");
}

TEST_F(RedisStreams, idsAheadOfTheClockDoNotHideWhatRewindBrings) {
    const std::int64_t now = serverMs();
    add("orders", std::to_string(now - 60'000), "v");
    add("orders", std::to_string(now + 86'400'000), "v");
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForMessages(2));
}

TEST_F(RedisStreams, goesOnAtItsPositions) {
    addNumbered("orders", 1, 9);
    streams({"orders"});
    host_.set("/start", "earliest");
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({{"orders", 0, 5, 1}}, 2min));
    ASSERT_TRUE(waitForIds("orders", numbered(6, 9)));
    EXPECT_EQ(textOf(declared("orders")[0].start), "5-1");
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, goesOnBehindTheLastSequenceNumberOfAMillisecond) {
    const std::string last = "7-18446744073709551615";
    add("orders", "7-18446744073709551614", "a");
    streams({"orders"});
    auto plugin = run({"orders"});
    EXPECT_EQ(textOf(declared("orders")[0].end), last);
    add("orders", last, "b");
    add("orders", "8-0", "c");
    ASSERT_TRUE(waitForIds("orders", {last, "8-0"}));
    // The position behind it has the next millisecond.
    RecordingHost again;
    again.set("/streams/0", "orders");
    auto second = open(again, {"orders"}, redis_.url());
    ASSERT_TRUE(second->start({{"orders", 0, 8, 0}}));
    ASSERT_TRUE(again.waitForMessages(1));
    EXPECT_EQ(ids(again.recording(), "orders"), Names{"8-0"});
    EXPECT_EQ(losses(again.recording()), Names{});
}

TEST_F(RedisStreams, oneThatComesLaterIsReadFromItsBeginning) {
    streams({"orders"});
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "stream-missing"));
    addNumbered("orders", 1, 3);
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
    EXPECT_EQ(textOf(declared("orders")[0].start), "0-0");
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisStreams, aPatternTakesThoseThatAreThereAndThoseThatCome) {
    addNumbered("orders:eu", 1, 2);
    addNumbered("orders:eu:old", 1, 2);  // another level
    redis_({"SET", "orders:string", "x"});
    streams({"orders:{region}"});
    host_.set("/scan_interval", "200ms").set("/start", "earliest");
    auto plugin = run({"orders:{region}"});
    ASSERT_TRUE(waitForIds("orders:eu", numbered(1, 2)));
    addNumbered("orders:us", 1, 3);
    ASSERT_TRUE(waitForIds("orders:us", numbered(1, 3)));
    EXPECT_TRUE(declared("orders:eu:old").empty());
    EXPECT_TRUE(declared("orders:string").empty());
    EXPECT_EQ(redis_({"PUBSUB", "NUMPAT"}), "0");  // all that it takes are streams
}

TEST_F(RedisStreams, aPatternMayTakeStreamsAndChannels) {
    streams({"orders:eu"});
    addNumbered("orders:eu", 1, 1);
    auto plugin = run({"orders:{region}"});
    add("orders:eu", "2-0", "entry");
    publish("orders:us", "message");
    publish("orders:eu", "not meant: a stream has this name");
    publish("orders:us", "end");
    ASSERT_TRUE(
        host_.wait([](const Recording& recording) { return recording.messages.size() == 3; }));
    EXPECT_EQ(ids("orders:eu"), Names{"2-0"});
    EXPECT_TRUE(host_.recording().of(Kind::Lost).empty());
}

TEST_F(RedisStreams, theDatabaseCounts) {
    redis_({"SELECT", "2"});
    addNumbered("orders", 1, 1);
    streams({"orders"});
    host_.set("/start", "earliest").set("/db", "2");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 1)));
}

TEST_F(RedisStreams, thePayloadIsTheObjectOfAllFields) {
    streams({"orders"});
    host_.set("/start", "earliest");
    redis_({"XADD", "orders", "1-0", "id", "o1", "amount", "9.50", "note", "\"a\\b\"\n\x01grün"});
    redis_({"XADD", "orders", "2-0", "same", "old", "x", "1", "same", "new"});
    redis_({"XADD", "orders", "3-0", "bin", std::string("\0\xff", 2), "\xfe", "v", "", ""});
    auto plugin = run({"orders"});
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(payloadOf("1-0"), R"({"id":"o1","amount":"9.50","note":"\"a\\b\"\n\u0001grün"})");
    EXPECT_EQ(payloadOf("2-0"), R"({"x":"1","same":"new"})");
    EXPECT_EQ(payloadOf("3-0"), R"({"bin":{"base64":"AP8="},"base64:/g==":"v","":""})");
}

TEST_F(RedisStreams, thePayloadMayBeOneField) {
    streams({"orders"});
    host_.set("/start", "earliest").set("/payload_field", "body");
    const std::string bytes("{\"a\":1}\0\xff", 9);
    redis_({"XADD", "orders", "1-0", "type", "paid", "body", bytes, "by", "me"});
    redis_({"XADD", "orders", "2-0", "type", "none"});
    auto plugin = run({"orders"});
    ASSERT_TRUE(host_.waitForMessages(2));
    const Recording recording = host_.recording();
    EXPECT_EQ(recording.messages[0].payload, bytes);
    using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;
    EXPECT_EQ(recording.messages[0].headers, (Headers{{"type", "paid"}, {"by", "me"}}));
    EXPECT_EQ(recording.messages[1].payload, "");
    EXPECT_EQ(recording.of(Kind::Log).size(), 1U);
}

TEST_F(RedisStreams, queriesAreAnsweredAtOnceAndAfresh) {
    addNumbered("orders", 1, 3);
    streams({"orders"});
    auto plugin = run({"orders"});
    redis_({"SET", "held", "x"});
    addNumbered("orders", 4, 4);
    ASSERT_TRUE(waitForIds("orders", numbered(4, 4)));
    redis_({"XADD", "orders", "9-0", "v", "9"});
    ASSERT_TRUE(waitForIds("orders", {"4-0", "9-0"}));
    const auto before = std::chrono::steady_clock::now();
    ASSERT_TRUE(plugin->query({"orders"}));
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return textOf(recording.of(Kind::Lanes).back().ends[0].end) == "9-1";
    }));
    EXPECT_LT(std::chrono::steady_clock::now() - before, 500ms * kPatience);
    const auto answer = host_.recording().of(Kind::Lanes).back().ends[0];
    EXPECT_EQ(answer.flags, SLUICE_ENDS_KNOWN);
    EXPECT_EQ(textOf(answer.low), "0-0");
    redis_({"DEL", "orders"});
    ASSERT_TRUE(plugin->query({"orders"}));
    ASSERT_TRUE(host_.wait(
        [](const Recording& recording) { return recording.of(Kind::Lanes).back().ends.empty(); }));
}

TEST_F(RedisStreams, otherPatternsAreTakenUp) {
    addNumbered("a", 1, 1);
    addNumbered("b", 1, 1);
    streams({"a", "b"});
    auto plugin = run({"a"});
    ASSERT_TRUE(plugin->watch({"b"}));
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        const auto calls = recording.of(Kind::Lanes);
        return !calls.empty() && calls.back().family == "b";
    }));
    addNumbered("a", 2, 2);
    addNumbered("b", 2, 2);
    ASSERT_TRUE(waitForIds("b", numbered(2, 2)));
    EXPECT_EQ(ids("a"), Names{});
}

TEST_F(RedisStreams, manyStreamsAreReadTogether) {
    constexpr int kStreams = 500;
    std::vector<Words> commands;
    for (int i = 0; i < kStreams; ++i)
        for (int n = 1; n <= 20; ++n)
            commands.push_back({"XADD", "s:" + std::to_string(i), std::to_string(n) + "-0", "v",
                                std::to_string(n)});
    redis_.all(commands);
    streams({"s:{n}"});
    host_.set("/start", "earliest");
    auto plugin = run({"s:{n}"});
    ASSERT_TRUE(host_.waitForMessages(kStreams * 20));
    EXPECT_EQ(ids("s:123"), numbered(1, 20));
    redis_({"XADD", "s:321", "21-0", "v", "21"});
    ASSERT_TRUE(waitForIds("s:321", numbered(1, 21)));
    EXPECT_EQ(losses(), Names{});
}

}  // namespace
}  // namespace sluice::test
