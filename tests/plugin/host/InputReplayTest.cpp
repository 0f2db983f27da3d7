#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "Patience.h"
#include "input/InputHost.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

PluginLibrary& library() {
    static PluginLibrary library{{BAD_PLUGINS, GOOD_PLUGINS}};
    return library;
}

/// What the host makes of a plugin that reads a lane again, well or badly.
class InputReplayTest : public testing::Test {
  protected:
    void TearDown() override {
        reader.reset();
        if (host) host->stop(5s);
    }
    /// A node whose input has read 8 and 9 of ten messages of a lane.
    void open(const std::string& mode) {
        InputOptions input;
        input.name = "in";
        input.plugin = "replays";
        input.settings.set("mode", mode);
        inputs = {input};
        InputLimits limits;
        limits.backOffFirst = 1ms;
        limits.backOffMax = 4ms;
        limits.replayPatience = patience;
        host.emplace(inputs, library(), table("all"), PublishPolicy{}, limits, hub, clock, bounds);
        host->start();
        ASSERT_TRUE(eventually([&] { return hub.counts().appended == 2; }));
    }
    std::shared_ptr<const MappingTable> table(std::string channel) {
        MappingOptions options;
        options.rules.push_back({"in", "{topic**}", std::move(channel), "", "", {}});
        std::vector<MappingError> errors;
        return MappingTable::compile(options, mappingInputs(inputs, library()), errors);
    }
    static bool eventually(const std::function<bool()>& condition) {
        const auto until = steady_clock::now() + 20s * test::kPatience;
        while (!condition()) {
            if (steady_clock::now() > until) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }
    /// Asks for [from, 10) of the lane.
    ReplaySource::Refused ask(std::unique_ptr<ReplayReader>& into, std::uint64_t from = 0) {
        const LaneIndex lane = hub.lanes()->families.front().lanes.front();
        const std::vector<ReplayLeg> legs{{lane, {{from, 0}, 0}, {{10, 0}, 0}}};
        return host->replays().replay({channels, legs, nullptr}, into);
    }
    /// Reads until nothing is to come any more: data of events, and what else there was.
    std::string readAll() {
        std::string text;
        EXPECT_TRUE(eventually([&] {
            const ReplayView& view = reader->view();
            for (const ReplayItem* const item : view.items) {
                text += text.empty() ? "" : " ";
                switch (item->kind) {
                    case ReplayItem::Kind::Event:
                        text += item->event.lines().substr(7, 1);
                        break;
                    case ReplayItem::Kind::Nothing:
                        text += "nothing";
                        break;
                    case ReplayItem::Kind::Expired:
                        text += "expired";
                        break;
                    case ReplayItem::Kind::Reset:
                        text += "reset";
                        break;
                    case ReplayItem::Kind::Failed:
                        text += "failed";
                        break;
                }
            }
            reader->release(view.items.size());
            return reader->view().legs.empty();
        })) << text;
        return text;
    }
    InputStatus status() const { return host->status().front(); }

    const std::vector<std::string> channels{"all"};
    std::chrono::milliseconds patience = 60s;
    ReplayOptions bounds;
    SystemClock clock;
    Hub hub{{}, clock};
    std::vector<InputOptions> inputs;
    std::optional<InputHost> host;
    std::unique_ptr<ReplayReader> reader;
};

TEST_F(InputReplayTest, bringsWhatItsSourceStillHas) {
    open("");
    EXPECT_TRUE(ask(reader).empty());
    EXPECT_EQ(readAll(), "0 1 2 3 4 5 6 7 8 9");
    EXPECT_EQ(status().replays.running, 0u);
    EXPECT_EQ(status().replays.messages, 10u);
    EXPECT_EQ(hub.counts().appended, 2u) << "nothing of it goes into the logs";
    EXPECT_EQ(status().counts.mapped, 2u) << "nor into the books";
}

TEST_F(InputReplayTest, bringsNothingOfOtherChannels) {
    open("");
    const std::vector<std::string> others{"others"};
    const LaneIndex lane = hub.lanes()->families.front().lanes.front();
    const std::vector<ReplayLeg> legs{{lane, {}, {{10, 0}, 0}}};
    EXPECT_TRUE(host->replays().replay({others, legs, nullptr}, reader).empty());
    const std::string text = readAll();
    EXPECT_EQ(text.find_first_not_of("nothing "), std::string::npos) << text;
}

TEST_F(InputReplayTest, tellsWhatTheSourceDropped) {
    open("expires");
    ask(reader);
    EXPECT_EQ(readAll(), "expired 3 4 5 6 7 8 9");
}

TEST_F(InputReplayTest, tellsThatTheSourceEndsBelow) {
    open("resets");
    ask(reader);
    EXPECT_EQ(readAll(), "0 reset");
}

TEST_F(InputReplayTest, waitsForItsReader) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    EXPECT_TRUE(eventually([&] { return host->replays().counts().waiting == 1; }));
    EXPECT_EQ(host->replays().counts().events, 2u);
    EXPECT_EQ(host->replays().counts().running, 1u);
    EXPECT_EQ(readAll(), "0 1 2 3 4 5 6 7 8 9");
}

