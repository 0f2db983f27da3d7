#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

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

const PluginFile* fileOf(const PluginFolder& folder, std::string_view name) {
    for (const PluginFile& file : folder.files)
        if (file.name == name) return &file;
    return nullptr;
}

TEST(PluginSurvey, tellsOfEveryFolderWhatItHasAndWhatIsWrongWithIt) {
    const auto folders = library().survey();
    ASSERT_EQ(folders.size(), 3u);
    EXPECT_EQ(folders[0].error, "there is no such folder");
    EXPECT_TRUE(folders[1].error.empty());
    const PluginFile* const otherAbi = fileOf(folders[1], "otherAbi");
    ASSERT_TRUE(otherAbi);
    EXPECT_EQ(otherAbi->plugin, nullptr);
    EXPECT_TRUE(contains(otherAbi->error, "versions 7 to 9"));
    EXPECT_FALSE(contains(otherAbi->error, "otherAbi.so"));
    EXPECT_TRUE(contains(fileOf(folders[1], "noSymbol")->error, "'sluice_plugin'"));
    ASSERT_TRUE(fileOf(folders[2], "ticker"));
    EXPECT_EQ(fileOf(folders[2], "ticker")->plugin, &library().load("ticker"));
}

TEST(PluginSurvey, looksAtOneNameOnlyWhenItIsGiven) {
    const auto folders = library().survey("ticker");
    ASSERT_EQ(folders.size(), 3u);
    EXPECT_TRUE(folders[1].files.empty());
    EXPECT_EQ(folders[2].files.size(), 1u);
}

TEST(PluginSurvey, namesTheFileThatComesFirst) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("survey-" + std::to_string(getpid()));
    fs::create_directory(folder);
    fs::copy_file(GOOD_PLUGINS "/ticker.so", folder / "ticker.so");
    std::ofstream{folder / "broken.so"} << "no library at all";
    std::ofstream{folder / "README.md"} << "no plugin";
    PluginLibrary own{{GOOD_PLUGINS, folder, GOOD_PLUGINS "/."}};
    const auto folders = own.survey();
    fs::remove_all(folder);
    ASSERT_EQ(folders[1].files.size(), 2u);
    const PluginFile* const shadowed = fileOf(folders[1], "ticker");
    EXPECT_EQ(shadowed->plugin, nullptr);
    EXPECT_EQ(shadowed->shadowedBy, fs::path{GOOD_PLUGINS "/ticker.so"});
    EXPECT_TRUE(contains(fileOf(folders[1], "broken")->error, "cannot be loaded"));
    EXPECT_EQ(folders[2].error, "was searched already");
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
