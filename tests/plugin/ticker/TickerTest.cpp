#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Settings = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

/// A running ticker.
struct Ticker {
    explicit Ticker(const Settings& settings) {
        for (const auto& [pointer, value] : settings) host.set(pointer, value);
        isOpen = plugin.open();
    }
    /// Starts, waits for so many messages, stops.
    std::vector<RecordedMessage> read(std::size_t count, std::chrono::milliseconds rewind = 0ms) {
        plugin.watch({"tick"});
        plugin.start({}, rewind);
        EXPECT_TRUE(host.waitForMessages(count));
        plugin.stop();
        EXPECT_TRUE(host.breaches().empty());
        return host.recording().messages;
    }

    RecordingHost host;
    PluginInstance plugin{TICKER, host};
    bool isOpen = false;
};

std::string textOf(const RecordedMessage& message) {
    return message.topic + " " + message.key.value_or("-") + " " + message.payload.value_or("-");
}

Strings textsOf(const std::vector<RecordedMessage>& messages) {
    Strings texts;
    for (const RecordedMessage& message : messages) texts.push_back(textOf(message));
    return texts;
}

TEST(Ticker, equalSeedsGiveEqualMessages) {
    const Settings settings{{"/rate", "100000"}, {"/count", "200"}, {"/seed", "5"}};
    const Strings first = textsOf(Ticker{settings}.read(200));
    EXPECT_EQ(first.size(), 200u);
    EXPECT_EQ(textsOf(Ticker{settings}.read(200)), first);
    EXPECT_NE(textsOf(Ticker{{{"/rate", "100000"}, {"/count", "200"}, {"/seed", "6"}}}.read(200)),
              first);
}

TEST(Ticker, countsEachTopicFromZeroInTurn) {
    const auto messages =
        Ticker{{{"/rate", "100000"}, {"/count", "6"}, {"/channels", "3"}, {"/shape", "counter"}}}
            .read(6);
    ASSERT_EQ(messages.size(), 6u);
    EXPECT_EQ(messages[0].topic, "tick.0");
    EXPECT_EQ(messages[2].topic, "tick.2");
    EXPECT_EQ(messages[2].payload, R"({"n":0})");
    EXPECT_EQ(messages[5].payload, R"({"n":1})");
}

/// The status in an order's payload, REFUND for a tombstone.
std::string statusOf(const RecordedMessage& message) {
    if (!message.payload) return "REFUND";
    const std::size_t begin = message.payload->find(R"("status":")") + 10;
    return message.payload->substr(begin, message.payload->find('"', begin) - begin);
}

TEST(Ticker, ordersGoThroughTheirLifeAndSomeAreRefunded) {
    std::map<std::string, Strings> lives;
    for (const RecordedMessage& message :
         Ticker{{{"/rate", "100000"}, {"/count", "400"}, {"/keys", "1000"}, {"/refunds", "5"}}}
             .read(400))
        lives[*message.key].push_back(statusOf(message));
    std::size_t delivered = 0, refunded = 0;
    for (const auto& [key, life] : lives) {
        if (life.front() != "NEW" || life.size() < 4) continue;  // cut by the begin or the end
        delivered += life == Strings{"NEW", "PAID", "SHIPPED", "DELIVERED"};
        refunded += life == Strings{"NEW", "PAID", "SHIPPED", "REFUND"};
        EXPECT_EQ(life.size(), 4u) << key;
    }
    EXPECT_GT(refunded, 10u);
    EXPECT_GT(delivered, 3 * refunded);
}

TEST(Ticker, withFewKeysOrdersTakeTheirNamesAgain) {
    std::set<std::string> keys;
    for (const RecordedMessage& message :
         Ticker{{{"/rate", "100000"}, {"/count", "50"}, {"/keys", "2"}}}.read(50))
        keys.insert(*message.key);
    EXPECT_EQ(keys, (std::set<std::string>{"o-0", "o-1"}));
}

TEST(Ticker, everyShapeBeginsWithItsNumber) {
    for (const char* shape : {"orders", "prices", "sensors", "flights"}) {
        const auto messages =
            Ticker{{{"/rate", "100000"}, {"/count", "50"}, {"/shape", shape}}}.read(50);
        for (std::size_t n = 0; n < messages.size(); ++n) {
            const std::string& payload = *messages[n].payload;
            EXPECT_TRUE(payload.starts_with("{\"n\":" + std::to_string(n) + ",\"")) << payload;
            EXPECT_TRUE(payload.ends_with('}')) << payload;
        }
    }
}

