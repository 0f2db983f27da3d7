#include <gtest/gtest.h>

#include "ManualClock.h"
#include "input/CText.h"
#include "input/PluginRun.h"

namespace sluice {
namespace {

class Heard final : public PluginRunListener {
  public:
    void health(InputState state, std::string_view code, std::string_view text,
                std::uint32_t) noexcept override {
        states.push_back(std::string{nameOf(state)} + " " + std::string{code} + " " +
                         std::string{text});
    }
    void plain() noexcept override { isPlain = true; }
    void plainExcept(const std::vector<std::string>& patterns) noexcept override {
        plainBut = patterns;
    }
    void pluginLog(std::uint32_t, std::string_view text) noexcept override {
        lines.emplace_back(text);
    }
    bool sought(std::uint64_t question, std::string_view family,
                std::vector<Position> positions) override {
        answers.push_back(std::to_string(question) + " " + std::string{family} + " " +
                          std::to_string(positions.size()));
        return question == 1;
    }
    void breach(std::string_view how) noexcept override { breaches.emplace_back(how); }

    std::vector<std::string> states, lines, breaches, answers;
    bool isPlain = false;
    std::vector<std::string> plainBut;
};

class PluginRunTest : public testing::Test {
  protected:
    static InputOptions options() {
        InputOptions options;
        options.name = "in";
        options.settings.mark = {"a.yaml", 2, 3};
        options.settings.set("brokers", "b:9092").mark = {"a.yaml", 4, 5};
        return options;
    }
    static std::shared_ptr<const MappingTable> table() {
        MappingOptions options;
        options.rules.push_back({"in", "t", "c", "", "", {}});
        const std::vector<MappingInput> inputs{{"in", '.'}};
        std::vector<MappingError> errors;
        return MappingTable::compile(options, inputs, errors);
    }
    sluice_result push(std::uint64_t replayId = 0) {
        sluice_message message{};
        message.size = sizeof message;
        message.topic = textOf("t");
        return host.push(host.context, replayId, &message, 1);
    }

