#include <cstdlib>

#include <gtest/gtest.h>

#include "input/Plugin.h"
#include "input/PluginRun.h"

namespace sluice {
namespace {

PluginLibrary& library() {
    static PluginLibrary library{{"nowhere", BAD_PLUGINS, GOOD_PLUGINS}};
    return library;
}

std::string errorOf(std::string_view name) {
    try {
        library().load(name);
    } catch (const PluginError& error) {
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(PluginLibrary, loadsAPluginOnce) {
    const Plugin& ticker = library().load("ticker");
    EXPECT_EQ(ticker.name, "ticker");
    EXPECT_TRUE(ticker.replayable);
    EXPECT_EQ(ticker.separator, '.');
    EXPECT_EQ(&library().load("ticker"), &ticker);
}

TEST(PluginLibrary, saysWhereItLookedForAMissingPlugin) {
    const std::string error = errorOf("kafkaa");
    EXPECT_TRUE(contains(error, "kafkaa"));
    EXPECT_TRUE(contains(error, "nowhere/kafkaa.so"));
    EXPECT_TRUE(contains(error, BAD_PLUGINS "/kafkaa.so"));
    EXPECT_TRUE(contains(error, "SLUICE_PLUGIN_PATH"));
}

TEST(PluginLibrary, explainsAnAbiThatDoesNotFitWithBothRanges) {
    const std::string error = errorOf("otherAbi");
    EXPECT_TRUE(contains(error, "otherAbi.so"));
    EXPECT_TRUE(contains(error, "versions 7 to 9"));
    EXPECT_TRUE(contains(error, "this host speaks version 1"));
}

TEST(PluginLibrary, refusesLibrariesThatAreNoPlugins) {
    EXPECT_TRUE(contains(errorOf("noSymbol"), "'sluice_plugin'"));
    EXPECT_TRUE(contains(errorOf("lacksFunctions"), "stop"));
}

TEST(PluginLibrary, takesNoPathForAName) {
    EXPECT_TRUE(contains(errorOf("../bad/throws"), "is no name of a plugin"));
    EXPECT_TRUE(contains(errorOf(""), "is no name of a plugin"));
}

TEST(PluginLibrary, looksFirstWhereItIsTold) {
    ASSERT_EQ(setenv("SLUICE_PLUGIN_PATH", "/one::/two", 1), 0);
    const auto folders = PluginLibrary::defaultFolders("/zero");
    unsetenv("SLUICE_PLUGIN_PATH");
    ASSERT_EQ(folders.size(), 5u);
    EXPECT_EQ(folders[0], "/zero");
    EXPECT_EQ(folders[1], "/one");
    EXPECT_EQ(folders[2], "/two");
    EXPECT_EQ(folders[3].filename(), "plugins");
    EXPECT_TRUE(contains(folders[4].string(), "lib/sluice/plugins"));
}

TEST(CheckSettings, tellsWhatThePluginRefusesAndWhere) {
    InputOptions options;
    options.settings.set("brokers", "x").mark = {"a.yaml", 3, 7};
    const auto errors = checkSettings(library().load("failsOpen"), options);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].pointer, "/brokers");
    EXPECT_EQ(errors[0].code, "unreadable");
    EXPECT_EQ(errors[0].mark.column, 7u);
}

TEST(CheckSettings, findsNothingWrongWithGoodOnes) {
    InputOptions options;
    options.settings.set("rate", "50");
    EXPECT_TRUE(checkSettings(library().load("ticker"), options).empty());
    options.settings.set("rate", "fast");
    EXPECT_EQ(checkSettings(library().load("ticker"), options).size(), 1u);
}

}  // namespace
}  // namespace sluice
