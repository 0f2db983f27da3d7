#include <algorithm>

#include "kafka/KafkaFixture.h"
#include "support/Patience.h"

namespace sluice::test {
namespace {

using Texts = std::vector<std::string>;

/// What every replay of Kafka does, whatever the broker.
class KafkaReplayTest : public KafkaTest {
  protected:
    /// Running from the end of the topic on: what it brings of the past is replayed.
    std::unique_ptr<PluginInstance> run(const std::string& topic, const std::string& brokers) {
        auto plugin = open(host_, {topic}, brokers);
        EXPECT_TRUE(plugin->start());
        EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
        return plugin;
    }
    std::unique_ptr<PluginInstance> run(const std::string& topic) {
        return run(topic, facts().bootstrap);
    }
    /// How it ended; "" if it did not.
    std::string waitForEnd(std::uint64_t id, std::uint64_t to,
                           std::chrono::milliseconds within = 20s) const {
        host_.wait([&](const Recording& all) { return !all.endOf(id, at(to)).empty(); }, within);
        return host_.recording().endOf(id, at(to));
    }
    Texts replayed(std::uint64_t id) const { return host_.recording().payloadsOf(id); }
    /// "2..7 lost" of a replay.
    Texts losses(std::uint64_t id) const {
        Texts found;
        for (const auto& call : host_.recording().of(Kind::Lost)) {
            if (call.replayId != id) continue;
            constexpr std::array kReasons{" lost", " reset", " failed"};
            found.push_back(std::to_string(call.from.first) + ".." + std::to_string(call.to.first) +
                            kReasons.at(call.number));
        }
        return found;
    }
};
class KafkaReplay : public KafkaReplayTest {};

TEST_F(KafkaReplay, sendsWhatLiesBetweenTwoOffsetsAndNothingElse) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2);
    admin().produceNumbered(topic, 1, "v", 0, 20);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(7, {topic, 1, 3}, at(12)));
    EXPECT_EQ(waitForEnd(7, 12), "at");
    EXPECT_EQ(replayed(7), numbered("v", 3, 9));
    EXPECT_EQ(host_.recording().of(Kind::At).back().to.first, 12U);
    EXPECT_EQ(losses(7), Texts{});
    const auto messages = host_.recording().messages;
    EXPECT_EQ(messages.front().position.first, 3U);
    EXPECT_EQ(messages.front().family, topic);
    EXPECT_EQ(messages.front().lane, 1U);
}

TEST_F(KafkaReplay, anEmptyRangeIsDoneAtOnce) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(0)));
    EXPECT_EQ(waitForEnd(1, 0), "at");
    EXPECT_EQ(replayed(1), Texts{});
}

TEST_F(KafkaReplay, manyLanesOfOneGroupShareAConnection) {
    constexpr std::uint32_t kLanes = 24;
    const std::string topic = freshTopic();
    admin().createTopic(topic, kLanes);
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
        admin().produceNumbered(topic, static_cast<std::int32_t>(lane), "v", 0, 50);
    auto plugin = run(topic);
    const std::size_t threads = threadsOfThisProcess();
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
        ASSERT_TRUE(plugin->replay(lane + 1, {topic, lane, lane}, at(50)));
    // Ours, and those of one client of librdkafka: one for itself and one for each broker it knows.
    EXPECT_LE(threadsOfThisProcess(), threads + 6);
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
        EXPECT_EQ(waitForEnd(lane + 1, 50), "at");
        const int first = static_cast<int>(lane);
        EXPECT_EQ(replayed(lane + 1), numbered("v", first, 50 - first));
    }
}

