#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/Patience.h"
#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Kind = RecordedCall::Kind;
using Strings = std::vector<std::string>;

/// A recording that a test writes, line by line.
class RecordingFile {
  public:
    RecordingFile() { add(R"({"kind":"header","version":1,"program":"test","recordedMs":0})"); }
    ~RecordingFile() { std::filesystem::remove(path_); }

    RecordingFile& add(const std::string& line) {
        std::ofstream{path_, std::ios::app} << line << '\n';
        return *this;
    }
    RecordingFile& input(const std::string& name = "in", bool isPlain = false) {
        return add(R"({"kind":"input","input":")" + name + R"(","receivedMs":0,"plain":)" +
                   (isPlain ? "true}" : "false}"));
    }
    RecordingFile& lanes(const std::string& ends, const std::string& rest = R"("words":1)") {
        return add(R"({"kind":"lanes","input":"in","receivedMs":0,"family":"t",)" + rest +
                   R"(,"lanes":)" + ends + "}");
    }
    /// A message of lane 0 whose payload is its position.
    RecordingFile& message(std::uint64_t position, std::int64_t receivedMs = 0,
                           const std::string& input = "in") {
        const std::string number = std::to_string(position);
        return add(R"({"kind":"message","input":")" + input + R"(","receivedMs":)" +
                   std::to_string(receivedMs) + R"(,"topic":"t","lane":0,"position":[)" + number +
                   R"(],"payload":")" + number + "\"}");
    }
    RecordingFile& plain(const std::string& payload, std::int64_t receivedMs = 0) {
        return add(R"({"kind":"message","input":"in","receivedMs":)" + std::to_string(receivedMs) +
                   R"(,"topic":"t","payload":")" + payload + "\"}");
    }
    const std::string& path() const { return path_; }

  private:
    const std::string path_ = [] {
        static int files = 0;
        return std::filesystem::temp_directory_path() /
               ("replay-" + std::to_string(getpid()) + "-" + std::to_string(files++) + ".ndjson");
    }();
};

/// An instance that plays a recording.
struct Player {
    using Settings = std::map<std::string, std::string>;
    explicit Player(const RecordingFile& file, const Settings& settings = {{"/speed", "max"}}) {
        host.set("/file", file.path());
        for (const auto& [pointer, value] : settings) host.set(pointer, value);
    }
    bool start(const std::vector<PluginInstance::Position>& positions = {},
               std::chrono::milliseconds rewind = 0ms) {
        return plugin.open() && plugin.watch({"{all**}"}) && plugin.start(positions, rewind);
    }
    /// What came once the recording was played to its end.
    Recording playAll(const std::vector<PluginInstance::Position>& positions = {},
                      std::chrono::milliseconds rewind = 0ms) {
        EXPECT_TRUE(start(positions, rewind));
        EXPECT_TRUE(host.wait([](const Recording& recording) {
            const auto lines = recording.of(Kind::Log);
            return !lines.empty() && lines.back().text.ends_with("were played");
        }));
        plugin.stop();
        EXPECT_EQ(host.breaches(), Strings{});
        return host.recording();
    }

    RecordingHost host;
    PluginInstance plugin{REPLAY, host};
};

TEST(Replay, saysAgainWhatWasSaid) {
    RecordingFile file;
    file.input().lanes(R"([{"low":[0],"end":[9],"start":[2]}])",
                       R"("words":1,"cluster":"c","incarnation":"i")");
    file.add(R"({"kind":"message","input":"in","receivedMs":1,"topic":"t","lane":0,"position":[2],)"
             R"("key":"k","headers":[["a","b"],["n",null]],"timeMs":77,"variables":[["v","w"]],)"
             R"("payload":"p"})");
    file.add(R"({"kind":"message","input":"in","receivedMs":1,"topic":"t","lane":0,"position":[3],)"
             R"("tombstone":true})");
    file.add(R"({"kind":"lost","input":"in","receivedMs":1,"family":"t","lane":0,"to":[6],)"
             R"("reason":"lost"})");
    file.add(R"({"kind":"at","input":"in","receivedMs":1,"family":"t","lane":0,"position":[8]})");
    file.add(R"({"kind":"health","input":"in","receivedMs":1,"state":"failed","code":"refused",)"
             R"("text":"gone"})");
    const Recording played = Player{file}.playAll();

    const auto lanes = played.of(Kind::Lanes);
    ASSERT_EQ(lanes.size(), 1u);
    EXPECT_EQ(lanes[0].cluster, "c");
    EXPECT_EQ(lanes[0].incarnation, "i");
    EXPECT_EQ(lanes[0].ends[0].start.first, 2u);
    EXPECT_EQ(lanes[0].ends[0].end.first, 8u) << "the end of what the recording has";
    ASSERT_EQ(played.messages.size(), 2u);
    const RecordedMessage& message = played.messages[0];
    EXPECT_EQ(message.key, "k");
    EXPECT_EQ(message.payload, "p");
    EXPECT_EQ(message.timeMs, 77);
    ASSERT_EQ(message.headers.size(), 2u);
    EXPECT_EQ(message.headers[1].second, std::nullopt);
    EXPECT_EQ(message.variables.at("v"), "w");
    EXPECT_EQ(message.position.first, 2u);
    EXPECT_EQ(played.messages[1].payload, std::nullopt);
    ASSERT_EQ(played.of(Kind::Lost).size(), 1u);
    EXPECT_EQ(played.of(Kind::Lost)[0].to.first, 6u);
    EXPECT_EQ(played.of(Kind::Lost)[0].messagesBefore, 2u);
    EXPECT_EQ(played.of(Kind::At)[0].to.first, 8u);
    EXPECT_EQ(played.health(), "3 refused") << "what was recorded failed, not the playback";
}

