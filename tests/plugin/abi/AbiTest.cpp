#include <cstring>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "Frozen.h"
#include "input/InputHost.h"
#include "support/Patience.h"
#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::PluginInstance;
using test::RecordedCall;
using test::RecordedMessage;
using test::RecordingHost;
using Kind = RecordedCall::Kind;

std::string fileOf(const std::string& plugin) {
    return ABI_PLUGINS "/" + plugin + ".so";
}

// -- a plugin of then: v1 as its author shipped it; others with structures of other sizes

class OldPlugin : public testing::TestWithParam<const char*> {
  protected:
    OldPlugin() { host_.set("/colour", "red").set("/map/only", "1"); }
    std::vector<std::string> logged() const {
        std::vector<std::string> lines;
        for (const RecordedCall& call : host_.recording().of(Kind::Log)) lines.push_back(call.text);
        return lines;
    }
    RecordingHost host_;
};

TEST_P(OldPlugin, readsItsSettingsAndItsPatterns) {
    PluginInstance plugin{fileOf(GetParam()), host_};
    EXPECT_TRUE(plugin.check());
    ASSERT_TRUE(plugin.open());
    EXPECT_TRUE(plugin.watch({"v1", "a.{x}", "b"}));
    const std::string input{RecordingHost::kInput};
    EXPECT_EQ(logged(), (std::vector<std::string>{"only " + input, "v1! a.{x} b! "}));
}

TEST_P(OldPlugin, reportsWhatIsWrongInThem) {
    RecordingHost host;
    PluginInstance plugin{fileOf(GetParam()), host};
    EXPECT_FALSE(plugin.open());
    const auto errors = host.recording().of(Kind::SettingError);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].code, "/colour");
    EXPECT_EQ(errors[0].text, "missing: is needed; write colour: red");
}

TEST_P(OldPlugin, bringsMessagesWithAllThatTheyHave) {
    PluginInstance plugin{fileOf(GetParam()), host_};
    ASSERT_TRUE(plugin.open());
    ASSERT_TRUE(plugin.start());
    const auto recording = host_.recording();
    ASSERT_EQ(recording.messages.size(), 3u);
    const RecordedMessage& first = recording.messages[0];
    EXPECT_EQ(first.topic, "v1");
    EXPECT_EQ(first.family, "v1");
    EXPECT_EQ(first.lane, 0u);
    EXPECT_EQ(first.position.first, 10u);
    EXPECT_EQ(first.key, "key");
    EXPECT_EQ(first.payload, "one");
    EXPECT_EQ(first.timeMs, 1'700'000'000'000);
    ASSERT_EQ(first.headers.size(), 2u);
    EXPECT_EQ(first.headers[0].first, "tenant");
    EXPECT_EQ(first.headers[0].second, "acme");
    EXPECT_EQ(first.headers[1].second, std::nullopt);
    EXPECT_EQ(first.variables, (std::map<std::string, std::string>{{"colour", "red"}}));
    EXPECT_EQ(recording.messages[1].lane, 1u);
    EXPECT_EQ(recording.messages[1].payload, "two");
    EXPECT_EQ(recording.messages[2].payload, std::nullopt);
    EXPECT_EQ(logged().back(), "pushed");
    EXPECT_TRUE(host_.breaches().empty());
}

TEST_P(OldPlugin, tellsStatesLanesAndLosses) {
    PluginInstance plugin{fileOf(GetParam()), host_};
    ASSERT_TRUE(plugin.open());
    ASSERT_TRUE(plugin.start());
    const auto recording = host_.recording();
    EXPECT_EQ(recording.health(), "2 running");
    const auto lanes = recording.of(Kind::Lanes);
    ASSERT_EQ(lanes.size(), 1u);
    EXPECT_EQ(lanes[0].incarnation, "incarnation");
    ASSERT_EQ(lanes[0].ends.size(), 2u);
    EXPECT_EQ(lanes[0].ends[1].start.first, 20u);
    const auto lost = recording.of(Kind::Lost);
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].to.first, 30u);
    EXPECT_EQ(recording.of(Kind::At).at(0).to.first, 40u);
}

INSTANTIATE_TEST_SUITE_P(Abi, OldPlugin, testing::Values("v1", "v1short", "v1long"),
                         [](const auto& plugin) { return std::string{plugin.param}; });

TEST(OldPluginBinary, isOfTheFrozenHeader) {
    RecordingHost host;
    EXPECT_EQ(PluginInstance(fileOf("v1"), host).table().size, kFrozenSizes.table);
    EXPECT_LT(PluginInstance(fileOf("v1short"), host).table().size, kFrozenSizes.table);
    EXPECT_GT(PluginInstance(fileOf("v1long"), host).table().size, sizeof(sluice_plugin_table));
}

TEST(FrozenHeader, onlyEverGrew) {
    EXPECT_LE(kFrozenSizes.table, sizeof(sluice_plugin_table));
    EXPECT_LE(kFrozenSizes.message, sizeof(sluice_message));
    EXPECT_LE(kFrozenSizes.host, sizeof(sluice_host));
    EXPECT_LE(kFrozenSizes.pattern, sizeof(sluice_pattern));
}

// -- the same in the whole of today's host