    ManualClock clock;
    Hub hub{{}, clock};
    MappingsInForce mappings{table(), hub};
    Intake intake{"in", hub, mappings, clock, [](auto, const auto&) {}};
    const InputOptions given = options();
    Heard heard;
    PluginRun run{given, &intake, heard};
    const sluice_host host = run.table();
};

TEST_F(PluginRunTest, tellsTheNameOfTheInput) {
    EXPECT_EQ(viewOf(host.input), "in");
}

TEST_F(PluginRunTest, letsMessagesInOnlyWhileItIsOpen) {
    EXPECT_EQ(push(), SLUICE_INVALID);
    run.open();
    EXPECT_EQ(push(), SLUICE_OK);
    run.close();
    EXPECT_EQ(push(), SLUICE_CLOSING);
    EXPECT_EQ(hub.counts().appended, 1u);
    EXPECT_EQ(heard.breaches,
              (std::vector<std::string>{"called push before start", "called push after stop"}));
    EXPECT_EQ(intake.counters().counts().breaches, 2u);
}

TEST_F(PluginRunTest, nothingElseGetsInAfterStop) {
    run.open();
    run.close();
    host.health(host.context, SLUICE_STATE_RUNNING, {}, {}, 0);
    host.log(host.context, SLUICE_LOG_INFO, textOf("x"));
    EXPECT_EQ(host.lanes(host.context, textOf("t"), 1, {}, {}, nullptr, 0), SLUICE_CLOSING);
    EXPECT_EQ(host.at(host.context, 0, {}, {}), SLUICE_CLOSING);
    EXPECT_EQ(host.lost(host.context, 0, {}, {}, {}, 0), SLUICE_CLOSING);
    EXPECT_TRUE(heard.states.empty());
    EXPECT_TRUE(heard.lines.empty());
    EXPECT_EQ(heard.breaches.size(), 5u);
}

TEST_F(PluginRunTest, refusesReplaysThatNobodyAskedFor) {
    run.open();
    EXPECT_EQ(push(7), SLUICE_INVALID);
    EXPECT_EQ(hub.counts().appended, 0u);
}

TEST_F(PluginRunTest, passesOnWhereLanesStood) {
    const sluice_position places[] = {{3, 0}, {4, 0}};
    EXPECT_EQ(host.sought(host.context, 1, textOf("t"), places, 2), SLUICE_INVALID);
    run.open();
    EXPECT_EQ(host.sought(host.context, 1, textOf("t"), places, 2), SLUICE_OK);
    EXPECT_EQ(host.sought(host.context, 1, textOf("t"), nullptr, 0), SLUICE_OK);
    EXPECT_EQ(host.sought(host.context, 2, textOf("t"), places, 1), SLUICE_INVALID);
    EXPECT_EQ(heard.answers, (std::vector<std::string>{"1 t 2", "1 t 0", "2 t 1"}));
    EXPECT_EQ(heard.breaches.size(), 1u) << "an answer may come too late";
    EXPECT_EQ(host.sought(host.context, 1, textOf("t"), nullptr, 2), SLUICE_INVALID);
    EXPECT_EQ(heard.breaches.size(), 2u);
}

TEST_F(PluginRunTest, passesStatesOnAndRefusesUnknownOnes) {
    run.open();
    host.health(host.context, SLUICE_STATE_DEGRADED, textOf("slow"), textOf("it is slow"), 0);
    host.health(host.context, 9, {}, {}, 0);
    EXPECT_EQ(heard.states, std::vector<std::string>{"degraded slow it is slow"});
    EXPECT_EQ(heard.breaches.size(), 1u);
}

TEST_F(PluginRunTest, readsSettingsByPointer) {
    sluice_text value{};
    EXPECT_EQ(host.setting(host.context, "/brokers", &value), 1);
    EXPECT_EQ(viewOf(value), "b:9092");
    EXPECT_EQ(host.setting(host.context, "/none", &value), 0);
    EXPECT_EQ(host.setting(host.context, "", &value), 0);
    EXPECT_EQ(host.setting_count(host.context, ""), 1u);
    EXPECT_EQ(host.setting_key(host.context, "", 0, &value), 1);
    EXPECT_EQ(viewOf(value), "brokers");
    EXPECT_EQ(host.setting_key(host.context, "", 1, &value), 0);
    EXPECT_EQ(host.setting(host.context, nullptr, &value), 0);
}

TEST_F(PluginRunTest, placesSettingErrorsWhereTheSettingStandsOrBelongs) {
    host.setting_error(host.context, "/brokers", textOf("bad"), textOf("is bad"), textOf("do"));
    host.setting_error(host.context, "/tls/ca", textOf("missing"), textOf("is missing"), {});
    const std::vector<SettingError> errors = run.settingErrors();
    ASSERT_EQ(errors.size(), 2u);
    EXPECT_EQ(errors[0].mark.line, 4u);
    EXPECT_EQ(errors[1].mark.line, 2u);
    run.open();
    host.setting_error(host.context, "/brokers", {}, {}, {});
    EXPECT_EQ(run.settingErrors().size(), 2u);
    EXPECT_EQ(heard.breaches.size(), 1u);
}

TEST_F(PluginRunTest, plainIsSaidInsideOpenOnly) {
    host.plain(host.context);
    EXPECT_TRUE(heard.isPlain);
    const sluice_text patterns[] = {textOf("orders"), textOf("carts:{region}")};
    host.plain_except(host.context, patterns, 2);
    EXPECT_EQ(heard.plainBut, (std::vector<std::string>{"orders", "carts:{region}"}));
    run.open();
    host.plain(host.context);
    host.plain_except(host.context, patterns, 2);
    EXPECT_EQ(heard.breaches.size(), 2u);
}

}  // namespace
}  // namespace sluice