TEST_F(InputReplayTest, endsWhenNobodyWantsItAnyMore) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    EXPECT_TRUE(eventually([&] { return host->replays().counts().waiting == 1; }));
    reader.reset();
    EXPECT_TRUE(eventually([&] { return status().replays.running == 0; }));
    EXPECT_EQ(host->replays().counts().running, 0u);
    EXPECT_EQ(status().counts.breaches, 0u);
}

TEST_F(InputReplayTest, isSharedByThoseWhoWantTheSame) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    std::unique_ptr<ReplayReader> other;
    EXPECT_TRUE(ask(other).empty());
    EXPECT_EQ(host->replays().counts().running, 1u);
    EXPECT_EQ(host->replays().counts().shared, 1u);
    EXPECT_EQ(reader->log(), other->log());
    std::unique_ptr<ReplayReader> later;
    EXPECT_TRUE(eventually([&] { return !reader->view().items.empty(); }));
    reader->release(1);
    EXPECT_EQ(other->view().items.front()->event.place, Place{});
}

TEST_F(InputReplayTest, refusesWhatIsBeyondItsBound) {
    bounds.replaysMax = 1;
    bounds.log.eventsMax = 1;
    open("");
    ask(reader, 0);
    std::unique_ptr<ReplayReader> other;
    const std::vector<std::string> others{"others"};
    const LaneIndex lane = hub.lanes()->families.front().lanes.front();
    const std::vector<ReplayLeg> legs{{lane, {}, {{10, 0}, 0}}};
    const auto refused = host->replays().replay({others, legs, nullptr}, other);
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].second, GapReason::Busy);
    EXPECT_EQ(other, nullptr);
    EXPECT_EQ(host->replays().counts().refusedBusy, 1u);
    reader.reset();
    EXPECT_TRUE(host->replays().replay({others, legs, nullptr}, other).empty());
}

TEST_F(InputReplayTest, goesOnWithTheNextInstanceWhereTheLastOneFailed) {
    open("falls");
    ask(reader);
    EXPECT_EQ(readAll(), "0 1 2 3 4 5 6 7 8 9");
    EXPECT_GE(status().counts.restarts, 1u);
}

TEST_F(InputReplayTest, mapsWithTheMappingsInForce) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    EXPECT_TRUE(eventually([&] { return host->replays().counts().waiting == 1; }));
    // A reload waits for no reader.
    EXPECT_TRUE(host->reload(inputs, library(), table("elsewhere")));
    const std::string text = readAll();
    EXPECT_EQ(text.substr(0, 5), "0 1 2") << "what was mapped before";
    EXPECT_EQ(text.find('9'), std::string::npos) << text;
}

TEST_F(InputReplayTest, isGivenUpWithAnInputThatIsRemoved) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    EXPECT_TRUE(eventually([&] { return host->replays().counts().waiting == 1; }));
    EXPECT_TRUE(host->reload({}, library(), table("all")));
    EXPECT_EQ(readAll(), "0 1 failed");
    std::unique_ptr<ReplayReader> other;
    EXPECT_EQ(ask(other).size(), 1u) << "and nobody can read it any more";
    EXPECT_EQ(other, nullptr);
}

TEST_F(InputReplayTest, stopsWhileAReplayWaits) {
    bounds.log.eventsMax = 2;
    open("");
    ask(reader);
    EXPECT_TRUE(eventually([&] { return host->replays().counts().waiting == 1; }));
    host->stop(5s);
    EXPECT_FALSE(host->gaveUp());
    EXPECT_FALSE(reader->view().legs.empty()) << "the next node may be asked: nothing is told";
}

// -- plugins that misbehave

TEST_F(InputReplayTest, aPluginThatRefusesEndsInAToldGap) {
    open("refuses");
    ask(reader);
    EXPECT_EQ(readAll(), "failed");
    EXPECT_EQ(status().replays.failed, 1u);
    EXPECT_EQ(status().health.state, InputState::Running) << "the input goes on";
}

TEST_F(InputReplayTest, aPluginThatFailsInTheMiddleToo) {
    open("fails");
    ask(reader);
    EXPECT_EQ(readAll(), "0 failed");
    EXPECT_EQ(status().counts.breaches, 0u);
}

TEST_F(InputReplayTest, aPluginThatNeverAnswersToo) {
    patience = 200ms;
    open("silent");
    ask(reader);
    EXPECT_EQ(readAll(), "failed");
    EXPECT_EQ(status().replays.timedOut, 1u);
}

TEST_F(InputReplayTest, aPluginThatSendsTheSameTwiceToo) {
    open("goesBack");
    ask(reader);
    EXPECT_EQ(readAll(), "0 failed");
    EXPECT_EQ(status().counts.breaches, 1u);
}

TEST_F(InputReplayTest, aPluginThatSpeaksOfAnotherLaneToo) {
    open("wrongLane");
    ask(reader);
    EXPECT_EQ(readAll(), "0 failed");
    EXPECT_EQ(status().counts.breaches, 1u);
}

}  // namespace
}  // namespace sluice