TEST(Replay, messagesWithoutPositionsMakeAPlainInstance) {
    RecordingFile file;
    file.input("in", true).plain("one").plain("two");
    const Recording played = Player{file}.playAll();
    EXPECT_EQ(played.of(Kind::Plain).size(), 1u);
    ASSERT_EQ(played.messages.size(), 2u);
    EXPECT_FALSE(played.messages[0].hasLane);
    EXPECT_EQ(played.messages[1].payload, "two");
}

TEST(Replay, keepsThePaceDividedBySpeed) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])").message(0, 1'000).message(1, 3'000).message(2, 5'000);
    const auto began = std::chrono::steady_clock::now();
    Player{file, {{"/speed", "10"}}}.playAll();
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 400ms);
    EXPECT_LT(took, 4s * kPatience);
}

TEST(Replay, goesOnAtPositionsAndPassesOverWhatWasBefore) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]},{"start":[0]}])");
    for (std::uint64_t n = 0; n < 10; ++n) {
        file.message(n, static_cast<std::int64_t>(n) * 3'600'000);
        file.add(R"({"kind":"message","input":"in","receivedMs":)" + std::to_string(n * 3'600'000) +
                 R"(,"topic":"t","lane":1,"position":[)" + std::to_string(n) +
                 R"(],"payload":"x"})");
    }
    Player player{file, {{"/speed", "1"}}};
    // Hours of recording lie before these places: nobody waits for them.
    ASSERT_TRUE(player.start({{"t", 0, 8}, {"t", 1, 9}}));
    ASSERT_TRUE(player.host.waitForMessages(1));
    player.plugin.stop();
    EXPECT_EQ(player.host.recording().payloads("t", 0), Strings{"8"});
    EXPECT_EQ(player.host.breaches(), Strings{});
    const Recording rest = Player{file}.playAll({{"t", 0, 8}, {"t", 1, 9}});
    EXPECT_EQ(rest.payloads("t", 0), (Strings{"8", "9"}));
    EXPECT_EQ(rest.payloads("t", 1), Strings{"x"});
    EXPECT_EQ(rest.of(Kind::Lanes)[0].ends[0].start.first, 8u);
}

TEST(Replay, anEarlierIncarnationDoesNotComeBackAtARestart) {
    RecordingFile file;
    file.input()
        .lanes(R"([{"start":[0]}])", R"("words":1,"incarnation":"old")")
        .message(0)
        .lanes(R"([{"start":[0]}])", R"("words":1,"incarnation":"new")");
    for (std::uint64_t n = 0; n < 5; ++n) file.message(n);
    const auto lanes = Player{file}.playAll({{"t", 0, 3}}).of(Kind::Lanes);
    ASSERT_EQ(lanes.size(), 1u);
    EXPECT_EQ(lanes[0].incarnation, "new");
}

TEST(Replay, aLoopGoesOnWithGrowingPositions) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[5]}])").message(5).message(7);
    Player player{file, {{"/speed", "max"}, {"/loop", "true"}}};
    ASSERT_TRUE(player.start());
    ASSERT_TRUE(player.host.waitForMessages(6));
    player.plugin.stop();
    EXPECT_EQ(player.host.breaches(), Strings{});
    const auto messages = player.host.recording().messages;
    std::vector<std::uint64_t> positions;
    for (std::size_t i = 0; i < 6; ++i) positions.push_back(messages[i].position.first);
    EXPECT_EQ(positions, (std::vector<std::uint64_t>{5, 7, 8, 10, 11, 13}));
    EXPECT_EQ(messages[4].payload, "5");

    Player again{file, {{"/speed", "max"}, {"/loop", "true"}}};
    ASSERT_TRUE(again.start({{"t", 0, 10}}));
    ASSERT_TRUE(again.host.waitForMessages(2));
    again.plugin.stop();
    EXPECT_EQ(again.host.recording().messages[0].position.first, 10u);
    EXPECT_EQ(again.host.recording().messages[1].position.first, 11u);
}

