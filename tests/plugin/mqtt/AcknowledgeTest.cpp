#include <fstream>
#include <set>

#include "mqtt/MqttFixture.h"
#include "support/ChildProcess.h"

namespace sluice::test {
namespace {

/// A process is killed inside the push of a message: whether the broker was told that it has it is
/// seen by what comes to the next process of the same client id.
class MqttAcknowledge : public MqttTest {
  protected:
    static constexpr int kCount = 500;

    /// What was written before the end.
    std::vector<std::string> writtenWhenKilledAt(int number, const std::string& qos,
                                                 const std::string& version) {
        ChildProcess program;
        const std::string output = (program.folder().path() / "output").string();
        program.start({SLUICE_TEST_DIES_IN_PUSH, SLUICE_TEST_PLUGIN_MQTT, output,
                       std::to_string(number), "/broker=" + broker_.uri(), "/client_id=reader",
                       "/qos=" + qos, "/version=" + version});
        program.waitUntil("a subscription", [&] {
            return broker_.log().find("SUBSCRIBE from reader") != std::string::npos;
        });
        MqttClient(broker_.port()).publishNumbers("t", 0, kCount, 2);
        EXPECT_EQ(program.wait(), 128 + SIGKILL);
        return linesOf(output);
    }
    static std::vector<std::string> linesOf(const std::string& path) {
        std::vector<std::string> lines;
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }
    /// What the next process of that id is given.
    std::vector<std::string> restOf(const std::string& qos, const std::string& version) {
        host_.set("/client_id", "reader").set("/qos", qos).set("/version", version);
        const auto plugin = run(host_, broker_.uri(), {"t"});
        EXPECT_TRUE(waitForPayload(host_, std::to_string(kCount - 1)));
        return payloads(host_, "t");
    }
    MosquittoProcess broker_;
};

using Parameters = std::tuple<const char*, const char*>;
class MqttAcknowledgeAll : public MqttAcknowledge,
                           public ::testing::WithParamInterface<Parameters> {};

INSTANTIATE_TEST_SUITE_P(Qos, MqttAcknowledgeAll,
                         ::testing::Values(Parameters{"1", "5"}, Parameters{"1", "3.1.1"},
                                           Parameters{"2", "5"}),
                         [](const auto& given) {
                             return "qos" + std::string(std::get<0>(given.param)) + "v" +
                                    std::string(std::get<1>(given.param)).substr(0, 1);
                         });

TEST_P(MqttAcknowledgeAll, theMessageInWhosePushWeDiedComesAgain) {
    const auto [qos, version] = GetParam();
    constexpr int kDiesAt = 200;
    const auto before = writtenWhenKilledAt(kDiesAt, qos, version);
    ASSERT_EQ(runsOf(before), "0-" + std::to_string(kDiesAt - 2));
    const auto after = restOf(qos, version);
    // Those before it may come again too: their acknowledgements may not have left.
    ASSERT_FALSE(after.empty());
    const int first = std::stoi(after.front());
    EXPECT_LE(first, kDiesAt - 1);
    EXPECT_EQ(runsOf(after), std::to_string(first) + "-" + std::to_string(kCount - 1));
}

/// The limit that README.md tells: paho 1.3.12 says PUBREC before it calls back, and what it then
/// has in hand goes with the process.
TEST_F(MqttAcknowledge, qos2Of311IsAcknowledgedBeforeThePush) {
    const auto before = writtenWhenKilledAt(200, "2", "3.1.1");
    const auto after = restOf("2", "3.1.1");
    std::set<std::string> all(before.begin(), before.end());
    all.insert(after.begin(), after.end());
    EXPECT_LT(all.size(), static_cast<std::size_t>(kCount));
}

}  // namespace
}  // namespace sluice::test
