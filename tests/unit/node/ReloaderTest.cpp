#include <gtest/gtest.h>

#include "node/ReloadHandler.h"
#include "node/Reloader.h"

namespace sluice {
namespace {

using State = ReloadAnswer::State;

CheckedSettings checked(const std::string& text) {
    const LoadResult file = load("a.yaml", text, {});
    CheckedSettings settings;
    settings.settings = file.settings;
    settings.findings.add(file);
    std::vector<MappingError> errors;
    if (!file.hasErrors())
        settings.mappings = MappingTable::compile(file.settings.mappings, {}, errors);
    return settings;
}

/// A node without inputs whose file is what the test says.
class ReloaderTest : public testing::Test {
  protected:
    ReloadAnswer reload() { return reloader->reload("a test"); }
    void running(const std::string& text) {
        file = text;
        CheckedSettings now = checked(text);
        inputs.emplace(now.settings.inputs, plugins, now.mappings, PublishPolicy{}, InputLimits{},
                       hub, clock);
        reloader.emplace(Reloader::Parts{hub, filters, *inputs, plugins}, now,
                         [this] { return checked(file); });
    }

    std::string file;
    SystemClock clock;
    Hub hub{{}, clock};
    Filters filters{{}, {}};
    PluginLibrary plugins{{}};
    std::optional<InputHost> inputs;
    std::optional<Reloader> reloader;
};

TEST_F(ReloaderTest, doesNothingWhereNothingIsOther) {
    running("channels: {a: {history: {events: 5}}}\n");
    EXPECT_EQ(reload().state, State::Unchanged);
}

TEST_F(ReloaderTest, comparesWithWhatItPutInForce) {
    running("channels: {a: {history: {events: 5}}}\n");
    file = "channels: {a: {history: {events: 6}}}\nlisten: 127.0.0.1:1\n";
    const ReloadAnswer first = reload();
    EXPECT_EQ(first.state, State::Done);
    EXPECT_EQ(first.changes.channels.changed, std::vector<std::string>{"a"});
    const ReloadAnswer second = reload();
    EXPECT_EQ(second.state, State::Unchanged);
    EXPECT_EQ(second.changes.needRestart, std::vector<std::string>{"listen"})
        << "the listener is still the old one";
}

TEST_F(ReloaderTest, changesWhichChannelsTakeFilters) {
    const auto allows = [this] {
        return std::holds_alternative<EventFilterPtr>(filters.obtain("true", {"a"}));
    };
    running("channels: {a: {filter: false}}\n");
    EXPECT_FALSE(allows());
    file = "channels: {a: {filter: true}}\n";
    EXPECT_EQ(reload().changes.channels.changed, std::vector<std::string>{"a"});
    EXPECT_TRUE(allows());
    file = "channels: {b: {}, '{any**}': {filter: true}}\n";
    EXPECT_EQ(reload().state, State::Done);
    EXPECT_TRUE(allows()) << "for the others";
}

TEST_F(ReloaderTest, anInvalidFileChangesNothing) {
    running("");
    file = "chanels: {}\n";
    const ReloadAnswer answer = reload();
    EXPECT_EQ(answer.state, State::Invalid);
    ASSERT_EQ(answer.findings.all().size(), 1u);
    const HttpResponse response = responseOf(answer);
    EXPECT_EQ(response.status, 422);
    EXPECT_NE(response.body.find(R"("problems":[{"file":"a.yaml","line":1,"column":1,)"),
              std::string::npos)
        << response.body;
    EXPECT_EQ(response.body.find(R"({"error":{"code":"invalid-configuration")"), 0u);
}

TEST_F(ReloaderTest, aNodeWithoutAFileHasNothingToReload) {
    running("");
    Reloader withoutFile{{hub, filters, *inputs, plugins}, checked(""), nullptr};
    const ReloadAnswer answer = withoutFile.reload("a test");
    EXPECT_EQ(answer.state, State::NoFile);
    EXPECT_EQ(responseOf(answer).status, 409);
}

TEST_F(ReloaderTest, aNodeThatEndsDoesNotReload) {
    running("");
    inputs->stop(std::chrono::milliseconds{0});
    file = "channels: {a: {history: {events: 6}}}\n";
    EXPECT_EQ(reload().state, State::Ending);
    EXPECT_EQ(responseOf(reload()).status, 503);
}

TEST_F(ReloaderTest, whatGoesWrongIsAnAnswer) {
    running("");
    Reloader broken{{hub, filters, *inputs, plugins}, checked(""), []() -> CheckedSettings {
                        throw std::runtime_error{"the disk is gone"};
                    }};
    const ReloadAnswer answer = broken.reload("a test");
    EXPECT_EQ(answer.state, State::Failed);
    EXPECT_EQ(responseOf(answer).status, 500);
    EXPECT_NE(responseOf(answer).body.find("the disk is gone"), std::string::npos);
}

}  // namespace
}  // namespace sluice