TEST(Replay, aLoopOfTwoWordsGrowsInTheFirst) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[100,0]}])", R"("words":2)");
    for (const char* place : {"[100,1]", "[100,2]", "[104,0]"})
        file.add(R"({"kind":"message","input":"in","receivedMs":0,"topic":"t","lane":0,)"
                 R"("position":)" +
                 std::string{place} + R"(,"payload":""})");
    Player player{file, {{"/speed", "max"}, {"/loop", "true"}}};
    ASSERT_TRUE(player.start());
    ASSERT_TRUE(player.host.waitForMessages(6));
    player.plugin.stop();
    EXPECT_EQ(player.host.breaches(), Strings{});
    EXPECT_EQ(player.host.recording().messages[3].position.first, 105u);
    EXPECT_EQ(player.host.recording().messages[3].position.second, 1u);
}

TEST(Replay, startsLiveSoFarBeforeTheEndAsRewindSays) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])");
    for (std::uint64_t n = 0; n < 10; ++n) file.message(n, static_cast<std::int64_t>(n) * 1'000);
    const Recording played = Player{file, {{"/speed", "max"}, {"/start", "live"}}}.playAll({}, 3s);
    EXPECT_EQ(played.payloads("t", 0), (Strings{"6", "7", "8", "9"}));
    EXPECT_EQ(played.of(Kind::Lanes)[0].ends[0].start.first, 6u);
}

TEST(Replay, answersWithWhatTheRecordingHas) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[3]}])").message(3, 0).message(9, 3'600'000);
    Player player{file, {{"/speed", "1"}}};
    ASSERT_TRUE(player.start());
    ASSERT_TRUE(player.host.waitForMessages(1));
    ASSERT_TRUE(player.plugin.query({"t", "other"}));
    player.plugin.stop();
    const auto lanes = player.host.recording().of(Kind::Lanes);
    ASSERT_EQ(lanes.size(), 3u);
    EXPECT_EQ(lanes[1].ends[0].low.first, 3u);
    EXPECT_EQ(lanes[1].ends[0].end.first, 10u) << "also what is not played yet";
    EXPECT_TRUE(lanes[2].ends.empty());
}

TEST(Replay, aMalformedLineIsAStateWithItsNumber) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])").message(0);
    file.add(R"({"kind":"message","input":"in","topic":"t"})").message(1);
    Player player{file};
    ASSERT_TRUE(player.start());
    ASSERT_TRUE(player.host.waitForHealth(SLUICE_STATE_FAILED, "malformed"));
    EXPECT_NE(player.host.recording().of(Kind::Health).back().text.find("line 5: "),
              std::string::npos);
    EXPECT_TRUE(player.host.recording().messages.empty());
}

TEST(Replay, aLastLineThatWasCutIsLeftOut) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])").message(0);
    std::ofstream{file.path(), std::ios::app} << R"({"kind":"message","inp)";
    EXPECT_EQ(Player{file}.playAll().messages.size(), 1u);
}

TEST(Replay, severalInputsWantAChoice) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])").message(0).input("more");
    file.add(R"({"kind":"lanes","input":"more","family":"t","words":1,"lanes":[{"start":[7]}]})");
    file.message(7, 0, "more");
    Player undecided{file};
    ASSERT_TRUE(undecided.start());
    ASSERT_TRUE(undecided.host.waitForHealth(SLUICE_STATE_FAILED, "malformed"));
    EXPECT_NE(undecided.host.recording().of(Kind::Health).back().text.find("in and more"),
              std::string::npos);
    const Recording played = Player{file, {{"/speed", "max"}, {"/input", "more"}}}.playAll();
    ASSERT_EQ(played.messages.size(), 1u);
    EXPECT_EQ(played.messages[0].position.first, 7u);
}

TEST(Replay, refusesFilesThatAreNoRecordings) {
    RecordingHost host;
    host.set("/file", "nowhere.ndjson");
    PluginInstance plugin{REPLAY, host};
    EXPECT_TRUE(plugin.check()) << "check touches no file";
    EXPECT_FALSE(plugin.open());
    const auto health = host.recording().of(Kind::Health);
    ASSERT_FALSE(health.empty());
    EXPECT_NE(health.back().text.find("cannot read nowhere.ndjson"), std::string::npos);
}

TEST(Replay, checksItsSettings) {
    RecordingHost host;
    host.set("/speed", "fast").set("/start", "now").set("/files", "x");
    PluginInstance plugin{REPLAY, host};
    EXPECT_FALSE(plugin.check());
    Strings pointers;
    for (const RecordedCall& error : host.recording().of(Kind::SettingError))
        pointers.push_back(error.code);
    EXPECT_EQ(pointers, (Strings{"/files", "/file", "/speed", "/start"}));
}

TEST(Replay, stopsInTheMiddleOfAPause) {
    RecordingFile file;
    file.input().lanes(R"([{"start":[0]}])").message(0, 0).message(1, 3'600'000);
    Player player{file, {{"/speed", "1"}}};
    ASSERT_TRUE(player.start());
    ASSERT_TRUE(player.host.waitForMessages(1));
    EXPECT_LT(player.plugin.stop(), 2s * kPatience);
    EXPECT_EQ(player.host.recording().messages.size(), 1u);
}

}  // namespace
}  // namespace sluice::test