TEST_F(KafkaReplay, aPartitionThatIsAskedForTwiceIsReadTwice) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 2'000);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 10}, at(1'900), 1));
    ASSERT_TRUE(plugin->replay(2, {topic, 0, 0}, at(1'500), 1));
    ASSERT_TRUE(plugin->replay(3, {topic, 0, 500}, at(2'000), 2));
    EXPECT_EQ(waitForEnd(1, 1'900), "at");
    EXPECT_EQ(waitForEnd(2, 1'500), "at");
    EXPECT_EQ(waitForEnd(3, 2'000), "at");
    EXPECT_EQ(replayed(1), numbered("v", 10, 1'890));
    EXPECT_EQ(replayed(2), numbered("v", 0, 1'500));
    EXPECT_EQ(replayed(3), numbered("v", 500, 1'500));
}

TEST_F(KafkaReplay, ofTransactionsItSendsWhatWasCommitted) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    KafkaAdmin producer(facts().bootstrap, topic);
    const auto transaction = [&](const std::string& prefix, bool commits) {
        producer.beginTransaction();
        producer.produceNumbered(topic, 0, prefix, 0, 3);
        producer.endTransaction(commits);
    };
    transaction("a", true);   // 0..2, marker 3
    transaction("b", false);  // 4..6, marker 7
    transaction("c", true);   // 8..10, marker 11
    transaction("d", false);  // 12..14, marker 15
    auto plugin = run(topic);
    // It ends at the end, in an aborted transaction, at a marker and in front of aborted ones.
    for (const std::uint64_t to : {16, 14, 13, 12, 8, 7, 5, 4})
        ASSERT_TRUE(plugin->replay(to, {topic, 0, 1}, at(to), to));
    for (const std::uint64_t to : {16, 14, 13, 12}) {
        EXPECT_EQ(waitForEnd(to, to), "at");
        EXPECT_EQ(replayed(to), (Texts{"a1", "a2", "c0", "c1", "c2"}));
    }
    for (const std::uint64_t to : {8, 7, 5, 4}) {
        EXPECT_EQ(waitForEnd(to, to), "at");
        EXPECT_EQ(replayed(to), (Texts{"a1", "a2"}));
    }
    // Nothing but what is no record.
    ASSERT_TRUE(plugin->replay(100, {topic, 0, 12}, at(16)));
    EXPECT_EQ(waitForEnd(100, 16), "at");
    EXPECT_EQ(replayed(100), Texts{});
}

TEST_F(KafkaReplay, anOpenTransactionBehindItsEndDoesNotHoldIt) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 4);
    KafkaAdmin producer(facts().bootstrap, topic);
    producer.beginTransaction();
    producer.produceNumbered(topic, 0, "open", 0, 4);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(4)));
    EXPECT_EQ(waitForEnd(1, 4), "at");
    EXPECT_EQ(replayed(1), numbered("v", 0, 4));
    producer.endTransaction(false);
}

TEST_F(KafkaReplay, whatCompactionTookIsAHole) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 1,
                        {{"cleanup.policy", "compact"},
                         {"segment.bytes", "1048576"},
                         {"segment.ms", "100"},
                         {"min.cleanable.dirty.ratio", "0.001"},
                         {"max.compaction.lag.ms", "100"},
                         {"delete.retention.ms", "0"}});
    std::vector<KafkaRecord> records;
    for (int i = 0; i < 40; ++i)
        records.push_back(
            {.key = "k" + std::to_string(i % 4), .value = "v" + std::to_string(i), .headers = {}});
    admin().produce(topic, records);
    auto plugin = run(topic);
    // Every roll of a segment lets the cleaner have what lies before it.
    const auto until = std::chrono::steady_clock::now() + 30s * kPatience;
    std::uint64_t id = 0;
    Texts kept;
    while (std::chrono::steady_clock::now() < until) {
        admin().produce(topic, {{.key = "last", .value = "last", .headers = {}}});
        ++id;
        ASSERT_TRUE(plugin->replay(id, {topic, 0, 2}, at(40), id));
        ASSERT_EQ(waitForEnd(id, 40), "at");
        kept = replayed(id);
        if (kept == numbered("v", 36, 4)) break;
        std::this_thread::sleep_for(200ms);
    }
    EXPECT_EQ(kept, numbered("v", 36, 4));
    // From and up to the middle of the hole.
    ASSERT_TRUE(plugin->replay(1'000, {topic, 0, 5}, at(20)));
    EXPECT_EQ(waitForEnd(1'000, 20), "at");
    EXPECT_EQ(replayed(1'000), Texts{});
    EXPECT_EQ(losses(1'000), Texts{});
}

TEST_F(KafkaReplay, tellsWhatRetentionTookBeforeIt) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 20);
    admin().deleteRecords(topic, 0, 8);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 2}, at(12)));
    EXPECT_EQ(waitForEnd(1, 12), "at");
    EXPECT_EQ(losses(1), Texts{"2..8 lost"});
    EXPECT_EQ(replayed(1), numbered("v", 8, 4));
    // All of it.
    ASSERT_TRUE(plugin->replay(2, {topic, 0, 2}, at(7)));
    EXPECT_EQ(waitForEnd(2, 7), "lost");
    EXPECT_EQ(losses(2), Texts{"2..7 lost"});
}

TEST_F(KafkaReplay, tellsWhatRetentionTookUnderItsFeet) {
    const std::string topic = freshTopic();
    constexpr int kCount = 2'000;
    admin().createTopic(topic);
    const std::string filling(20'000, '.');  // 40 MB in all, of which 16 MiB are read ahead
    for (int i = 0; i < kCount; i += 50) admin().produceNumbered(topic, 0, filling, i, 50);
    auto plugin = run(topic);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(kCount)));
    ASSERT_TRUE(host_.waitForHeldPush());
    admin().deleteRecords(topic, 0, kCount - 5);
    host_.releaseReplays();
    EXPECT_EQ(waitForEnd(1, kCount), "at");
    ASSERT_EQ(losses(1).size(), 1U);
    const auto lost = host_.recording().of(Kind::Lost).back();
    EXPECT_EQ(lost.to.first, static_cast<std::uint64_t>(kCount - 5));
    EXPECT_EQ(replayed(1).size(), lost.from.first + 5);
}

TEST_F(KafkaReplay, anEndBelowWhatIsWantedIsAReset) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 5);
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 3}, at(30), 1));   // from below the end
    ASSERT_TRUE(plugin->replay(2, {topic, 0, 20}, at(30), 2));  // and from beyond it
    EXPECT_EQ(waitForEnd(1, 30), "reset");
    EXPECT_EQ(losses(1), Texts{"5..30 reset"});
    EXPECT_EQ(replayed(1), numbered("v", 3, 2));
    EXPECT_EQ(waitForEnd(2, 30), "reset");
    EXPECT_EQ(losses(2), Texts{"20..30 reset"});
}

TEST_F(KafkaReplay, aTopicThatGoesMeanwhileIsAReset) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 5'000);
    auto plugin = run(topic);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(10'000)));
    ASSERT_TRUE(host_.waitForHeldPush());
    admin().deleteTopic(topic);
    host_.releaseReplays();
    EXPECT_EQ(waitForEnd(1, 10'000), "reset");
}

TEST_F(KafkaReplay, aReaderThatHasEnoughHoldsUpNobody) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 3'000);
    auto plugin = run(topic);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(3'000), 1));
    ASSERT_TRUE(host_.waitForHeldPush());
    // Live reading goes on, and so do questions and other calls of the control thread.
    admin().produceNumbered(topic, 0, "live", 0, 3);
    ASSERT_TRUE(
        host_.wait([&](const Recording& all) { return all.payloads(topic, 0).size() == 3; }));
    ASSERT_TRUE(plugin->seek(9, 0, {topic}));
    ASSERT_TRUE(host_.wait([](const Recording& all) { return !all.of(Kind::Sought).empty(); }));
    const auto before = std::chrono::steady_clock::now();
    plugin->cancel(1);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 1s * kPatience);
    host_.releaseReplays();
    // Another replay of that group, and nothing more of the cancelled one.
    ASSERT_TRUE(plugin->replay(2, {topic, 0, 0}, at(3'000), 1));
    EXPECT_EQ(waitForEnd(2, 3'000), "at");
    EXPECT_EQ(replayed(2), numbered("v", 0, 3'000));
    EXPECT_EQ(replayed(1), Texts{});
    EXPECT_EQ(host_.recording().endOf(1, at(3'000)), "");
}

TEST_F(KafkaReplay, endsWithTheInput) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 3'000);
    auto plugin = run(topic);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(3'000), 1));
    ASSERT_TRUE(plugin->replay(2, {topic, 0, 0}, at(9'000), 2));  // waits for an end
    ASSERT_TRUE(host_.waitForHeldPush());
    host_.endReplay(1);  // as the host does before stop
    host_.endReplay(2);
    EXPECT_LT(plugin->stop(), 2s * kPatience);
    host_.seal();
    EXPECT_EQ(host_.callsAfterSeal(), 0U);
    EXPECT_FALSE(plugin->replay(3, {topic, 0, 0}, at(3'000)));
}

TEST_F(KafkaReplay, tooManyGroupsAreRefused) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produceNumbered(topic, 0, "v", 0, 10);
    auto plugin = run(topic);
    std::uint64_t id = 0;
    bool isRefused = false;
    host_.holdReplays();
    while (!isRefused && id < 100) {
        ++id;
        isRefused = !plugin->replay(id, {topic, 0, 0}, at(10), id);
    }
    EXPECT_EQ(id, 65U);
    for (std::uint64_t one = 1; one < id; ++one) plugin->cancel(one);
    host_.releaseReplays();
}

TEST_F(KafkaReplay, headersComeWhereTheyAreNeeded) {
    const std::string topic = freshTopic();
    admin().createTopic(topic);
    admin().produce(topic, {{.key = "k", .value = "v", .headers = {{"a", "1"}}}});
    auto plugin = run(topic);
    ASSERT_TRUE(plugin->replay(1, {topic, 0, 0}, at(1)));
    EXPECT_EQ(waitForEnd(1, 1), "at");
    EXPECT_EQ(host_.recording().messages.front().headers.size(), 1U);
    EXPECT_EQ(host_.recording().messages.front().key, "k");
}

TEST_F(KafkaReplay, findsWhereALaneStoodAtATime) {
    const std::string topic = freshTopic();
    admin().createTopic(topic, 2, {{"retention.ms", "-1"}});
    admin().produce(topic, {{.key = {}, .value = "a", .timeMs = 1'600'000'000'000, .headers = {}},
                            {.key = {}, .value = "b", .timeMs = 1'700'000'000'000, .headers = {}},
                            {.key = {}, .value = "c", .timeMs = 1'700'000'000'500, .headers = {}}});
    auto plugin = run(topic);
    const auto placesAt = [&](std::uint64_t question, std::int64_t timeMs) {
        EXPECT_TRUE(plugin->seek(question, timeMs, {topic, "unknown"}));
        const auto answers = [&](const Recording& all) {
            std::map<std::string, std::vector<sluice_position>> found;
            for (const auto& call : all.of(Kind::Sought))
                if (call.replayId == question) found[call.family] = call.positions;
            return found;
        };
        EXPECT_TRUE(host_.wait([&](const Recording& all) { return answers(all).size() == 2; }));
        auto found = answers(host_.recording());
        EXPECT_TRUE(found["unknown"].empty());
        std::vector<std::uint64_t> places;
        for (const auto& position : found[topic]) places.push_back(position.first);
        return places;
    };
    using Places = std::vector<std::uint64_t>;
    EXPECT_EQ(placesAt(1, 0), (Places{0, 0}));
    EXPECT_EQ(placesAt(2, 1'650'000'000'000), (Places{1, 0}));
    EXPECT_EQ(placesAt(3, 1'700'000'000'000), (Places{1, 0}));
    EXPECT_EQ(placesAt(4, 1'700'000'000'001), (Places{2, 0}));
    EXPECT_EQ(placesAt(5, 1'800'000'000'000), (Places{3, 0}));
    admin().deleteRecords(topic, 0, 2);
    EXPECT_EQ(placesAt(6, 1'650'000'000'000), (Places{2, 0}));
}

/// These stop their broker, so each has its own.
class KafkaReplayOutage : public KafkaReplayTest {
  protected:
    KafkaProcess kafka_;
    const std::string bootstrap_ = kafka_.facts().bootstrap;
};

TEST_F(KafkaReplayOutage, goesOnOverABrokerThatComesBackAndGivesUpOnOneThatDoesNot) {
    constexpr int kCount = 4'000;
    {
        KafkaAdmin admin(bootstrap_);
        admin.createTopic("t");
        const std::string filling(10'000, '.');  // 40 MB, of which 16 MiB are read ahead
        for (int i = 0; i < kCount; i += 100) admin.produceNumbered("t", 0, filling, i, 100);
    }
    host_.set("/replay_timeout", "10s");
    auto plugin = run("t", bootstrap_);
    host_.holdReplays();
    ASSERT_TRUE(plugin->replay(1, {"t", 0, 0}, at(kCount), 1));
    ASSERT_TRUE(host_.waitForHeldPush());
    kafka_.command("kill");
    host_.releaseReplays();
    kafka_.command("start");
    EXPECT_EQ(waitForEnd(1, kCount, 40s), "at");
    EXPECT_EQ(replayed(1).size(), static_cast<std::size_t>(kCount));
    EXPECT_EQ(losses(1), Texts{});
    kafka_.command("stop");
    ASSERT_TRUE(plugin->replay(2, {"t", 0, 0}, at(kCount), 2));
    EXPECT_EQ(waitForEnd(2, kCount, 50s), "failed");
    EXPECT_LT(plugin->stop(), PluginInstance::kStopDeadline);
}

}  // namespace
}  // namespace sluice::test