class OldPluginInHost : public testing::TestWithParam<const char*> {
  protected:
    void start(const std::string& plugin) {
        InputOptions input;
        input.name = "in";
        input.plugin = plugin;
        input.settings.set("colour", "red");
        Setting& map = input.settings.set("map", "");
        map.kind = Setting::Kind::Map;
        map.set("only", "1");
        const std::vector<InputOptions> inputs{input};
        MappingOptions options;
        options.rules.push_back(
            {"in", "{topic**}", "{topic}/{headers.tenant}/{colour}", "", "", {}});
        std::vector<MappingError> errors;
        auto table = MappingTable::compile(options, mappingInputs(inputs, library_), errors);
        ASSERT_TRUE(errors.empty());
        host_.emplace(inputs, library_, std::move(table), PublishPolicy{}, InputLimits{}, hub_,
                      clock_);
        host_->start();
    }
    InputStatus status() const { return host_->status().front(); }
    /// The plugin pushes inside start(), which the host does not wait for.
    bool eventually(const std::function<bool()>& holds) const {
        const auto until = std::chrono::steady_clock::now() + 20s * test::kPatience;
        while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        return holds();
    }

    PluginLibrary library_{{ABI_PLUGINS}};
    SystemClock clock_;
    Hub hub_{{}, clock_};
    std::optional<InputHost> host_;
};

TEST_P(OldPluginInHost, runsAsItAlwaysDid) {
    start(GetParam());
    EXPECT_TRUE(eventually([&] { return status().counts.lost == 1; }));  // comes after the push
    EXPECT_EQ(status().health.state, InputState::Running);
    EXPECT_EQ(status().version, "2026");
    EXPECT_TRUE(status().replayable);
    EXPECT_EQ(status().lanes, 2u);
    EXPECT_EQ(status().counts.mapped, 3u);
    EXPECT_EQ(status().counts.breaches, 0u);
    EXPECT_EQ(status().counts.restarts, 0u);
    EXPECT_EQ(hub_.counts().appended, 3u);
    EXPECT_EQ(hub_.channels("v1/acme/red", 10).size(), 1u);
    host_->stop(1s);
    EXPECT_EQ(status().health.state, InputState::Stopped);
    EXPECT_FALSE(host_->gaveUp());
}

INSTANTIATE_TEST_SUITE_P(Abi, OldPluginInHost, testing::Values("v1", "v1short", "v1long"),
                         [](const auto& plugin) { return std::string{plugin.param}; });

TEST_F(OldPluginInHost, messagesThatLackFieldsAreRefusedAndNothingElse) {
    start("v1shortMessages");
    EXPECT_TRUE(eventually([&] { return status().counts.lost == 1; }));
    EXPECT_EQ(status().counts.received, 0u);
    EXPECT_EQ(status().counts.breaches, 1u);
    EXPECT_EQ(status().health.state, InputState::Running);
    EXPECT_EQ(status().lanes, 2u);
}

// -- a plugin of today in hosts of other days

class OtherHost : public testing::Test {
  protected:
    /// The recording host's table with another size: what is beyond it is no pointer to anything.
    void open(std::size_t size) {
        std::memset(&given_, 0x5a, sizeof given_);
        std::memcpy(&given_.host, host_.table(), std::min(size, sizeof given_.host));
        given_.host.size = static_cast<std::uint32_t>(size);
        ASSERT_EQ(plugin_.table().open(&given_.host, &instance_), 0);
    }
    void TearDown() override {
        if (instance_) plugin_.table().close(instance_);
    }
    /// Gives two patterns, each of so many bytes.
    std::vector<std::string> watched(std::size_t size) {
        std::vector<std::uint64_t> memory(2 * size / sizeof(std::uint64_t) + 1, 0x5a5a5a5a5a5a5a5a);
        auto* bytes = reinterpret_cast<char*>(memory.data());
        for (const std::string_view text : {std::string_view{"one"}, std::string_view{"two"}}) {
            sluice_pattern pattern{};
            pattern.size = static_cast<std::uint32_t>(size);
            pattern.text = {text.data(), text.size()};
            std::memcpy(bytes, &pattern, std::min(size, sizeof pattern));
            bytes += size;
        }
        const auto* const patterns = reinterpret_cast<const sluice_pattern*>(memory.data());
        EXPECT_EQ(plugin_.table().watch(instance_, patterns, 2), 0);
        std::vector<std::string> lines;
        for (const RecordedCall& call : host_.recording().of(Kind::Log)) lines.push_back(call.text);
        lines.erase(lines.begin());
        return lines;
    }
    std::string firstLine() const { return host_.recording().of(Kind::Log).at(0).text; }

    RecordingHost host_;
    PluginInstance plugin_{fileOf("today"), host_};
    struct {
        sluice_host host;
        std::uint64_t later[8];
    } given_;
    void* instance_ = nullptr;
};

using Lines = std::vector<std::string>;

TEST_F(OtherHost, anOlderOneHasLess) {
    open(offsetof(sluice_host, input));
    EXPECT_EQ(firstLine(), "input ''");
    EXPECT_EQ(watched(offsetof(sluice_pattern, needs)),
              (Lines{"one with headers", "two with headers"}));
}

TEST_F(OtherHost, aNewerOneHasMore) {
    open(sizeof given_);
    EXPECT_EQ(firstLine(), "input '" + std::string{RecordingHost::kInput} + "'");
    EXPECT_EQ(watched(sizeof(sluice_pattern) + 32), (Lines{"one", "two"}));
}

}  // namespace
}  // namespace sluice