TEST(Ticker, oneSensorGrowsHotAndOneFallsSilent) {
    std::size_t silent = 0, hot = 0;
    for (const RecordedMessage& message : Ticker{
             {{"/rate", "1000000"},
              {"/count", "40000"},
              {"/keys", "144"},
              {"/shape", "sensors"}}}.read(40'000)) {
        const bool isSilent = message.payload->find(R"("online":false)") != std::string::npos;
        EXPECT_TRUE(!isSilent || message.key == "s-13");
        silent += isSilent;
        const std::size_t at = message.payload->find(R"("celsius":)");
        const bool isHot = !isSilent && std::stod(message.payload->substr(at + 10)) > 38;
        EXPECT_TRUE(!isHot || message.key == "s-67") << *message.payload;
        hot += isHot;
    }
    EXPECT_GT(silent, 0u);
    EXPECT_GT(hot, 0u);
}

TEST(Ticker, takesNamesOfTopics) {
    const auto messages =
        Ticker{{{"/count", "2"}, {"/rate", "1000"}, {"/topics/0", "a"}, {"/topics/1", "b"}}}.read(
            2);
    EXPECT_EQ(messages[0].topic, "a");
    EXPECT_EQ(messages[1].topic, "b");
}

TEST(Ticker, writesWhenAMessageWasDueAndPadsIt) {
    const auto messages =
        Ticker{{{"/rate", "1000"}, {"/count", "5"}, {"/scheduled", "true"}, {"/size", "300"}}}.read(
            5);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::string& payload = *messages[i].payload;
        EXPECT_EQ(payload.size(), 300u);
        const std::string begin = "{\"seq\":" + std::to_string(i) + ",\"due\":";
        ASSERT_TRUE(payload.starts_with(begin)) << payload;
        const std::int64_t due = std::stoll(payload.substr(begin.size()));
        if (i == 0) first = due;
        EXPECT_EQ(due, first + static_cast<std::int64_t>(i) * 1'000);
        EXPECT_EQ(messages[i].timeMs, due / 1'000);
    }
}

TEST(Ticker, paddingIsExactForEverySize) {
    for (int size = 20; size < 60; ++size) {
        const auto messages = Ticker{{{"/rate", "1000"},
                                      {"/count", "1"},
                                      {"/shape", "counter"},
                                      {"/size", std::to_string(size)}}}
                                  .read(1);
        EXPECT_EQ(messages.at(0).payload->size(), static_cast<std::size_t>(size));
        EXPECT_EQ(messages.at(0).payload->back(), '}');
    }
}

TEST(Ticker, withoutPositionsItSaysThatItIsPlain) {
    Ticker plain{{{"/rate", "1000"}}};
    EXPECT_EQ(plain.host.recording().of(RecordedCall::Kind::Plain).size(), 1u);
    EXPECT_FALSE(plain.read(1).at(0).hasLane);
    Ticker replayable{{{"/rate", "1000"}, {"/replayable", "true"}}};
    EXPECT_TRUE(replayable.host.recording().of(RecordedCall::Kind::Plain).empty());
    EXPECT_TRUE(replayable.read(1).at(0).hasLane);
}

TEST(Ticker, allNodesReadTheSameEndlessLanes) {
    const Settings settings{{"/rate", "500"}, {"/replayable", "true"}, {"/partitions", "2"}};
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> first;
    for (const RecordedMessage& message : Ticker{settings}.read(1'000, 2s))
        first[{message.lane, message.position.first}] = textOf(message);
    std::size_t common = 0;
    for (const RecordedMessage& message : Ticker{settings}.read(1'000, 2s)) {
        const auto found = first.find({message.lane, message.position.first});
        if (found == first.end()) continue;
        ++common;
        EXPECT_EQ(found->second, textOf(message));
    }
    EXPECT_GT(common, 100u);
}

TEST(Ticker, aFiniteSourceWithPositionsIsThereAsAWhole) {
    Ticker ticker{{{"/rate", "2000"}, {"/count", "40"}, {"/replayable", "true"}}};
    EXPECT_EQ(ticker.read(40).size(), 40u);
    const auto lanes = ticker.host.recording().of(RecordedCall::Kind::Lanes);
    ASSERT_EQ(lanes.size(), 1u);
    EXPECT_EQ(lanes[0].ends.at(0).end.first, 40u);
    EXPECT_EQ(lanes[0].ends.at(0).start.first, 0u);
    EXPECT_FALSE(lanes[0].incarnation.empty());
}

TEST(Ticker, aQueryForATopicThatItDoesNotHaveSaysSo) {
    Ticker ticker{{{"/rate", "1000"}, {"/replayable", "true"}}};
    ticker.plugin.start();
    ticker.plugin.query({"nothing"});
    const auto lanes = ticker.host.recording().of(RecordedCall::Kind::Lanes);
    EXPECT_EQ(lanes.back().family, "nothing");
    EXPECT_TRUE(lanes.back().ends.empty());
}

TEST(Ticker, refusesSettingsThatCannotBe) {
    for (const auto& [pointer, value] :
         std::vector<std::pair<std::string, std::string>>{{"/rate", "fast"},
                                                          {"/rate", "0"},
                                                          {"/channels", "0"},
                                                          {"/shape", "round"},
                                                          {"/refunds", "-1"},
                                                          {"/keep", "long"},
                                                          {"/size", "-1"}}) {
        Ticker ticker{{{pointer, value}}};
        EXPECT_FALSE(ticker.isOpen) << pointer;
        EXPECT_FALSE(ticker.plugin.check());
        EXPECT_EQ(ticker.host.recording().of(RecordedCall::Kind::SettingError).at(0).code, pointer);
    }
    EXPECT_FALSE((Ticker{{{"/replayable", "true"}, {"/channels", "2000"}}}.isOpen));
}

}  // namespace
}  // namespace sluice::test
