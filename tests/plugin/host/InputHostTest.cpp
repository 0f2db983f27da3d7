#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "Patience.h"
#include "input/InputHost.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Waits, at most so long, until another thread has brought something about.
bool eventually(const std::function<bool()>& condition) {
    const auto until = steady_clock::now() + 20s * test::kPatience;
    while (!condition()) {
        if (steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

PluginLibrary& library() {
    static PluginLibrary library{{BAD_PLUGINS, GOOD_PLUGINS}};
    return library;
}

/// A node's inputs over a hub, with one input named `in`.
class InputHostTest : public testing::Test {
  protected:
    void open(const std::string& plugin, const std::map<std::string, std::string>& settings = {},
              PublishPolicy publish = {}) {
        InputOptions input;
        input.name = "in";
        input.plugin = plugin;
        for (const auto& [key, value] : settings) input.settings.set(key, value);
        input.rewind = 1s;
        inputs = {input};
        InputLimits limits;
        limits.stopDeadline = 50ms;
        limits.backOffFirst = 1ms;
        limits.backOffMax = 4ms;
        host.emplace(inputs, library(), table("all"), std::move(publish), limits, hub, clock);
    }
    std::shared_ptr<const MappingTable> table(std::string channel) {
        MappingOptions options;
        options.rules.push_back({"in", "{topic**}", std::move(channel), "", "", {}});
        std::vector<MappingError> errors;
        return MappingTable::compile(options, mappingInputs(inputs, library()), errors);
    }
    InputStatus status() const { return host->status().front(); }
    static Pattern channels(std::string_view text) { return *Pattern::parse(text, '/', nullptr); }

    SystemClock clock;
    Hub hub{{}, clock};
    std::vector<InputOptions> inputs;
    std::optional<InputHost> host;
};

// -- plugins that misbehave

TEST_F(InputHostTest, containsAPluginThatThrowsAndStartsItAgain) {
    open("throws");
    host->start();
    EXPECT_TRUE(eventually([&] { return status().counts.restarts >= 3; }));
    EXPECT_TRUE(eventually([&] { return status().health.state == InputState::Failed; }));
    host->stop(1s);
    EXPECT_EQ(status().health.state, InputState::Stopped);
}

TEST_F(InputHostTest, reportsAPluginThatFailsOnOpen) {
    open("failsOpen");
    host->start();
    EXPECT_TRUE(eventually([&] { return status().health.code == "refused-call"; }));
    EXPECT_TRUE(eventually([&] { return status().counts.restarts >= 2; }));
    EXPECT_FALSE(host->ready());
}

TEST_F(InputHostTest, survivesAFloodOfStatesAndLines) {
    open("floods");
    testing::internal::CaptureStderr();
    host->start();
    EXPECT_TRUE(eventually([&] { return hub.counts().appended == 1; }));
    host->stop(5s);
    const std::string lines = testing::internal::GetCapturedStderr();
    EXPECT_LT(std::count(lines.begin(), lines.end(), '\n'), 1'000);
    EXPECT_EQ(status().health.state, InputState::Stopped);
}

TEST_F(InputHostTest, showsNoPasswordThatAPluginTells) {
    open("tellsSecrets");
    testing::internal::CaptureStderr();
    host->start();
    EXPECT_TRUE(eventually([&] { return status().health.state == InputState::Degraded; }));
    EXPECT_EQ(status().health.text, "redis://u:*******@h is slow");
    host->stop(5s);
    const std::string lines = testing::internal::GetCapturedStderr();
    EXPECT_NE(lines.find("redis://u:*******@h again"), std::string::npos) << lines;
    EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
}

TEST_F(InputHostTest, givesUpAnInstanceThatBlocksInStop) {
    open("blocksStop");
    host->start();
    EXPECT_TRUE(eventually([&] { return status().health.state == InputState::Running; }));
    const auto began = steady_clock::now();
    host->stop(10ms);
    EXPECT_LT(steady_clock::now() - began, 5s * test::kPatience);
    EXPECT_EQ(status().abandoned, 1u);
    EXPECT_TRUE(host->gaveUp());
}

TEST_F(InputHostTest, nothingThatIsPushedAfterStopGetsIn) {
    open("pushesLate");
    host->start();
    EXPECT_TRUE(eventually([&] { return hub.counts().appended > 0; }));
    host->stop(1s);
    const std::uint64_t appended = hub.counts().appended;
    EXPECT_TRUE(eventually([&] { return status().counts.breaches >= 1'000; }));
    EXPECT_EQ(hub.counts().appended, appended);
}

TEST_F(InputHostTest, refusesCallsThatBreakTheContractAndTakesTheNextGoodOne) {
    open("breaksCalls");
    host->start();
    // The books follow what they count.
    EXPECT_TRUE(eventually([&] { return status().counts.received == 1; }));
    EXPECT_EQ(hub.counts().appended, 1u);
    EXPECT_EQ(status().counts.breaches, 4u);
}

TEST_F(InputHostTest, startsAnInstanceThatFailedAgain) {
    open("failsOnce");
    host->start();
    EXPECT_TRUE(eventually([&] { return hub.counts().appended == 1; }));
    EXPECT_TRUE(eventually([&] { return status().health.state == InputState::Running; }));
    EXPECT_EQ(status().counts.restarts, 1u);
}

// -- the ticker through the whole host

TEST_F(InputHostTest, carriesMessagesOfALaneFromItsBeginning) {
    open("ticker",
         {{"rate", "100000"}, {"count", "500"}, {"replayable", "true"}, {"partitions", "3"}});
    host->start();
    EXPECT_TRUE(eventually([&] { return status().counts.mapped == 500; }));
    EXPECT_TRUE(eventually([&] { return host->ready(); }));
    EXPECT_EQ(status().lanes, 3u);
    EXPECT_EQ(status().lag, 0u);
    EXPECT_TRUE(status().replayable);
    EXPECT_EQ(hub.counts().appended, 500u);
}

TEST_F(InputHostTest, asksTheSourceForItsEnds) {
    open("ticker", {{"rate", "1000"}, {"count", "7"}, {"replayable", "true"}});
    host->start();
    EXPECT_TRUE(eventually([&] { return status().lanes == 1; }));
    const std::uint32_t hash = hub.lanes()->families[0].hash;
    const auto ask = [&] {
        std::promise<SourceEnds> answer;
        host->query({hash, 12345}, [&](SourceEnds ends) { answer.set_value(std::move(ends)); });
        return answer.get_future().get();
    };
    SourceEnds ends;
    EXPECT_TRUE(eventually([&] { return (ends = ask()).find(hash) != nullptr; }));
    EXPECT_EQ(ends.families.size(), 1u);
    EXPECT_EQ(ends.find(hash)->lanes.at(0).end.first, 7u);
    host->stop(1s);
    EXPECT_TRUE(ask().families.empty());
}

TEST_F(InputHostTest, knowsWhichInputsFeedAChannel) {
    open("ticker", {{"rate", "1000"}, {"replayable", "true"}});
    host->start();
    EXPECT_TRUE(eventually([&] { return status().lanes == 1; }));
    const Family family = hub.lanes()->families[0];
    EXPECT_TRUE(host->mayFeed(family, channels("all")));
    EXPECT_FALSE(host->mayFeed(family, channels("none")));
    EXPECT_TRUE(host->plainInputs(channels("all")).empty());
}

TEST_F(InputHostTest, anInstanceWithoutPositionsFeedsThePlainLane) {
    PublishPolicy publish;
    publish.enabled = true;
    open("ticker", {{"rate", "1000"}}, std::move(publish));
    host->start();
    EXPECT_EQ(host->plainInputs(channels("all")), (std::vector<std::string>{"in", "http"}));
    EXPECT_EQ(host->plainInputs(channels("none")), std::vector<std::string>{"http"});
    EXPECT_TRUE(eventually([&] { return status().counts.mapped > 10; }));
}

TEST_F(InputHostTest, swapsTheMappingsWhileMessagesCome) {
    open("ticker", {{"rate", "100000"}, {"replayable", "true"}});
    host->start();
    EXPECT_TRUE(eventually([&] { return status().counts.mapped > 100; }));
    const std::uint64_t version = host->version();
    host->reload(inputs, library(), table("other"));
    EXPECT_GT(host->version(), version);
    EXPECT_TRUE(eventually([&] { return hub.channels("other", 1).size() == 1; }));
    host->stop(1s);
    const InputCounts books = status().counts;
    EXPECT_EQ(books.received, books.mapped + books.filtered + books.unmatched + books.redelivered +
                                  books.rejectedInAll());
    EXPECT_EQ(hub.counts().appended, books.mapped);
}

TEST_F(InputHostTest, showsItselfAsJson) {
    PublishPolicy publish;
    publish.enabled = true;
    open("ticker", {}, std::move(publish));
    const std::string json = inputsJson(host->status());
    EXPECT_EQ(json.find(R"({"inputs":[{"name":"in","plugin":"ticker","version":"1.0.0",)"
                        R"("state":"stopped")"),
              0u);
    EXPECT_NE(json.find(R"({"name":"http")"), std::string::npos);
}

TEST_F(InputHostTest, refusesANameThatIsTaken) {
    open("ticker");
    const auto mappings = table("all");
    const std::vector<InputOptions> twice{inputs[0], inputs[0]};
    EXPECT_THROW(InputHost(twice, library(), mappings, {}, {}, hub, clock), std::invalid_argument);
    inputs[0].name = "http";
    EXPECT_THROW(InputHost(inputs, library(), mappings, {}, {}, hub, clock), std::invalid_argument);
}

}  // namespace
}  // namespace sluice
